using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Parley.Platform.Postgres;

/// <summary>
/// Parley's own PostgreSQL server: created on first use, started, watched and stopped by us. Its superuser has no password and cannot log
/// in; we work as <c>parley_owner</c>, who owns the database <c>parley</c> and may create roles and databases.
/// Callers hold the data folder's lock: two of these on one folder at a time are not supported.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    public const string OwnerRole = "parley_owner";
    public const string DatabaseName = "parley";

    /// <summary>A socket's path has 107 bytes at most.</summary>
    private const int LongestSocketPath = 107;
    private const int SocketPort = 5432;
    /// <summary>They separate hosts or values in a connection string.</summary>
    private static readonly SearchValues<char> Separators = SearchValues.Create(",:;@='\"");
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(5); // recovery after a crash may take a while

    private readonly EmbeddedPostgresOptions _options;
    private readonly ServerAccount _account;
    private readonly ILogger _logger;
    private readonly string _binaries;
    private readonly string _data;
    private readonly string _cluster;
    private readonly string _password;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private int _port = SocketPort;

    private EmbeddedPostgres(EmbeddedPostgresOptions options, ServerAccount account, string binaries, string password, ILogger logger)
    {
        (_options, _account, _binaries, _password, _logger) = (options, account, binaries, password, logger);
        _data = options.DataDirectory;
        _cluster = Path.Combine(_data, "postgres");
    }

    /// <summary>Names the owner. A socket where its path is short enough, else 127.0.0.1 and a port of this instance.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = UsesSocket ? _cluster : "127.0.0.1",
        Port = _port,
        Username = OwnerRole,
        Password = _password,
        Database = DatabaseName,
    }.ConnectionString;

    public bool IsRunning => PostmasterFile.Read(_cluster) is { Ready: true } file && file.IsAlive();

    /// <summary>Creates the cluster if there is none, adopts a server that a killed process left behind, else starts one.</summary>
    /// <exception cref="EmbeddedPostgresException">With a one-line cause that the operator can mend.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, ILogger logger, CancellationToken ct)
    {
        options = options with { DataDirectory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.DataDirectory)) };
        var account = ServerAccount.Choose();
        Directory.CreateDirectory(options.DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await account.EnsureReachableAsync(options.DataDirectory, ct);
        var binaries = PostgresBinaries.Prepare(options.Binaries ?? PostgresBinaries.Find(), options.DataDirectory);

        var passwordFile = Path.Combine(options.DataDirectory, "postgres.password");
        var isNew = !File.Exists(passwordFile);
        if (isNew) PrivateFile.Write(passwordFile, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)));
        var server = new EmbeddedPostgres(options, account, binaries, (await File.ReadAllTextAsync(passwordFile, ct)).Trim(), logger);

        server.DeleteHalfMade();
        if (!Directory.Exists(server._cluster)) await server.CreateClusterAsync(ct);
        else if (isNew) await server.ResetPasswordAsync(ct);
        await server.AdoptOrStartAsync(ct);
        return server;
    }

    /// <summary>How to reach the server that another process runs in this folder; null when none runs.</summary>
    public static string? ConnectionStringOf(string dataDirectory)
    {
        var passwordFile = Path.Combine(dataDirectory, "postgres.password");
        if (!File.Exists(passwordFile)) return null;
        var server = new EmbeddedPostgres(new EmbeddedPostgresOptions { DataDirectory = dataDirectory }, new ServerAccount(null, null), "", File.ReadAllText(passwordFile).Trim(), NullLogger.Instance);
        if (PostmasterFile.Read(server._cluster) is not { Ready: true } file || !file.IsAlive()) return null;
        server._port = file.Port;
        return server.ConnectionString;
    }

    /// <summary>Stops the server that a killed process left behind in this folder, if one runs.</summary>
    public static async Task StopLeftOverAsync(EmbeddedPostgresOptions options, CancellationToken ct)
    {
        var binaries = PostgresBinaries.Prepare(options.Binaries ?? PostgresBinaries.Find(), options.DataDirectory);
        var server = new EmbeddedPostgres(options, ServerAccount.Choose(), binaries, "", NullLogger.Instance);
        await server.StopAsync(ct);
    }

    /// <summary>Starts the server unless it runs. Returns whether it had to be started.</summary>
    public Task<bool> EnsureRunningAsync(CancellationToken ct) => IsRunning ? Task.FromResult(false) : AdoptOrStartAsync(ct);

    private async Task<bool> AdoptOrStartAsync(CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            if (PostmasterFile.Read(_cluster) is { } left)
            {
                if (left.IsAlive() && IsOurBinary(left.Pid)) return await AdoptAsync(left, ct);
                if (left.IsAlive()) await StopServerAsync(ct);
                else PostmasterFile.DeleteStale(_cluster);
            }
            for (var attempt = 1; ; attempt++)
            {
                if (!UsesSocket) _port = FreePort();
                if (await TryStartServerAsync(lastAttempt: attempt == 5, ct)) return true;
                await Task.Delay(TimeSpan.FromMilliseconds(300), ct); // a port just taken, or processes of a killed server still ending
            }
        }
        finally { _gate.Release(); }
    }

    /// <summary>Ends sessions, writes a checkpoint and stops. Safe to call when it does not run.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            if (PostmasterFile.Read(_cluster) is { } file && file.IsAlive()) await StopServerAsync(ct);
        }
        finally { _gate.Release(); }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _gate.Dispose();
    }

    private bool UsesSocket =>
        System.Text.Encoding.UTF8.GetByteCount(_cluster) + "/.s.PGSQL.5432".Length <= LongestSocketPath
        && !_cluster.AsSpan().ContainsAny(Separators);

    private string Program(string name) => Path.Combine(_binaries, "bin", name);

    /// <summary>
    /// Builds the cluster aside and renames it when it is whole, so that a kill leaves either nothing or everything. Role and database are
    /// made in single-user mode: no superuser password ever exists.
    /// </summary>
    private async Task CreateClusterAsync(CancellationToken ct)
    {
        var aside = $"{_cluster}.new-{Path.GetRandomFileName()}"; // of its own: initdb outlives a killed process, and cleans up when it fails
        await _account.CreateFolderAsync(aside, ct);
        Log.CreatingCluster(_logger, PostgresBinaries.Version, _cluster);

        var words = _account.Words(Program("initdb"), "-D", aside, "-U", "postgres", "-E", "UTF8", "--locale=C", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--auth=reject", "--no-instructions", "--no-sync");
        (await ChildProcess.RunAsync(ServerAccount.Command(words), null, ct)).EnsureSuccess("initdb");
        await File.WriteAllTextAsync(Path.Combine(aside, "pg_hba.conf"), "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n", ct);
        await RunSingleUserAsync(aside, $"""
            create role {OwnerRole} login createrole createdb password '{_password}'
            create database {DatabaseName} owner {OwnerRole}

            """, ct);
        if (_options.Durable) // once at the end instead of file by file: seconds less on a busy disk
            (await ChildProcess.RunAsync(ServerAccount.Command(_account.Words(Program("initdb"), "-D", aside, "--sync-only", "--sync-method=syncfs")), null, ct)).EnsureSuccess("Writing the cluster to disk");
        Directory.Move(aside, _cluster);
    }

    /// <summary>What a killed process has left. An initdb that still works on it would be met half way: the next start deletes the rest.</summary>
    private void DeleteHalfMade()
    {
        foreach (var folder in Directory.EnumerateDirectories(_data, Path.GetFileName(_cluster) + ".new*"))
        {
            try { Directory.Delete(folder, recursive: true); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { Log.HalfMadeLeft(_logger, folder); }
        }
    }

    /// <summary>The password's file was lost, for example by a restore of the cluster alone.</summary>
    private async Task ResetPasswordAsync(CancellationToken ct)
    {
        await StopAsync(ct);
        PostmasterFile.DeleteStale(_cluster);
        await RunSingleUserAsync(_cluster, $"alter role {OwnerRole} password '{_password}'\n", ct, fsync: true);
    }

    /// <summary>One statement per line. Without fsync: the cluster is not in use yet, and is written to disk as a whole afterwards.</summary>
    private async Task RunSingleUserAsync(string cluster, string statements, CancellationToken ct, bool fsync = false)
    {
        var words = _account.Words(Program("postgres"), "--single", "-D", cluster, "-c", "exit_on_error=true", "-c", $"fsync={(fsync ? "on" : "off")}", "-c", "log_min_error_statement=panic", "postgres");
        (await ChildProcess.RunAsync(ServerAccount.Command(words), statements, ct)).EnsureSuccess("Preparing the database");
    }

    private async Task<bool> TryStartServerAsync(bool lastAttempt, CancellationToken ct)
    {
        var log = Path.Combine(_data, "postgres.log");
        if (File.Exists(log) && new FileInfo(log).Length > 10_000_000) File.Move(log, $"{log}.1", overwrite: true);
        var logStart = File.Exists(log) ? new FileInfo(log).Length : 0;

        // Its own session: a Ctrl-C at the terminal must reach us, not the database below us. Output goes to a file, because whoever reads
        // our own output would otherwise wait for the end of a server that outlives us.
        using var process = Process.Start(ServerAccount.Command(
            ["sh", "-c", "umask 077; log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", log, "setsid", .. _account.Words(Program("postgres"), Settings())]))!;
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (PostmasterFile.Read(_cluster) is { Ready: true } file && file.IsAlive())
            {
                Log.Started(_logger, PostgresBinaries.Version, waited.ElapsedMilliseconds);
                return true;
            }
            if (process.HasExited)
                return lastAttempt ? throw new EmbeddedPostgresException($"PostgreSQL did not start: {ChildProcess.OneLine(ReadFrom(log, logStart))}") : false;
            if (waited.Elapsed > StartTimeout)
                throw new EmbeddedPostgresException($"PostgreSQL was not ready after {StartTimeout.TotalMinutes:0} minutes; see {log}");
            await Task.Delay(10, ct);
        }
    }

    private IEnumerable<string> Settings()
    {
        var settings = new Dictionary<string, string>
        {
            ["listen_addresses"] = UsesSocket ? "" : "127.0.0.1",
            ["unix_socket_directories"] = UsesSocket ? "." : "", // the cluster's own folder, which is closed to others
            ["port"] = _port.ToString(CultureInfo.InvariantCulture),
            ["max_connections"] = _options.MaxConnections.ToString(CultureInfo.InvariantCulture),
            ["timezone"] = "UTC",
            ["log_timezone"] = "UTC",
            ["recovery_init_sync_method"] = "syncfs", // one call instead of one per file before a crash recovery
            ["jit"] = "off", // short statements: compiling costs more than it saves
            // The server's log must hold no customer's words: no statements, no values of violated keys.
            ["log_min_error_statement"] = "panic",
            ["log_error_verbosity"] = "terse",
            ["log_checkpoints"] = "off",
        };
        if (!_options.Durable)
            foreach (var setting in (string[])["fsync", "synchronous_commit", "full_page_writes"]) settings[setting] = "off";
        return ["-D", _cluster, .. settings.SelectMany(s => (string[])["-c", $"{s.Key}={s.Value}"])];
    }

    private async Task<bool> AdoptAsync(PostmasterFile left, CancellationToken ct)
    {
        var waited = Stopwatch.StartNew();
        while (!IsRunning && waited.Elapsed < StartTimeout) await Task.Delay(20, ct); // it may still recover
        if (left.Port > 0) _port = left.Port;
        Log.Adopted(_logger, left.Pid);
        return false;
    }

    private bool IsOurBinary(int pid)
    {
        try { return File.ResolveLinkTarget($"/proc/{pid}/exe", returnFinalTarget: false)?.FullName == Program("postgres"); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return false; }
    }

    private async Task StopServerAsync(CancellationToken ct)
    {
        var fast = await PgCtlStopAsync("fast", ct);
        if (fast.ExitCode != 0 && PostmasterFile.Read(_cluster)?.IsAlive() == true) (await PgCtlStopAsync("immediate", ct)).EnsureSuccess("Stopping PostgreSQL");
        Log.Stopped(_logger);
    }

    private Task<ChildProcess.Outcome> PgCtlStopAsync(string mode, CancellationToken ct) =>
        ChildProcess.RunAsync(ServerAccount.Command(_account.Words(Program("pg_ctl"), "stop", "-D", _cluster, "-m", mode, "-w", "-t", "30")), null, ct);

    /// <summary>The port of last time where it is still free: other nodes were told its number.</summary>
    private int FreePort()
    {
        var file = Path.Combine(_data, "postgres.port");
        if (File.Exists(file) && int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var last) && IsFree(last, out var port)) return port;
        IsFree(0, out port);
        PrivateFile.Write(file, port.ToString(CultureInfo.InvariantCulture));
        return port;

        static bool IsFree(int wanted, out int port)
        {
            port = 0;
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, wanted);
                listener.Start();
                port = ((IPEndPoint)listener.LocalEndpoint).Port;
                return true;
            }
            catch (SocketException) { return false; }
        }
    }

    private static string ReadFrom(string path, long start)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = Math.Min(start, stream.Length);
        return new StreamReader(stream).ReadToEnd();
    }
}
