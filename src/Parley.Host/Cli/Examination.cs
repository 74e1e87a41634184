using System.Globalization;
using Dapper;
using Npgsql;
using Parley.Host.Instance;
using Parley.Identity;
using Parley.Platform.Data;
using Parley.Platform.Objects;
using Parley.Platform.Secrets;

namespace Parley.Host.Cli;

/// <summary>One thing that was looked at.</summary>
/// <param name="Mend">What to do; null where nothing is wrong.</param>
internal sealed record Finding(string Name, bool Ok, string Detail, string? Mend = null);

/// <summary>What <c>doctor</c> looks at.</summary>
internal static class Examination
{
    private const long LeastFreeBytes = 1L << 30;
    private const int OldestSupported = 15;
    private static readonly TimeSpan MostIndexLag = TimeSpan.FromMinutes(1);

    private const string OwnerSql = """
        select current_setting('server_version_num')::int / 10000 as version, current_setting('server_version') as versiontext,
               current_user::text as name, rolsuper as issuperuser, rolcreaterole as createsroles, current_setting('server_encoding') as encoding
          from pg_roles where rolname = current_user
        """;
    private const string RolesSql = """
        select rolname::text as name, rolsuper or rolbypassrls as istoostrong,
               exists (select 1 from pg_class c where c.relowner = r.oid and c.relnamespace = 'public'::regnamespace) as ownstables
          from pg_roles r where rolname = any (@names)
        """;
    private static readonly TimeSpan StuckAfter = TimeSpan.FromMinutes(10);

    private const string WorkSql = """
        select coalesce(sum(count) filter (where state = 'dead'), 0)::int as dead, coalesce(sum(count) filter (where state = 'queued'), 0)::int as queued,
               coalesce(sum(count) filter (where state = 'queued' and oldest < now() - @patience::interval), 0)::int as stuck,
               coalesce(string_agg(kind, ', ' order by kind) filter (where state = 'queued' and oldest < now() - @patience::interval), '') as kinds
          from jobs_counts()
        """;

    private const string NodesSql = "select id from nodes_alive()";

    private const string TenantsSql = "select * from tenant_ids()";

    internal static Finding Folder(string data) => Folder("data", data, "Make room: the database stops when the disk is full.");

    /// <summary>Is there room where a folder is?</summary>
    internal static Finding Folder(string name, string folder, string mend, long leastFree = LeastFreeBytes)
    {
        if (!Directory.Exists(folder)) return new Finding(name, true, $"{folder} (not made yet)");
        var free = new DriveInfo(folder).AvailableFreeSpace;
        return free >= leastFree ? new Finding(name, true, $"{folder}, {free >> 30} GB free") : new Finding(name, false, $"{folder}, {free >> 20} MB free", mend);
    }

    /// <summary>The store of the files: is it the installation's, can it be written, is there room?</summary>
    internal static async Task<Finding> ObjectsAsync(DatabaseOptions options, string objects, CancellationToken ct)
    {
        if (await SharedObjects.ProblemAsync(options, objects, ct) is { } problem)
            return new Finding("files", false, problem, "Name the store that the instance was started with: --objects, or PARLEY_OBJECTS.");
        return ObjectLocation.Parse(objects) is { IsS3: false } folder ? Folder("files", folder.Folder, "Make room: files can no longer be uploaded when the disk is full.") : new Finding("files", true, objects);
    }

    internal static async Task<Finding> ReadersAsync(CancellationToken ct)
    {
        var readers = await Knowledge.ReaderHealth.ExamineAsync(TimeProvider.System, ct);
        return new Finding("readers", readers.Works, readers.Detail, readers.Mend);
    }

    internal static async Task<Finding> RunningAsync(string data, CancellationToken ct)
    {
        if (!DataDirectory.IsLocked(data) || RunFile.Read(data) is not { } run) return new Finding("instance", true, "not running");
        try
        {
            using var http = InstanceClient.Plain(run.Url);
            using var response = await http.GetAsync("health/ready", ct);
            return response.IsSuccessStatusCode
                ? new Finding("instance", true, $"ready at {run.Url}, process {run.Pid}")
                : new Finding("instance", false, $"not ready: {await response.Content.ReadAsStringAsync(ct)}", "Wait a moment; if it stays so, read its log.");
        }
        catch (HttpRequestException e)
        {
            return new Finding("instance", false, $"process {run.Pid} does not answer at {run.Url}: {e.Message}", "Stop it and start it again.");
        }
    }

    /// <summary>Are the running instance's indexes up to date? Null: none runs here.</summary>
    internal static async Task<Finding?> IndexAsync(string data, CancellationToken ct)
    {
        if (!DataDirectory.IsLocked(data) || RunFile.Read(data) is not { } run) return null;
        try
        {
            using var http = InstanceClient.Plain(run.Url);
            http.DefaultRequestHeaders.Authorization = new("Bearer", run.Token);
            return Index(await http.GetStringAsync("metrics", ct));
        }
        catch (HttpRequestException e)
        {
            return new Finding("index", false, $"the instance's metrics cannot be read: {e.Message}", "Wait a moment; if it stays so, read its log.");
        }
    }

    internal static Finding Index(string metrics)
    {
        var (lag, count) = (Gauge("parley_knowledge_index_lag_seconds "), Gauge("parley_knowledge_indexes "));
        return lag < MostIndexLag.TotalSeconds
            ? new Finding("index", true, $"{count:0} in memory, up to date")
            : new Finding("index", false, $"one has been behind the documents for {lag:0} s", "Read the log for why it cannot be built; a restart builds all anew. Nothing wrong is quoted meanwhile, but new documents are not found.");

        double Gauge(string name) => metrics.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line ? double.Parse(line[name.Length..], CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>Paid models are none of this version's: said, so that nobody looks for the reason of quotations elsewhere.</summary>
    internal static Finding Providers() => new("providers", true, "none is configured: answers are quotations of your documents");

    internal static async Task<IReadOnlyList<Finding>> DatabaseAsync(DatabaseOptions options, MasterKey key, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(options.OwnerConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(ct);
        var owner = await connection.QuerySingleAsync<Owner>(new CommandDefinition(OwnerSql, cancellationToken: ct));
        string[] names = [options.AppRole, options.SystemRole, options.SchedulerRole, options.DefinerRole];
        var roles = (await connection.QueryAsync<Role>(new CommandDefinition(RolesSql, new { names }, cancellationToken: ct))).AsList();

        var findings = new List<Finding>
        {
            owner.Version >= OldestSupported
                ? new("database", true, $"PostgreSQL {owner.VersionText}")
                : new("database", false, $"PostgreSQL {owner.VersionText}", $"Parley needs PostgreSQL {OldestSupported} or newer."),
            owner.Encoding == "UTF8"
                ? new("encoding", true, "UTF8")
                : new("encoding", false, owner.Encoding, "Create the database with: create database parley encoding 'UTF8' template template0"),
            owner.IsSuperuser
                ? new("owner", false, $"{owner.Name} is a superuser, which bypasses the separation of tenants", $"alter role \"{owner.Name}\" nosuperuser createrole;")
                : new("owner", true, owner.Name),
            RolesOf(options, key, owner, roles, names),
        };
        if (await Installation.KeyAsync(connection, key, ct) is { } keys) findings.Add(keys);
        // With another key nothing further can be read; without the roles there is nothing further.
        if (roles.Count < names.Length || findings.Exists(f => f is { Name: "keys", Ok: false })) return findings;

        var pending = await new Migrator(options, key, Modules.Migrations).PendingAsync(ct);
        findings.Add(pending.Count == 0
            ? new("schema", true, "up to date")
            : new("schema", false, $"{pending.Count} migrations are missing", "Run: parley migrate"));
        if (pending.Count == 0)
        {
            findings.AddRange(await Installation.ExamineAsync(connection, options, ct));
            findings.Add(await JobsAsync(options, key, ct));
            findings.Add(await AuditAsync(options, key, ct));
        }
        return findings;
    }

    private static Finding RolesOf(DatabaseOptions options, MasterKey key, Owner owner, IReadOnlyList<Role> roles, string[] names)
    {
        if (roles.FirstOrDefault(r => r.IsTooStrong || r.OwnsTables) is { } strong)
            return new("roles", false, $"{strong.Name} bypasses or owns what must be out of its reach", $"alter role \"{strong.Name}\" nosuperuser nobypassrls; and give its tables to {owner.Name}.");
        var missing = names.Except(roles.Select(r => r.Name)).ToList();
        return missing.Count == 0 ? new("roles", true, string.Join(", ", names))
            : owner.CreatesRoles ? new("roles", true, $"{string.Join(", ", missing)} are made by the next start or by: parley migrate")
            : new("roles", false, $"{owner.Name} may not create roles", "A database administrator runs once:\n" + SqlFor(options, key, owner.Name));
    }

    /// <summary>What an administrator runs where the owner may not create roles.</summary>
    private static string SqlFor(DatabaseOptions options, MasterKey key, string owner) => $"""
        create role "{options.AppRole}" login password '{DatabaseOptions.PasswordOf(options.AppRole, key)}';
        create role "{options.SystemRole}" login password '{DatabaseOptions.PasswordOf(options.SystemRole, key)}';
        create role "{options.SchedulerRole}" login password '{DatabaseOptions.PasswordOf(options.SchedulerRole, key)}';
        create role "{options.DefinerRole}" nologin;
        grant "{options.DefinerRole}" to "{owner}";
        """;

    /// <summary>Work that was given up, and work that nobody takes on although a node lives.</summary>
    private static async Task<Finding> JobsAsync(DatabaseOptions options, MasterKey key, CancellationToken ct)
    {
        await using var sources = new DataSources(options, key);
        var system = new SystemDb(sources);
        var counts = await system.QuerySingleOrDefaultAsync<Work>(WorkSql, new { patience = StuckAfter }, ct) ?? new Work();
        var nodes = (await system.QueryAsync<string>(NodesSql, null, ct)).Count;
        return (counts.Dead, counts.Stuck) switch
        {
            ( > 0, _) => new("jobs", false, $"{counts.Dead} have failed for good", "See why with: parley jobs dead   Then: parley jobs retry ID|all, or parley jobs discard ID|all"),
            (_, > 0) when nodes > 0 => new("jobs", false, $"{counts.Stuck} of {counts.Queued} have waited for more than {StuckAfter.TotalMinutes:0} minutes: {counts.Kinds}",
                "No node that works on jobs is up, or its work hangs: check that one runs with --role all or worker, and read its log."),
            _ => new("jobs", true, counts.Queued == 0 ? "none waits, none has failed for good" : $"{counts.Queued} wait" + (nodes == 0 ? " for an instance to be started" : ""), null),
        };
    }

    /// <summary>Every tenant's audit log against its chain.</summary>
    private static async Task<Finding> AuditAsync(DatabaseOptions options, MasterKey key, CancellationToken ct)
    {
        await using var sources = new DataSources(options, key);
        var verifier = new AuditVerifier(new TenantDb(sources), key);
        var (links, problems) = (0L, new List<string>());
        foreach (var tenantId in await new SystemDb(sources).QueryAsync<Guid>(TenantsSql, null, ct))
        {
            var verification = await verifier.VerifyAsync(tenantId, ct);
            links += verification.Links;
            problems.AddRange(verification.Problems.Select(problem => $"tenant {tenantId:D}: {problem}"));
        }
        return problems.Count == 0
            ? new("audit", true, $"{links} links, unbroken")
            : new("audit", false, $"{problems.Count} problems: {string.Join(" ", problems.Take(5))}", "Somebody has changed the audit log in the database. Compare it with a backup.");
    }

    private sealed record Owner
    {
        public int Version { get; init; }
        public string VersionText { get; init; } = "";
        public string Name { get; init; } = "";
        public bool IsSuperuser { get; init; }
        public bool CreatesRoles { get; init; }
        public string Encoding { get; init; } = "";
    }

    private sealed record Work
    {
        public int Dead { get; init; }
        public int Queued { get; init; }
        public int Stuck { get; init; }
        public string Kinds { get; init; } = "";
    }

    private sealed record Role
    {
        public string Name { get; init; } = "";
        public bool IsTooStrong { get; init; }
        public bool OwnsTables { get; init; }
    }
}
