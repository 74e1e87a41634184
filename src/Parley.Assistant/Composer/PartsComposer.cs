namespace Parley.Assistant.Composer;

/// <summary>Makes one answer of the answers to the questions of a message. Pure.</summary>
internal static class PartsComposer
{
    /// <param name="parts">The questions, each with what was composed for it, in the customer's order.</param>
    /// <param name="evidence">Passages that were read for any of them.</param>
    /// <returns>
    /// Each quotation once, where it is first needed; as certain as its least certain part. Abstains when every part does.
    /// </returns>
    internal static Composition Join(IReadOnlyList<(string Text, Composition Answer)> parts, IReadOnlyList<Evidence> evidence)
    {
        var answered = parts.Where(p => p.Answer is { Abstained: null, Quotes.Count: > 0 }).Select(p => p.Answer).ToList();
        var least = (answered.Count > 0 ? answered : [.. parts.Select(p => p.Answer)]).MinBy(a => a.Confidence)!;
        var texts = evidence.DistinctBy(e => (e.ChunkId, e.Version)).ToDictionary(e => (e.ChunkId, e.Version), e => e.Text);
        var joined = new List<(AnswerBlock Block, Quote Quote)>();
        for (var part = 0; part < parts.Count; part++)
        {
            foreach (var block in parts[part].Answer.Blocks)
                Add(joined, block with { Answers = 1 << part }, parts[part].Answer.Quotes[block.Citation], texts);
        }
        return least with
        {
            Parts = [.. parts.Select(p => p.Text)],
            Abstained = answered.Count > 0 ? null : least.Abstained,
            Coverage = answered.Count > 0 ? answered.Average(a => a.Coverage) : 0,
            Blocks = [.. joined.Select((j, i) => j.Block with { Citation = i })],
            Quotes = [.. joined.Select(j => j.Quote)],
        };
    }

    /// <summary>What overlaps with a quotation that is there already is one quotation with it; of tables only what is wholly there.</summary>
    private static void Add(List<(AnswerBlock Block, Quote Quote)> joined, AnswerBlock block, Quote quote, Dictionary<(Guid, int), string> texts)
    {
        var at = joined.FindIndex(j => j.Quote.ChunkId == quote.ChunkId && j.Quote.Version == quote.Version && Overlap(j.Quote, quote)
            && (Contains(j.Quote, quote) || (j.Block.Kind != BlockKind.Table && block.Kind != BlockKind.Table)));
        if (at < 0)
        {
            joined.Add((block, quote));
            return;
        }
        var (there, said) = joined[at];
        there = there with { Answers = there.Answers | block.Answers };
        if (!Contains(said, quote))
        {
            var (start, end) = (Math.Min(said.Start, quote.Start), Math.Max(said.Start + said.Length, quote.Start + quote.Length));
            var text = texts[(quote.ChunkId, quote.Version)][start..end];
            (there, said) = (there with { Text = text }, said with { Text = text, Start = start });
        }
        joined[at] = (there, said);
    }

    private static bool Overlap(Quote a, Quote b) => a.Start < b.Start + b.Length && b.Start < a.Start + a.Length;

    private static bool Contains(Quote outer, Quote inner) => outer.Start <= inner.Start && inner.Start + inner.Length <= outer.Start + outer.Length;
}
