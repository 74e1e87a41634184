using System.Globalization;
using System.Text;
using Parley.Conversations.Contracts;
using Parley.Conversations.Search;
using Parley.Platform.Data;
using Parley.Testkit;

namespace Parley.Bench;

/// <summary>
/// Conversations that nobody had: words of made-up syllables, as often as words are in any language (Zipf), some of them in Chinese, over two
/// years. Seeded: every run has the same.
/// </summary>
internal sealed class TranscriptCorpus(int messages)
{
    private const int Seed = 20260201, Words = 40_000, PerConversation = 8, Batch = 4_000, MaxMessages = 5_000_000;

    private const string InsertConversationsSql = """
        insert into conversations (tenant_id, id, end_user_id, assistant_id, widget_id, channel, status, locale, subject, last_seq, last_outcome, rating, created_at, updated_at)
        select @tenantId, c.id, u.id, @assistantId, @widgetId, 'widget', case when c.n % 9 = 0 then 'open' else 'closed' end, (array['en','de','fr','zh'])[1 + c.n % 4], 'Generated', @per,
               (array['answered','abstained','handed_off'])[1 + c.n % 3], case when c.n % 10 = 0 then 1 + c.n % 5 end, c.at, c.at
          from unnest(@ids::uuid[], @ats::timestamptz[], @numbers::int[]) c (id, at, n), (select id from end_users where tenant_id = @tenantId limit 1) u
        """;

    private const string InsertMessagesSql = """
        with m as (
          insert into messages (tenant_id, conversation_id, id, seq, author_kind, language, created_at, terms)
          select @tenantId, x.conversation_id, x.id, x.seq, case when x.seq % 2 = 1 then 'end_user' else 'assistant' end, 'en', x.at, array_to_tsvector(string_to_array(x.terms, ' '))
            from unnest(@conversations::uuid[], @ids::uuid[], @seqs::bigint[], @ats::timestamptz[], @terms::text[]) x (conversation_id, id, seq, at, terms)
        )
        insert into message_parts (tenant_id, message_id, ordinal, type, content)
        select @tenantId, x.id, 0, 'text', jsonb_build_object('text', x.text) from unnest(@ids::uuid[], @texts::text[]) x (id, text)
        """;

    private readonly string[] _words = MakeWords();

    internal int Messages { get; } = Math.Min(messages, MaxMessages);

    /// <summary>The word that is so common: 1 is the most common.</summary>
    internal string Word(int rank) => _words[rank - 1];

    internal async Task FillAsync(TestDatabase database, Guid tenant, TenantDefaults defaults, CancellationToken ct)
    {
        var random = new Random(Seed);
        var conversations = Messages / PerConversation;
        var begin = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var step = TimeSpan.FromDays(730) / conversations;
        await database.Tenants.InTransactionAsync(tenant, s => s.ExecuteAsync("insert into end_users (tenant_id, id, created_at, seen_at) values (@tenant, gen_random_uuid(), @begin, @begin)", new { tenant, begin }), ct);
        for (var from = 0; from < conversations; from += Batch / PerConversation)
        {
            var numbers = Enumerable.Range(from, Math.Min(Batch / PerConversation, conversations - from)).ToArray();
            var ids = numbers.Select(n => Guid.CreateVersion7(begin + (n * step))).ToArray();
            var rows = (from pair in numbers.Zip(ids)
                        from seq in Enumerable.Range(1, PerConversation)
                        let text = Text(random, chinese: pair.First % 4 == 3)
                        select (Conversation: pair.Second, Id: Guid.CreateVersion7(begin + (pair.First * step)), Seq: (long)seq, At: begin + (pair.First * step), Text: text, Terms: string.Join(' ', SearchTerms.Of(tenant, [text])))).ToList();
            await database.Tenants.InTransactionAsync(tenant, async s =>
            {
                await s.ExecuteAsync(InsertConversationsSql, new { tenantId = tenant, ids, ats = numbers.Select(n => begin + (n * step)).ToArray(), numbers, defaults.AssistantId, defaults.WidgetId, per = (long)PerConversation });
                await s.ExecuteAsync(InsertMessagesSql, new
                {
                    tenantId = tenant, conversations = rows.Select(r => r.Conversation).ToArray(), ids = rows.Select(r => r.Id).ToArray(), seqs = rows.Select(r => r.Seq).ToArray(),
                    ats = rows.Select(r => r.At).ToArray(), texts = rows.Select(r => r.Text).ToArray(), terms = rows.Select(r => r.Terms).ToArray(),
                });
            }, ct);
        }
    }

    private string Text(Random random, bool chinese)
    {
        var text = new StringBuilder();
        var length = 6 + random.Next(35);
        for (var i = 0; i < length; i++)
        {
            if (chinese && i % 2 == 0)
                text.Append((char)(0x4e00 + Zipf(random, 3_000)));
            else
                text.Append(chinese ? "" : _words[Zipf(random, Words)]).Append(chinese ? "" : " ");
        }
        return text.ToString();
    }

    /// <summary>Of n, the first the most often: log-uniform, so each rank is about as often as one divided by it.</summary>
    private static int Zipf(Random random, int n) => Math.Min(n - 1, (int)Math.Pow(n, random.NextDouble()) - 1);

    private static string[] MakeWords()
    {
        var random = new Random(Seed);
        string[] onsets = ["b", "br", "d", "f", "g", "gr", "k", "l", "m", "n", "p", "pl", "r", "s", "st", "t", "tr", "v", "z"];
        string[] vowels = ["a", "e", "i", "o", "u", "ai", "ou"];
        var words = new HashSet<string>(StringComparer.Ordinal);
        while (words.Count < Words)
        {
            // The number keeps them apart; common words are short.
            var syllables = 2 + (words.Count > 500 ? 1 : 0) + (words.Count > 10_000 ? 1 : 0);
            words.Add(string.Concat(Enumerable.Range(0, syllables).Select(_ => onsets[random.Next(onsets.Length)] + vowels[random.Next(vowels.Length)])) + (words.Count % 97 == 0 ? words.Count.ToString(CultureInfo.InvariantCulture) : ""));
        }
        return [.. words];
    }
}
