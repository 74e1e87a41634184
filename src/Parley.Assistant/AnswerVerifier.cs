using Parley.Assistant.Composer;
using Parley.Knowledge.Search;
using Parley.Platform.Data;

namespace Parley.Assistant;

/// <summary>Keeps of an answer only what its sources still say, word for word.</summary>
internal static class AnswerVerifier
{
    /// <summary>
    /// Re-reads every quoted passage by (id, version); a block whose quote is not in it verbatim is dropped. What holds now holds until the
    /// transaction has ended: a deletion that wants to commit meanwhile waits for it.
    /// </summary>
    internal static async Task<Composition> VerifyAsync(TenantSession s, Composition draft, IReadOnlyCollection<string>? audiences)
    {
        var ids = draft.Quotes.Select(q => (q.ChunkId, q.Version)).Distinct().ToList();
        await EvidenceReader.HoldAsync(s);
        var texts = (await EvidenceReader.ReadAsync(s, ids, audiences)).ToDictionary(e => (e.ChunkId, e.Version), e => e.Text);
        return Keep(draft, q => texts.TryGetValue((q.ChunkId, q.Version), out var text) && Contains(text, q));
    }

    /// <summary>
    /// Where nothing is quoted, documents may be named: near misses, or the options of a question back. Keeps of them what is still there,
    /// until the transaction has ended.
    /// </summary>
    internal static async Task<PreparedTurn> VerifyNamedAsync(TenantSession s, PreparedTurn turn, IReadOnlyCollection<string>? audiences)
    {
        await EvidenceReader.HoldAsync(s);
        var there = (await EvidenceReader.ReadAsync(s, [.. turn.Evidence.Select(e => (e.ChunkId, e.Version))], audiences)).Select(e => e.ChunkId).ToHashSet();
        var evidence = turn.Evidence.Where(e => there.Contains(e.ChunkId)).ToList();
        var documents = evidence.Select(e => e.DocumentId).ToHashSet();
        return turn with { Evidence = evidence, Options = [.. turn.Options.Where(o => documents.Contains(o.DocumentId))] };
    }

    /// <summary>The blocks whose quote holds, with their citations numbered anew. Pure.</summary>
    internal static Composition Keep(Composition draft, Func<Quote, bool> holds)
    {
        var kept = draft.Quotes.Select((quote, index) => (quote, index)).Where(q => holds(q.quote)).ToList();
        if (kept.Count == draft.Quotes.Count)
        {
            return draft;
        }
        var said = Blocks(draft, kept.ToDictionary(q => q.index, q => q.index)).SelectMany(b => b.Cites).ToHashSet();
        kept.RemoveAll(q => !said.Contains(q.index));
        var blocks = Blocks(draft, kept.Select((q, number) => (q.index, number)).ToDictionary(q => q.index, q => q.number));
        return draft with
        {
            Quotes = [.. kept.Select(q => q.quote)],
            Blocks = blocks,
            Abstained = blocks.Count == 0 ? AbstainReason.NothingToQuote : draft.Abstained,
        };
    }

    /// <summary>Those of which every quote holds. What stood between one that goes and the one before it, stands before the next one if it parts more.</summary>
    private static List<AnswerBlock> Blocks(Composition draft, Dictionary<int, int> numbers)
    {
        var (blocks, before) = (new List<AnswerBlock>(), "");
        foreach (var block in draft.Blocks)
        {
            before = before.Count('\n') > block.Before.Count('\n') ? before : block.Before;
            if (block.Cites.All(numbers.ContainsKey))
            {
                blocks.Add(block with { Citation = numbers[block.Citation], Also = [.. block.Also.Select(q => numbers[q])], Before = before });
                before = "";
            }
        }
        return blocks;
    }

    internal static bool Contains(string text, Quote quote) =>
        quote.Start >= 0 && quote.Start + quote.Length <= text.Length && text.AsSpan(quote.Start, quote.Length).SequenceEqual(quote.Text);
}
