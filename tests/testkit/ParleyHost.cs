using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Host;
using Parley.Host.Instance;
using Parley.Identity;
using Parley.Platform.Authorization;

namespace Parley.Testkit;

/// <summary>
/// The real application in this process: real Kestrel on a free port, a fresh database, a scratch data folder. Start one per test class;
/// its tests each make a tenant of their own.
/// </summary>
public sealed class ParleyHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ScratchFolder _scratch;
    private readonly bool _ownsDatabase;
    private readonly List<HttpClient> _clients = [];

    private ParleyHost(WebApplication app, TestDatabase database, ShiftableTime time, ScratchFolder scratch, bool ownsDatabase)
    {
        (_app, Database, Time, _scratch, _ownsDatabase) = (app, database, time, scratch, ownsDatabase);
        Address = app.Address();
    }

    public TestDatabase Database { get; }

    /// <summary>Business time; move it forward instead of waiting.</summary>
    public ShiftableTime Time { get; }

    public Uri Address { get; }

    /// <summary>For what cannot be said over HTTP. Tests speak over HTTP where they can.</summary>
    public IServiceProvider Services => _app.Services;

    public string DataDirectory => _scratch.Path;

    /// <param name="postgres">The run's server.</param>
    /// <param name="replace">Replaces services, for example a provider by a double.</param>
    /// <param name="database">An existing database: for a second node, or a restart. It is not disposed with the host.</param>
    /// <param name="role">What this node does.</param>
    public static async Task<ParleyHost> StartAsync(
        PostgresFixture postgres, Action<IServiceCollection>? replace = null, TestDatabase? database = null, NodeRole role = NodeRole.All, CancellationToken ct = default)
    {
        var ownsDatabase = database is null;
        database ??= await postgres.CreateDatabaseAsync(ct);
        var scratch = new ScratchFolder();
        var time = new ShiftableTime();
        var app = ParleyApp.Build(
            new InstanceOptions
            {
                DataDirectory = scratch.Path, Database = database.Options, MasterKey = database.Key, Role = role, LogLevel = LogLevel.Warning,
            },
            services =>
            {
                services.AddSingleton<TimeProvider>(time);
                // Hashing at full cost would only warm the room: the cost has a unit test of its own.
                services.Configure<IdentityOptions>(options => options.PasswordIterations = 1000);
                replace?.Invoke(services);
            });
        try
        {
            await app.StartAsync(ct);
            return new ParleyHost(app, database, time, scratch, ownsDatabase);
        }
        catch
        {
            await app.DisposeAsync();
            if (ownsDatabase) await database.DisposeAsync();
            scratch.Dispose();
            throw;
        }
    }

    /// <summary>A client without credentials; it keeps cookies and follows no redirects.</summary>
    public HttpClient Client(string? bearer = null)
    {
        var client = NewClient(Address);
        if (bearer is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        lock (_clients) _clients.Add(client);
        return client;
    }

    public static HttpClient NewClient(Uri address)
    {
#pragma warning disable RS0030 // Talks to the instance under test only.
        return new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = true }) { BaseAddress = address };
#pragma warning restore RS0030
    }

    /// <summary>The local operator's client, as the command line uses it, acting in a tenant.</summary>
    public HttpClient OperatorClient(string tenantSlug)
    {
        var client = Client(_app.Services.GetRequiredService<LocalOperatorToken>().Value);
        client.DefaultRequestHeaders.Add(LocalOperatorToken.TenantHeader, tenantSlug);
        return client;
    }

    /// <summary>Stops gracefully, as Ctrl-C does; the database stays.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_ownsDatabase) await Database.DisposeAsync();
        _scratch.Dispose();
    }
}
