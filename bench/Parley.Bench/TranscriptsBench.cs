using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Parley.Conversations.AgentApi;
using Parley.Conversations.Contracts;
using Parley.Conversations.Search;
using Parley.Escalations.Contracts;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;
using Parley.Testkit;

namespace Parley.Bench;

/// <summary>
/// Search over generated transcripts, by the product's own handler with its own roles under row level security, from the words to the page of
/// 25 with snippets. Baselines of the same run: ilike and a scan with to_tsvector over the same messages as the same role.
/// </summary>
internal static class TranscriptsBench
{
    private const int Repeat = 5, PageSize = 25;

    private const string LikeSql = """
        select m.conversation_id from messages m join message_parts p on p.tenant_id = m.tenant_id and p.message_id = m.id
         where m.tenant_id = @tenant and p.content ->> 'text' ilike '%' || @word || '%' order by m.created_at desc limit 25
        """;

    private const string ScanSql = """
        select m.conversation_id from messages m join message_parts p on p.tenant_id = m.tenant_id and p.message_id = m.id
         where m.tenant_id = @tenant and to_tsvector('simple', p.content ->> 'text') @@ to_tsquery('simple', @word) order by m.created_at desc limit 25
        """;

    public static async Task<int> RunAsync(string[] args, CancellationToken ct)
    {
        var wanted = Array.IndexOf(args, "--messages") is >= 0 and var i && i + 1 < args.Length ? int.Parse(args[i + 1], CultureInfo.InvariantCulture) : 1_000_000;
        var corpus = new TranscriptCorpus(wanted);
        await using var postgres = new PostgresFixture();
        await using var database = await postgres.CreateDatabaseAsync(ct);
        var tenant = await database.CreateTenantAsync(ct: ct);
        var defaults = await new ConversationsBootstrap(database.Tenants, TimeProvider.System).EnsureDefaultsAsync(tenant, ct);
        var clock = Stopwatch.StartNew();
        await corpus.FillAsync(database, tenant, defaults, ct);
        var filled = clock.Elapsed;
        await using (var command = database.Owner.CreateCommand("vacuum analyze messages, message_parts, conversations"))
        {
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync(ct);
        }
        var search = new SearchConversations(database.Tenants, database.System, new ConversationSummaries(new LiveHandoffs()), new ReadAudit(new AuditLog(TimeProvider.System), TimeProvider.System));
        var caller = new Caller(CallerKind.Operator, tenant, Guid.CreateVersion7(), Permission.All);
        var rows = new List<Row>();
        foreach (var (name, filters) in Queries(corpus))
            rows.Add(await MeasureAsync(name, filters, filter => search.HandleAsync(caller, filter.Q, filter, new PageQuery(null, PageSize), ct)));
        var all = rows.SelectMany(r => r.Times).Order().ToList();
        var baseline = new List<(string, double[])>();
        foreach (var (name, sql) in new[] { ("ilike", LikeSql), ("to_tsvector in a scan", ScanSql) })
            baseline.Add((name, await BaselineAsync(database, tenant, sql, [corpus.Word(30_000), corpus.Word(5_000), corpus.Word(10)], ct)));
        var size = await SizeAsync(database, ct);
        Print(corpus, filled, size, rows, all, baseline, args.Contains("--json"));
        return At(all, .95) <= 150 ? 0 : 1;
    }

    /// <summary>Each of them as somebody types it: so many different words that no cache knows the answer.</summary>
    private static IEnumerable<(string Name, IReadOnlyList<SearchFilter> Filters)> Queries(TranscriptCorpus corpus)
    {
        yield return ("a word that is nowhere", Many(n => $"qqq{n}"));
        yield return ("rare words", Many(n => corpus.Word(20_000 + (n * 700)) + " "));
        yield return ("words of one message in a thousand", Many(n => corpus.Word(1_500 + (n * 20)) + " "));
        yield return ("words of one message in a hundred", Many(n => corpus.Word(150 + n) + " "));
        yield return ("the most common words", Many(n => corpus.Word(1 + n) + " "));
        yield return ("two common words", Many(n => $"{corpus.Word(1 + n)} {corpus.Word(20 + n)} "));
        yield return ("a common and a rare word", Many(n => $"{corpus.Word(2 + n)} {corpus.Word(9_000 + (n * 50))} "));
        yield return ("one letter typed", Many(n => ((char)('a' + (n % 26))).ToString()));
        yield return ("two letters typed", Many(n => corpus.Word(50 + (n * 31))[..2]));
        yield return ("four letters typed", Many(n => corpus.Word(2_000 + (n * 900))[..4]));
        yield return ("Chinese, two characters", Many(n => $"{(char)(0x4e00 + n)}{(char)(0x4e00 + (n * 3))}"));
        yield return ("Chinese, one character", Many(n => ((char)(0x4e00 + (n * 40))).ToString()));
        yield return ("rare words among the rated 1", Many(n => corpus.Word(20_000 + (n * 700)) + " ", rating: "1"));
        yield return ("common words among the open in German", Many(n => corpus.Word(1 + n) + " ", "open", "de"));

        static IReadOnlyList<SearchFilter> Many(Func<int, string> words, string? status = null, string? language = null, string? rating = null) =>
            [.. Enumerable.Range(0, 25).Select(n => new SearchFilter { Q = words(n), Status = status, Language = language, Rating = rating })];
    }

    private static async Task<Row> MeasureAsync(string name, IReadOnlyList<SearchFilter> filters, Func<SearchFilter, Task<Result<Page<FoundConversation>>>> search)
    {
        var (times, found) = (new List<double>(), 0);
        for (var round = 0; round < Repeat; round++)
        {
            foreach (var filter in filters)
            {
                var clock = Stopwatch.StartNew();
                var page = (await search(filter)).Value;
                times.Add(clock.Elapsed.TotalMilliseconds);
                found += round == 0 ? page.Items.Count : 0;
            }
        }
        return new Row(name, times, found / (double)filters.Count);
    }

    private static async Task<double[]> BaselineAsync(TestDatabase database, Guid tenant, string sql, string[] words, CancellationToken ct)
    {
        var times = new List<double>();
        foreach (var word in words)
        {
            var clock = Stopwatch.StartNew();
            await database.Tenants.InTransactionAsync(tenant, s => s.QueryAsync<Guid>(sql, new { tenant, word }), ct);
            times.Add(Math.Round(clock.Elapsed.TotalMilliseconds));
        }
        return [.. times];
    }

    private static async Task<(long Index, long Table)> SizeAsync(TestDatabase database, CancellationToken ct)
    {
        await using var command = database.Owner.CreateCommand("select pg_relation_size('messages_terms'), pg_table_size('messages')");
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt64(0) >> 20, reader.GetInt64(1) >> 20);
    }

    private static double At(List<double> sorted, double share) => Math.Round(sorted[Math.Min(sorted.Count - 1, (int)(share * sorted.Count))], 1);

    private static void Print(TranscriptCorpus corpus, TimeSpan filled, (long Index, long Table) size, List<Row> rows, List<double> all, List<(string Name, double[] Ms)> baseline, bool json)
    {
        var result = new
        {
            messages = corpus.Messages, fillSeconds = Math.Round(filled.TotalSeconds), indexMb = size.Index, messagesMb = size.Table,
            p50 = At(all, .5), p95 = At(all, .95), p99 = At(all, .99), max = At(all, 1), bound = 150,
            queries = rows.Select(r => new { r.Name, n = r.Times.Count, found = Math.Round(r.Found, 1), p50 = At(r.Sorted, .5), p95 = At(r.Sorted, .95), max = At(r.Sorted, 1) }).ToList(),
            baseline = baseline.Select(b => new { b.Name, ms = b.Ms }).ToList(),
        };
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(result, Datasets.Indented));
            return;
        }
        Line($"{result.messages} messages, filled in {result.fillSeconds} s; index {result.indexMb} MB, messages {result.messagesMb} MB");
        Line($"all {all.Count} searches: p50 {result.p50} ms, p95 {result.p95} ms (bound {result.bound}), p99 {result.p99} ms, max {result.max} ms");
        Line($"\n| looked for | found on a page | p50 ms | p95 ms | max ms |\n|---|---|---|---|---|");
        foreach (var row in result.queries)
            Line($"| {row.Name} | {row.found} | {row.p50} | {row.p95} | {row.max} |");
        foreach (var each in result.baseline)
            Line($"baseline {each.Name}, a rare, a medium and a common word: {string.Join(" / ", each.ms)} ms");

        static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }

    private sealed record Row(string Name, List<double> Times, double Found)
    {
        internal List<double> Sorted { get; } = [.. Times.Order()];
    }

    /// <summary>Reads what the module above reads; nothing is asked for here.</summary>
    private sealed class LiveHandoffs : IHandoffs
    {
        public Task<IReadOnlyDictionary<Guid, HandoffView>> CurrentAsync(TenantSession session, IReadOnlyCollection<Guid> conversationIds) => HandoffReader.LiveAsync(session, conversationIds);

        public Task<Result<HandoffView>> RequestAsync(TenantSession session, HandoffRequest request) => throw new NotSupportedException();

        public Task<Result<bool>> CancelAsync(TenantSession session, Guid conversationId, Actor actor) => throw new NotSupportedException();

        public Task EndAsync(TenantSession session, Guid conversationId, Actor actor, bool? resolved) => throw new NotSupportedException();

        public Task<Result<bool>> AssignAsync(TenantSession session, ConversationState conversation, Guid agentId) => throw new NotSupportedException();
    }
}
