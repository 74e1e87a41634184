using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Parley.Platform.Postgres;

namespace Parley.Testkit;

/// <summary>A PostgreSQL 15 of the distribution, as an operator may bring it: the oldest version that Parley supports.</summary>
public sealed class ForeignPostgres : IAsyncDisposable
{
    private const string Programs = "/usr/lib/postgresql/15/bin";
    private readonly ScratchFolder _scratch = new();
    private readonly ServerAccount _account = ServerAccount.Choose();
    private readonly int _port = FreePort();

    private ForeignPostgres()
    {
    }

    public static bool IsInstalled => File.Exists($"{Programs}/postgres");

    public static async Task<ForeignPostgres> StartAsync(CancellationToken ct)
    {
        var server = new ForeignPostgres();
        await server._account.CreateFolderAsync(server.Cluster, ct);
        await server.RunAsync("initdb", ["-D", server.Cluster, "-U", "admin", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], ct);
        await server.RunAsync("pg_ctl", ["start", "-D", server.Cluster, "-w", "-l", $"{server.Cluster}/log", "-o", $"-p {server._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"], ct);
        return server;
    }

    /// <summary>Makes a database and the role that owns it; returns the connection string that an operator would configure.</summary>
    public async Task<string> CreateDatabaseAsync(string name, string ownerAttributes, CancellationToken ct)
    {
        await using var admin = new NpgsqlConnection(ConnectionString("admin", "postgres"));
        await admin.OpenAsync(ct);
        foreach (var sql in (string[])[$"create role {name}_owner login nosuperuser password 'test' {ownerAttributes}", $"create database {name} owner {name}_owner"])
        {
            await using var command = new NpgsqlCommand(sql, admin);
            await command.ExecuteNonQueryAsync(ct);
        }
        return ConnectionString($"{name}_owner", name);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await RunAsync("pg_ctl", ["stop", "-D", Cluster, "-w", "-m", "immediate"], CancellationToken.None);
        _scratch.Dispose();
    }

    private string Cluster => Path.Combine(_scratch.Path, "foreign");

    private string ConnectionString(string user, string database) => $"Host=127.0.0.1;Port={_port};Username={user};Password=test;Database={database};Pooling=false";

    private async Task RunAsync(string program, string[] arguments, CancellationToken ct)
    {
        // Not through ChildProcess: the server inherits the pipes, and reading them would last as long as it runs.
        var info = ServerAccount.Command(["sh", "-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", .. _account.Words($"{Programs}/{program}", arguments)]);
        using var process = Process.Start(info)!;
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} failed with exit code {process.ExitCode}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
