using Dapper;
using Npgsql;
using Parley.Host.Instance;
using Parley.Identity;
using Parley.Platform.Data;
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
    private const string DeadSql = "select coalesce(sum(count), 0)::int from jobs_counts() where state = 'dead'";

    private const string TenantsSql = "select * from tenant_ids()";

    internal static Finding Folder(string data)
    {
        if (!Directory.Exists(data)) return new Finding("data", true, $"{data} (not made yet)");
        var free = new DriveInfo(data).AvailableFreeSpace;
        return free >= LeastFreeBytes
            ? new Finding("data", true, $"{data}, {free >> 30} GB free")
            : new Finding("data", false, $"{data}, {free >> 20} MB free", "Make room: the database stops when the disk is full.");
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

    internal static async Task<IReadOnlyList<Finding>> DatabaseAsync(DatabaseOptions options, MasterKey key, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(options.OwnerConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(ct);
        var owner = await connection.QuerySingleAsync<Owner>(new CommandDefinition(OwnerSql, cancellationToken: ct));
        string[] names = [options.AppRole, options.SystemRole, options.DefinerRole];
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
        if (roles.Count < names.Length) return findings;

        var pending = await new Migrator(options, key, Modules.Migrations).PendingAsync(ct);
        findings.Add(pending.Count == 0
            ? new("schema", true, "up to date")
            : new("schema", false, $"{pending.Count} migrations are missing", "Run: parley migrate"));
        if (pending.Count == 0) findings.AddRange([await JobsAsync(options, key, ct), await AuditAsync(options, key, ct)]);
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
        create role "{options.DefinerRole}" nologin;
        grant "{options.DefinerRole}" to "{owner}";
        """;

    private static async Task<Finding> JobsAsync(DatabaseOptions options, MasterKey key, CancellationToken ct)
    {
        await using var sources = new DataSources(options, key);
        var dead = await new SystemDb(sources).QuerySingleOrDefaultAsync<int>(DeadSql, null, ct);
        return dead == 0 ? new("jobs", true, "none has failed for good") : new("jobs", false, $"{dead} have failed for good", "Their errors are in the jobs' rows and in the log.");
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

    private sealed record Role
    {
        public string Name { get; init; } = "";
        public bool IsTooStrong { get; init; }
        public bool OwnsTables { get; init; }
    }
}
