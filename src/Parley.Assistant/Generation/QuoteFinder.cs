using Parley.Assistant.Composer;
using Parley.Knowledge.Analysis;
using Parley.Knowledge.Retrieval;

namespace Parley.Assistant.Generation;

/// <summary>Finds in a passage the words that a sentence rests on: what a citation shows, and what is read again before it is delivered.</summary>
internal sealed class QuoteFinder(IReadOnlyList<Composer.Evidence> passages)
{
    private const double PenaltyPerWord = .002;

    private readonly List<PassageBlock>?[] _blocks = new List<PassageBlock>?[passages.Count];

    /// <param name="said">The sentence, without marks.</param>
    /// <param name="passage">Which passage, from 0.</param>
    /// <returns>The passage's best-matching sentence, entry, row or block of code; its beginning where none matches (another language).</returns>
    internal Quote Best(string said, int passage)
    {
        var source = passages[passage];
        var matcher = new TermMatcher(Terms(said));
        var units = AnswerUnit.Of(passage, source.Text, _blocks[passage] ??= PassageBlocks.Parse(source.Text), matcher).FindAll(u => u is not { Kind: BlockKind.Table, Index: < 2 });
        var (start, end) = units.Count == 0 ? Whole(source.Text) : units.Where(u => !u.IsQuestion).DefaultIfEmpty(units[0]).MaxBy(Score) is var best ? (best!.Start, best.End) : default;
        return new Quote(source.DocumentId, source.SourceId, source.ChunkId, source.Version, source.Title, source.Url, source.Anchor, source.HeadingPath, source.Text[start..end], start);
    }

    /// <summary>The share of a sentence's words that its passages, their headings included, hold in any form; null: it has none of its own.</summary>
    internal double? Support(string said, IEnumerable<int> cited)
    {
        var terms = Terms(said);
        if (terms.Count == 0)
        {
            return null;
        }
        var (matcher, matches) = (new TermMatcher(terms), new float[terms.Count]);
        foreach (var passage in cited.Select(i => passages[i]))
        {
            matcher.Match(passage.Title, matches);
            matcher.Match(passage.Text, matches);
            foreach (var heading in passage.HeadingPath)
            {
                matcher.Match(heading, matches);
            }
        }
        return matches.Average();
    }

    private static double Score(AnswerUnit unit) => unit.Matches.Sum() - (PenaltyPerWord * unit.Words);

    private static (int Start, int End) Whole(string text)
    {
        var trimmed = text.AsSpan().TrimStart();
        return (text.Length - trimmed.Length, text.Length - trimmed.Length + trimmed.TrimEnd().Length);
    }

    /// <summary>Each word once, all of the same weight.</summary>
    private static List<QueryTerm> Terms(string text)
    {
        var stems = new HashSet<string>(StringComparer.Ordinal);
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        while (reader.Read())
        {
            if (!StopWords.IsStopWord(reader.Word))
            {
                stems.Add(buffer[..TextAnalyzer.StemInPlace(buffer[..reader.Word.Length])].ToString());
            }
        }
        return [.. stems.Select(stem => new QueryTerm(stem, stem, 1, Known: true))];
    }
}
