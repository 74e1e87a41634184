using Dapper;
using Npgsql;

namespace Parley.Tests.Integration.Privacy;

/// <summary>Asks PostgreSQL's own catalogue where something of a conversation may be: what is added to the schema later is found by itself.</summary>
internal static class Footprints
{
    /// <summary>Tables that name a conversation, a turn or a message, and those that go with one of these by cascade.</summary>
    private const string TablesSql = """
        with recursive named as (
          select c.oid from pg_class c join pg_attribute a on a.attrelid = c.oid
           where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and not a.attisdropped
             and (c.relname = 'conversations' or a.attname in ('conversation_id', 'source_conversation_id', 'turn_id', 'message_id'))
           union
          select k.conrelid from pg_constraint k join named n on n.oid = k.confrelid where k.contype = 'f' and k.conparentid = 0 and k.confdeltype = 'c')
        select oid::regclass::text from named order by 1
        """;

    private const string TenantTablesSql = """
        select c.relname::text from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
           and exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') order by 1
        """;

    internal static async Task<IReadOnlyList<string>> OfConversationsAsync(NpgsqlDataSource everything) => await NamesAsync(everything, TablesSql);

    internal static async Task<IReadOnlyList<string>> OfTenantsAsync(NpgsqlDataSource everything) => await NamesAsync(everything, TenantTablesSql);

    /// <summary>Tables of a tenant that have a row in which one of the texts stands.</summary>
    internal static async Task<IReadOnlyList<string>> MentioningAsync(NpgsqlDataSource everything, Guid tenantId, params string[] texts)
    {
        await using var connection = await everything.OpenConnectionAsync();
        var found = new List<string>();
        foreach (var table in (await connection.QueryAsync<string>(TenantTablesSql)).AsList())
        {
            // bytea as text is hexadecimal: what is kept as bytes is looked for as such.
            if (await connection.QuerySingleAsync<bool>(
                $"select exists (select 1 from \"{table}\" t where t.tenant_id = @tenantId and exists (select 1 from unnest(@texts) x where strpos(t::text, x) > 0 or strpos(t::text, encode(convert_to(x, 'UTF8'), 'hex')) > 0))",
                new { tenantId, texts }))
            {
                found.Add(table);
            }
        }
        return found;
    }

    /// <summary>Tables in which the tenant has rows.</summary>
    internal static async Task<IReadOnlyList<string>> WithRowsAsync(NpgsqlDataSource everything, Guid tenantId)
    {
        await using var connection = await everything.OpenConnectionAsync();
        var found = new List<string>();
        foreach (var table in (await connection.QueryAsync<string>(TenantTablesSql)).AsList())
        {
            if (await connection.QuerySingleAsync<bool>($"select exists (select 1 from \"{table}\" where tenant_id = @tenantId)", new { tenantId }))
            {
                found.Add(table);
            }
        }
        return found;
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(NpgsqlDataSource everything, string sql)
    {
        await using var connection = await everything.OpenConnectionAsync();
        return (await connection.QueryAsync<string>(sql)).AsList();
    }
}
