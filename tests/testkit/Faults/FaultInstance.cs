using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dapper;
using Npgsql;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Postgres;
using Shouldly;

namespace Parley.Testkit.Faults;

/// <summary>What is particular about an instance. Each is told the folder that everything of it is in.</summary>
public sealed record FaultSetting
{
    /// <summary>Further options of <c>up</c>.</summary>
    public Func<string, string[]> Arguments { get; init; } = _ => [];

    /// <summary>Further variables.</summary>
    public (string Name, string Value)[] Environment { get; init; } = [];

    /// <summary>A command that prepares something and then becomes the server.</summary>
    public Func<string, string[]> Around { get; init; } = _ => [];
}

/// <summary>
/// The real binary on a scratch folder and a port that stays, to be killed, stopped and started again while clients talk to it. Every
/// answer's status is counted: a 500 is never right, whatever is being done to the server.
/// </summary>
public sealed partial class FaultInstance : IAsyncDisposable
{
    // What is tested is not how much a client may send.
    private static readonly (string Name, string Value)[] Environment =
    [
        ("Parley__Limits__MessagesPerEndUser", "100000"), ("Parley__Limits__MessagesPerAddress", "1000000"),
        ("Parley__Limits__ConversationsPerEndUser", "100000"), ("Parley__Limits__SessionsPerAddress", "1000000"),
    ];

    private readonly ScratchFolder _scratch = new();
    private readonly string _port = FreePort().ToString(CultureInfo.InvariantCulture);
    private readonly ConcurrentDictionary<HttpStatusCode, int> _statuses = new();
    private readonly HttpClient _http;
    private readonly List<ParleyProcess> _others = [];
    private string _password = "";

    private readonly FaultSetting _setting;

    private FaultInstance(FaultSetting setting) => (_setting, _http) = (setting, ParleyHost.NewClient(new Uri($"http://127.0.0.1:{_port}")));

    public string Data => Path.Combine(_scratch.Path, "data");

    public Uri Address => _http.BaseAddress!;

    public ParleyProcess Process { get; private set; } = null!;

    /// <summary>How often each status was answered.</summary>
    public IReadOnlyDictionary<HttpStatusCode, int> Statuses => _statuses;

    public string WidgetKey { get; private set; } = "";

    /// <summary>Whose requests the local operator makes.</summary>
    public string Tenant { get; set; } = "demo";

    /// <summary>The folder that everything of it is in.</summary>
    public string Folder => _scratch.Path;

    public static async Task<FaultInstance> StartAsync(FaultSetting? setting = null)
    {
        var instance = new FaultInstance(setting ?? new FaultSetting());
        try
        {
            await instance.UpAsync();
            instance._password = Password().Match(instance.Process.Output).Groups[1].Value;
            instance.WidgetKey = (await instance.GetAsync("/v1/widgets")).GetProperty("items")[0].GetProperty("publicKey").GetString()!;
            using var always = await instance.SendAsync(HttpMethod.Put, "/v1/escalations/settings", new
            {
                // Agents are always there, and nobody is called but by request: what is asked again and again would look like despair.
                serviceHours = new { always = true }, rules = new { automatic = false },
            });
            always.EnsureSuccessStatusCode();
            return instance;
        }
        catch
        {
            await instance.DisposeAsync();
            throw;
        }
    }

    public Task UpAsync()
    {
        Launch();
        return Process.ReadyAsync();
    }

    /// <summary>Starts it and does not wait: what it does before it is ready can be looked at in the tables.</summary>
    public void Launch() => Process = ParleyProcess.Launch(ownGroup: true, Data, ["--port", _port, .. _setting.Arguments(_scratch.Path)], [.. Environment, .. _setting.Environment], _setting.Around(_scratch.Path));

    /// <summary>Starts another node of the installation, with its own data folder; returns its address.</summary>
    public async Task<Uri> AddNodeAsync() => (await AddNodeAsync([])).Address;

    /// <param name="arguments">Further options of its <c>up</c>.</param>
    public async Task<ParleyProcess> AddNodeAsync(params string[] arguments)
    {
        var shared = (await File.ReadAllLinesAsync(Path.Combine(Data, "node.env")))
            .Where(line => line.Contains('=', StringComparison.Ordinal) && !line.StartsWith('#')).Select(line => line.Split('=', 2)).Select(p => (Name: p[0], Value: p[1].Trim('\'')));
        var node = await ParleyProcess.UpAsync(ownGroup: true, Path.Combine(_scratch.Path, $"node-{_others.Count + 2}"), arguments, [.. Environment, .. shared]);
        _others.Add(node);
        return node;
    }

    /// <summary>Restarts server and database with a setting of the database that it only takes at its start.</summary>
    public async Task RestartAsync(string setting)
    {
        (await Process.StopAsync()).ShouldBe(0, Tail());
        await File.AppendAllTextAsync(Path.Combine(Data, "postgres", "postgresql.auto.conf"), setting + "\n");
        await UpAsync();
    }

    /// <summary>kill -9, then the next start.</summary>
    public async Task KillAsync()
    {
        await Process.KillAsync();
        await UpAsync();
    }

    /// <summary>A request of the local operator in the demo tenant; the token is new after each start.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null) =>
        SendAsync(_http, Request(method, path, body is null ? null : JsonContent.Create(body)));

    /// <summary>A client with an API key of the demo tenant, for any node.</summary>
    public async Task<HttpClient> KeyedClientAsync(Uri node, params string[] scopes)
    {
        using var made = await SendAsync(HttpMethod.Post, "/v1/api-keys", new { name = $"fault {Guid.CreateVersion7():N}", scopes });
        ((int)made.StatusCode).ShouldBe(201, await made.Content.ReadAsStringAsync());
        var client = ParleyHost.NewClient(node);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("key").GetString());
        return client;
    }

    public Task<HttpResponseMessage> UploadAsync(string path, HttpContent form) => SendAsync(_http, Request(HttpMethod.Post, path, form));

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await SendAsync(HttpMethod.Get, path);
        ((int)response.StatusCode).ShouldBe(200, path);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Sends and counts the status; the body of a 500 is in the failure.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpRequestMessage request)
    {
        using (request)
        {
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Count(response.StatusCode);
            if (response.StatusCode == HttpStatusCode.InternalServerError)
            {
                throw new ShouldAssertException($"{request.Method} {request.RequestUri} answered 500: {await response.Content.ReadAsStringAsync()}\n{Tail()}");
            }
            return response;
        }
    }

    public void Count(HttpStatusCode status) => _statuses.AddOrUpdate(status, 1, (_, n) => n + 1);

    /// <summary>The last lines of the server's log.</summary>
    public string Tail() => string.Join('\n', Process.Output.Split('\n').TakeLast(40));

    /// <summary>The first operator, signed in as an agent.</summary>
    public async Task<HttpClient> AgentAsync()
    {
        var client = ParleyHost.NewClient(Address);
        using var response = await client.PostAsJsonAsync("/v1/auth/sign-in", new { email = "admin@parley.local", password = _password });
        response.EnsureSuccessStatusCode();
        client.DefaultRequestHeaders.Add(Access.CsrfHeader, "1");
        return client;
    }

    /// <summary>Looks at the tables behind the application's back.</summary>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? args = null)
    {
        // Mapping of names and types is the application's.
        System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(DataSources).TypeHandle);
        var owner = EmbeddedPostgres.ConnectionStringOf(Seen(Data)) ?? throw new NpgsqlException("The database does not run.");
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(owner)
        {
            Pooling = false, Options = $"-c role={new DatabaseOptions(owner).DefinerRole}",
        }.ConnectionString);
        await connection.OpenAsync();
        return (await connection.QueryAsync<T>(sql, args)).AsList();
    }

    /// <summary>A path as the server sees it, which may have mounts of its own.</summary>
    public string Seen(string path) => _setting.Around(_scratch.Path).Length == 0 ? path : $"/proc/{Process.Id}/root{path}";

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        foreach (var node in _others) await node.DisposeAsync();
        if (Process is not null) await Process.DisposeAsync();
        await EmbeddedPostgres.StopLeftOverAsync(new EmbeddedPostgresOptions { DataDirectory = Data }, CancellationToken.None);
        _scratch.Dispose();
    }

    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content)
    {
        using var run = JsonDocument.Parse(File.ReadAllBytes(Seen(Path.Combine(Data, "run.json"))));
        var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", run.RootElement.GetProperty("token").GetString());
        request.Headers.Add(LocalOperatorToken.TenantHeader, Tenant);
        return request;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"^Password\s+(\S+)", RegexOptions.Multiline)]
    private static partial Regex Password();
}
