using Dapper;
using Npgsql;

namespace Parley.Host.Backup;

/// <summary>A table whose rows belong to a backup.</summary>
internal sealed record TableShape
{
    public string Name { get; init; } = "";

    /// <summary>Without what the database computes itself, and without transaction numbers, which mean nothing in another server.</summary>
    public string[] Columns { get; init; } = [];

    /// <summary>An ORDER BY that is the same on every server.</summary>
    public string Order { get; init; } = "";

    /// <summary>Row level security is forced on the owner: only the definer's role sees the rows.</summary>
    public bool ByDefiner { get; init; }

    public string[] Partitions { get; init; } = [];

    /// <summary>Columns that hold the number of the writing transaction, and how they are filled.</summary>
    public string[] TransactionColumns { get; init; } = [];

    public string[] TransactionDefaults { get; init; } = [];

    internal string ColumnList => string.Join(", ", Columns.Select(Quote));

    internal static string Quote(string name) => '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    /// <summary>All rows as COPY's text.</summary>
    internal string CopyOut => $"copy (select {ColumnList} from {Quote(Name)} order by {Order}) to stdout";
}

/// <summary>Reads from PostgreSQL's catalog what there is to copy, each table after those that it refers to.</summary>
internal static class TableCatalog
{
    /// <summary>What an installation makes for itself: its schema's state, its nodes, its short-lived counts. Schedules (schema quartz) too.</summary>
    internal static readonly string[] Own = ["schema_migrations", "partitioned_tables", "installation", "nodes", "rate_windows"];

    /// <summary>So that a text of COPY is the same whatever the server's settings.</summary>
    internal const string Settings = """
        set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'; set local bytea_output = 'hex'; set local extra_float_digits = 1;
        set local client_encoding = 'UTF8'; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0
        """;

    private const string TablesSql = """
        select c.relname::text as name,
               (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
                 where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.atttypid <> 'xid8'::regtype) as columns,
               (select string_agg(quote_ident(a.attname) || case when a.attcollation <> 0 then ' collate "C"' else '' end, ', ' order by k.ordinal)
                  from pg_index i cross join lateral unnest(i.indkey::int[]) with ordinality k (attnum, ordinal)
                  join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
                 where i.indrelid = c.oid and i.indisprimary) as "order",
               coalesce((select array_agg(a.attname::text order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.atttypid = 'xid8'::regtype and not a.attisdropped), '{}') as transactioncolumns,
               coalesce((select array_agg(pg_get_expr(d.adbin, d.adrelid) order by a.attnum) from pg_attribute a join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
                          where a.attrelid = c.oid and a.atttypid = 'xid8'::regtype and not a.attisdropped), '{}') as transactiondefaults,
               c.relforcerowsecurity as bydefiner,
               coalesce((select array_agg(i.inhrelid::regclass::text order by 1) from pg_inherits i where i.inhparent = c.oid), '{}') as partitions
          from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> all (@own)
         order by c.relname
        """;

    // A constraint that is deferred to the commit needs no order.
    private const string ReferencesSql = """
        select k.conrelid::regclass::text as child, k.confrelid::regclass::text as parent from pg_constraint k
         where k.contype = 'f' and k.connamespace = 'public'::regnamespace and k.conparentid = 0 and not k.condeferrable and k.conrelid <> k.confrelid
        """;

    private const string SequencesSql = "select s.sequencename::text from pg_sequences s where s.schemaname = 'public' order by 1";

    internal static async Task<IReadOnlyList<TableShape>> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var tables = (await connection.QueryAsync<TableShape>(new CommandDefinition(TablesSql, new { own = Own }, cancellationToken: ct))).ToDictionary(t => t.Name, StringComparer.Ordinal);
        var parents = (await connection.QueryAsync<Reference>(new CommandDefinition(ReferencesSql, cancellationToken: ct)))
            .Select(r => (Child: r.Child.Trim('"'), Parent: r.Parent.Trim('"'))).Where(r => tables.ContainsKey(r.Child) && tables.ContainsKey(r.Parent)).ToLookup(r => r.Child, r => r.Parent, StringComparer.Ordinal);
        var ordered = new List<TableShape>();
        var (placed, open) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var name in tables.Keys) Place(name);
        return ordered;

        void Place(string name)
        {
            if (placed.Contains(name)) return;
            if (!open.Add(name)) throw new InvalidOperationException($"Tables refer to each other in a circle that no deferrable constraint opens: {string.Join(", ", open)}.");
            foreach (var parent in parents[name]) Place(parent);
            open.Remove(name);
            placed.Add(name);
            ordered.Add(tables[name]);
        }
    }

    internal static async Task<IReadOnlyList<BackupSequence>> SequencesAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var sequences = new List<BackupSequence>();
        foreach (var name in await connection.QueryAsync<string>(new CommandDefinition(SequencesSql, cancellationToken: ct)))
        {
            var (value, called) = await connection.QuerySingleAsync<(long, bool)>(new CommandDefinition($"select last_value, is_called from {TableShape.Quote(name)}", cancellationToken: ct));
            sequences.Add(new BackupSequence(name, value, called));
        }
        return sequences;
    }

    private sealed record Reference
    {
        public string Child { get; init; } = "";
        public string Parent { get; init; } = "";
    }
}
