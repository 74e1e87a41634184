using Dapper;
using Npgsql;
using Parley.Platform.Data;
using Parley.Platform.Secrets;

namespace Parley.Host.Cli;

/// <summary>What <c>doctor</c> asks the database of the installation: its key, the separation of tenants, clocks, nodes, months, schedules.</summary>
internal static class Installation
{
    private static readonly TimeSpan MostSkew = TimeSpan.FromSeconds(2);

    private const string KeySql = "select master_key_id from installation";

    private const string UnprotectedSql = """
        select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname not in ('user_sessions', 'password_links')
           and not (c.relrowsecurity and c.relforcerowsecurity and exists (select 1 from pg_policy p where p.polrelid = c.oid and p.polname = 'tenant_isolation'))
         order by 1
        """;

    private const string ProtectedSql = "select count(*)::int from pg_class c where c.relnamespace = 'public'::regnamespace and c.relrowsecurity and c.relforcerowsecurity";
    private const string ClockSql = "select clock_timestamp()";
    private const string AliveSql = "select id, version from nodes where seen_at > now() - interval '30 seconds' order by id";
    private const string ConnectionsSql = "select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int";

    private const string MonthsSql = """
        select p.name from partitioned_tables p
         where to_regclass(p.name || '_' || to_char(now(), 'YYYYMM')) is null or to_regclass(p.name || '_' || to_char(now() + interval '1 month', 'YYYYMM')) is null
         order by 1
        """;

    // Quartz keeps ticks of .NET. A schedule that fires each minute is late after a few.
    private const string SchedulesSql = """
        select trigger_name::text from quartz.qrtz_triggers
         where trigger_state = 'ERROR' or (next_fire_time > 0 and next_fire_time < @late and trigger_state <> 'PAUSED') order by 1
        """;

    /// <summary>Does this node have the installation's master key? Null: there is no installation yet.</summary>
    internal static async Task<Finding?> KeyAsync(NpgsqlConnection connection, MasterKey key, CancellationToken ct)
    {
        if (!await connection.ExecuteScalarAsync<bool>(new CommandDefinition("select to_regclass('installation') is not null", cancellationToken: ct))) return null;
        var id = await connection.ExecuteScalarAsync<string?>(new CommandDefinition(KeySql, cancellationToken: ct));
        if (id is not null && id != key.Id)
            return new("keys", false, $"the database belongs to the master key {id}, and this is the key {key.Id}", "Set PARLEY_MASTER_KEY, or put the right master.key into the data folder.");
        return await Migrator.RestoringAsync(connection, ct) is { } backup
            ? new("keys", false, $"the restore of the backup {backup} was not finished", "Run it again: parley restore FILE")
            : new("keys", true, $"master key {key.Id}; keep a copy of it apart from the backups");
    }

    internal static async Task<IReadOnlyList<Finding>> ExamineAsync(NpgsqlConnection connection, DatabaseOptions options, CancellationToken ct)
    {
        var nodes = (await connection.QueryAsync<(string Id, string Version)>(new CommandDefinition(AliveSql, cancellationToken: ct))).AsList();
        return
        [
            await TenantsAsync(connection, ct),
            Clock(await connection.ExecuteScalarAsync<DateTime>(new CommandDefinition(ClockSql, cancellationToken: ct)), TimeProvider.System.GetUtcNow()),
            Nodes(nodes, await connection.ExecuteScalarAsync<int>(new CommandDefinition(ConnectionsSql, cancellationToken: ct)), options.MaxPoolSize),
            await MonthsAsync(connection, ct),
            await SchedulesAsync(connection, nodes.Count, ct),
        ];
    }

    /// <summary>Leases end by the database's clock and days by this machine's: both must agree.</summary>
    internal static Finding Clock(DateTimeOffset database, DateTimeOffset here)
    {
        var skew = (database - here).Duration();
        return skew <= MostSkew
            ? new("clock", true, "this machine and the database agree")
            : new("clock", false, $"this machine and the database differ by {skew.TotalSeconds:0} s", "Let both follow a time server (chrony, systemd-timesyncd, ntpd).");
    }

    /// <summary>Who lives, and whether the database has connections enough for all of them.</summary>
    internal static Finding Nodes(IReadOnlyList<(string Id, string Version)> nodes, int connections, int poolSize)
    {
        // The application's pool, the system's quarter of it, the schedules' and a few of their own.
        var needed = nodes.Count * (poolSize + Math.Max(4, poolSize / 4) + 8);
        if (needed > connections)
            return new("nodes", false, $"{nodes.Count} nodes may open {needed} connections, and the database gives {connections}", "Raise max_connections of the database, or run fewer nodes.");
        var versions = nodes.Select(n => n.Version).Distinct().Order(StringComparer.Ordinal).ToList();
        return new("nodes", true, nodes.Count == 0 ? "none runs" : $"{nodes.Count} alive" + (versions.Count > 1 ? $", of the versions {string.Join(" and ", versions)}: end the upgrade" : ""));
    }

    private static async Task<Finding> TenantsAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var open = (await connection.QueryAsync<string>(new CommandDefinition(UnprotectedSql, cancellationToken: ct))).AsList();
        return open.Count > 0
            ? new("tenants", false, $"row level security is not forced on {string.Join(", ", open)}", string.Join("\n", open.Select(t => $"alter table {t} enable row level security; alter table {t} force row level security;")))
            : new("tenants", true, $"row level security is forced on {await connection.ExecuteScalarAsync<int>(new CommandDefinition(ProtectedSql, cancellationToken: ct))} tables");
    }

    private static async Task<Finding> MonthsAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var missing = (await connection.QueryAsync<string>(new CommandDefinition(MonthsSql, cancellationToken: ct))).AsList();
        return missing.Count == 0 ? new("months", true, "made ahead") : new("months", false, $"this or the next one is missing of {string.Join(", ", missing)}", "Run: parley migrate");
    }

    private static async Task<Finding> SchedulesAsync(NpgsqlConnection connection, int nodes, CancellationToken ct)
    {
        var late = (await connection.QueryAsync<string>(new CommandDefinition(SchedulesSql, new { late = TimeProvider.System.GetUtcNow().AddMinutes(-10).UtcTicks }, cancellationToken: ct))).AsList();
        // Where no node runs, none is due.
        return late.Count == 0 || nodes == 0 ? new("schedules", true, nodes == 0 ? "none runs without an instance" : "on time")
            : new("schedules", false, $"{string.Join(", ", late)} did not run when due", "Check that a node with --role all or worker runs, and read its log.");
    }
}
