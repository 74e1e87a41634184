using Parley.Knowledge.Analysis;

namespace Parley.Knowledge.Retrieval;

/// <summary>
/// Lends a follow-up question terms of the conversation: the previous customer turn, the more the question needs it, and the three most
/// salient words of the history.
/// </summary>
/// <remarks>
/// Measured on mtrag_mini (nDCG@10 of the last turn): the question alone .663, all customer turns appended .460, this rule .681, a
/// person's rewrite .698. Neighbouring weights measure the same; see docs/adr/0020-lexical-fusion.md.
/// </remarks>
internal static class FollowUpRule
{
    private const int SalientWords = 3;
    private const float SalientWeight = .15f;
    private const float AssistantShare = .7f;
    private const float DecayPerTurn = .6f;

    /// <summary>Messages before these weigh too little to be read.</summary>
    private const int MessagesRead = 20;

    /// <summary>A question whose words carry less than this is vague (Σ idf).</summary>
    private const float VagueIdf = 8;

    private static readonly string[] Openers =
    [
        "and ", "but ", "what about", "how about", "why", "ok", "okay", "so ", "then ", "also ", "or ", "y ", "pero ", "und ", "aber ", "et ", "mais ", "e ",
        "ma ", "mas ", "en ", "maar ", "и ", "а ", "но ", "ve ", "ama ", "και ", "αλλά ",
    ];

    private static readonly HashSet<string> Referents = new(StringComparer.Ordinal)
    {
        "it", "its", "this", "that", "these", "those", "they", "them", "their", "he", "she", "him", "her", "his", "one", "ones", "other", "others",
        "another", "same", "there",
    };

    internal static void Extend(QueryTerms terms, RetrievalQuery query, FusionRanker ranker)
    {
        if (query.History.Count == 0)
            return;
        var need = Need(query.Text, terms, ranker);
        var asked = terms.Stems.Select(s => s.Key).ToHashSet();
        var salient = Salient(query.History, asked, ranker);
        var previous = query.History.LastOrDefault(t => t.Author == TurnAuthor.Customer);
        if (previous is not null)
            terms.Add(previous.Text, .05f + (.3f * need));
        foreach (var word in salient)
            terms.Add(word, SalientWeight);
    }

    /// <summary>The question means little without what was said before it.</summary>
    internal static bool NeedsHistory(string text, FusionRanker ranker) => Need(text, QueryTerms.Of(text), ranker) >= .5f;

    /// <summary>How little the question says by itself: 0 for a full question, up to 1.4.</summary>
    private static float Need(string text, QueryTerms terms, FusionRanker ranker)
    {
        var need = HasReferent(text) ? .5f : 0;
        need += terms.Stems.Count switch { <= 2 => .5f, <= 4 => .25f, _ => 0 };
        var trimmed = text.AsSpan().TrimStart();
        foreach (var opener in Openers)
        {
            if (trimmed.StartsWith(opener, StringComparison.OrdinalIgnoreCase))
            {
                need += .4f;
                break;
            }
        }
        return need + (terms.Stems.Sum(s => s.Weight * ranker.Idf(s.Key)) < VagueIdf ? .25f : 0);
    }

    private static bool HasReferent(string text)
    {
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var lookup = Referents.GetAlternateLookup<ReadOnlySpan<char>>();
        var reader = new WordReader(text, buffer);
        while (reader.Read())
        {
            if (lookup.Contains(reader.Word))
                return true;
        }
        return false;
    }

    /// <summary>Words of the history that documents hold, by Σ idf · author's share · decay, without those of the question.</summary>
    private static IEnumerable<string> Salient(IReadOnlyList<HistoryTurn> history, HashSet<ulong> asked, FusionRanker ranker)
    {
        var weights = new Dictionary<ulong, (string Word, float Weight)>();
        var share = 1f;
        for (var i = history.Count - 1; i >= Math.Max(0, history.Count - MessagesRead); i--)
        {
            var author = history[i].Author == TurnAuthor.Customer ? 1 : AssistantShare;
            var turn = QueryTerms.Of(history[i].Text);
            for (var w = 0; w < turn.Words.Count; w++)
            {
                var word = turn.Words[w].Word;
                var key = turn.Stems[w].Key;
                if (asked.Contains(key) || !ranker.Knows(key))
                    continue;
                var sum = weights.GetValueOrDefault(key, (word, 0f)).Item2;
                weights[key] = (word, sum + (ranker.Idf(key) * author * share * turn.Stems[w].Weight));
            }
            share *= history[i].Author == TurnAuthor.Customer ? DecayPerTurn : 1;
        }
        return weights.OrderByDescending(w => w.Value.Weight).ThenBy(w => w.Key).Take(SalientWords).Select(w => w.Value.Word);
    }
}
