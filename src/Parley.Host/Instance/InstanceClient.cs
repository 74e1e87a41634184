using System.Net.Http.Headers;
using Parley.Platform.Authorization;
using Parley.Platform.Cli;

namespace Parley.Host.Instance;

/// <summary>
/// The way to an instance over HTTP: the one that PARLEY_URL names, the one that runs on the data folder, or one in this process for the
/// duration of a command. Commands are thereby written once.
/// </summary>
internal sealed class InstanceClient : IAsyncDisposable
{
    private static readonly TimeSpan StartupPatience = TimeSpan.FromSeconds(60);
    private readonly LocalInstance? _local;

    private InstanceClient(HttpClient http, LocalInstance? local) => (Http, _local) = (http, local);

    internal HttpClient Http { get; }

    internal static async Task<InstanceClient> ConnectAsync(string data, string tenant, IProgress<string> progress, CancellationToken ct)
    {
        if (Environment.GetEnvironmentVariable("PARLEY_URL") is { Length: > 0 } url)
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var address)) throw new CommandException($"PARLEY_URL is no address: '{url}'.");
            return new InstanceClient(Client(address, Environment.GetEnvironmentVariable("PARLEY_TOKEN"), tenant), null);
        }
        if (await RunningAsync(data, ct) is { } run) return new InstanceClient(Client(run.Url, run.Token, tenant), null);

        var local = await LocalInstance.StartAsync(new LocalInstanceSettings { Data = data }, progress, ct);
        return new InstanceClient(Client(local.Address, local.Token, tenant), local);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_local is not null) await _local.DisposeAsync();
    }

    /// <summary>The instance that holds the folder; one that is just starting is waited for.</summary>
    private static async Task<RunFile?> RunningAsync(string data, CancellationToken ct)
    {
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (DataDirectory.IsLocked(data))
        {
            if (RunFile.Read(data) is { } run) return run;
            if (waited.Elapsed > StartupPatience) throw new CommandException($"Another Parley process has held '{data}' for a minute without serving: stop it, or choose another folder with --data DIR.");
            await Task.Delay(100, ct);
        }
        return null;
    }

    /// <summary>Without credentials.</summary>
    internal static HttpClient Plain(Uri address)
    {
#pragma warning disable RS0030 // The command line talks to its own instance; the guarded factory is for addresses that tenants configure.
        return new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = !address.IsLoopback }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };
#pragma warning restore RS0030
    }

    private static HttpClient Client(Uri address, string? token, string tenant)
    {
        var http = Plain(address);
        if (!string.IsNullOrEmpty(token)) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        http.DefaultRequestHeaders.Add(LocalOperatorToken.TenantHeader, tenant);
        return http;
    }
}
