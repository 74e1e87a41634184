using System.Text;
using System.Text.RegularExpressions;
using Parley.Platform.Data;

namespace Parley.Host.Isolation;

/// <summary>All rows that a party's tenant has, as the application's role sees them: their hash, and the ids they hold.</summary>
internal sealed partial class TenantRows(TenantDb db, TimeProvider time)
{
    // What the background writes whenever it likes; it holds no content and no request reaches it.
    private const string TablesSql = """
        select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
           and exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
           and has_table_privilege(c.oid, 'select') and c.relname not in ('jobs', 'job_history', 'audit_chain')
         order by 1
        """;
    private const string PendingSql = "select kind from jobs where state in ('queued', 'running', 'waiting') or (state = 'scheduled' and kind like 'knowledge.%') group by kind";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>A hash for each table. With <paramref name="mentioning"/>: of the rows that hold one of these texts only.</summary>
    internal Task<Dictionary<string, string>> HashAsync(Party party, bool onlyEndUser, CancellationToken ct) =>
        db.InTransactionAsync(party.TenantId, async session =>
        {
            var tables = await session.QueryAsync<string>(TablesSql);
            var sql = new StringBuilder("select 'tenants' as name, md5(coalesce(string_agg(t::text, '|'), '')) as value from tenants t");
            foreach (var table in tables)
            {
                // Names come from the catalog.
                sql.Append(System.Globalization.CultureInfo.InvariantCulture,
                    $" union all select '{table}', md5(coalesce(string_agg(md5(t::text), '' order by md5(t::text)), '')) from \"{table}\" t where @pattern::text is null or t::text ~ @pattern");
            }
            var rows = await session.QueryAsync<Hash>(sql.ToString(), new { pattern = onlyEndUser ? string.Join('|', party.EndUserIds) : null });
            return rows.ToDictionary(row => row.Name, row => row.Value, StringComparer.Ordinal);
        }, ct);

    /// <summary>Every id and every other token-like text that the party's rows hold.</summary>
    internal async Task<HashSet<string>> IdsAsync(Party party, bool onlyEndUser, CancellationToken ct)
    {
        var texts = await db.InTransactionAsync(party.TenantId, async session =>
        {
            var all = new List<string>();
            foreach (var table in await session.QueryAsync<string>(TablesSql))
            {
                all.AddRange(await session.QueryAsync<string>($"select t::text from \"{table}\" t where @pattern::text is null or t::text ~ @pattern",
                    new { pattern = onlyEndUser ? string.Join('|', party.EndUserIds) : null }));
            }
            return all;
        }, ct);
        return [.. texts.SelectMany(Ids)];
    }

    /// <summary>Nothing of the party is still being worked on.</summary>
    internal async Task SettleAsync(Party party, CancellationToken ct)
    {
        var until = time.GetUtcNow() + Patience;
        for (var last = new Dictionary<string, string>(); ;)
        {
            var pending = await db.InTransactionAsync(party.TenantId, session => session.QueryAsync<string>(PendingSql), ct);
            var now = await HashAsync(party, onlyEndUser: false, ct);
            if (time.GetUtcNow() > until)
            {
                throw new ProofException("The tenant does not come to rest: " + (pending.Count > 0 ? "jobs wait: " + string.Join(", ", pending)
                    : "rows change in " + string.Join(", ", now.Except(last).Select(table => table.Key))));
            }
            if (pending.Count == 0 && now.Count == last.Count && !now.Except(last).Any())
            {
                return;
            }
            last = now;
            await Task.Delay(150, ct);
        }
    }

    internal static IEnumerable<string> Ids(string text) => Uuid().Matches(text).Select(match => match.Value);

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    private sealed record Hash
    {
        public string Name { get; init; } = "";
        public string Value { get; init; } = "";
    }
}
