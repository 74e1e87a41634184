using Parley.Knowledge.Analysis;

namespace Parley.Assistant.Composer;

/// <summary>The smallest thing that is quoted: a sentence, a list item, a table row or a code block, as a span of one passage.</summary>
internal sealed class AnswerUnit
{
    private AnswerUnit(int evidence, int block, int index, BlockKind kind, string passage, int start, int end, TermMatcher matcher)
    {
        (Evidence, Block, Index, Kind, Start, End) = (evidence, block, index, kind, start, end);
        var text = passage.AsSpan(start, end - start);
        Matches = new float[matcher.Count];
        var (words, others) = matcher.Match(text, Matches);
        IsNoNews = words < 3 || others == 0;
        Words = TextAnalyzer.CountWords(text);
        IsQuestion = text.TrimEnd("*_ \n").EndsWithAny('?', '？', '؟');
        IntroducesNext = text.TrimEnd("*_ \n").EndsWithAny(':', '：');
        HasDigit = text.ContainsAnyInRange('0', '9');
    }

    /// <summary>Ordinals of the passage, of the block in it and of the unit in that.</summary>
    internal int Evidence { get; }

    internal int Block { get; }

    internal int Index { get; }

    internal BlockKind Kind { get; }

    internal int Start { get; }

    internal int End { get; }

    /// <summary>How far the unit matches each term of the question.</summary>
    internal float[] Matches { get; }

    /// <summary>It says next to nothing, or only repeats the question.</summary>
    internal bool IsNoNews { get; }

    /// <summary>Words to read.</summary>
    internal int Words { get; }

    internal bool IsQuestion { get; }

    internal bool IntroducesNext { get; }

    internal bool HasDigit { get; }

    internal double Score { get; set; }

    /// <summary>The units of one passage in reading order.</summary>
    internal static List<AnswerUnit> Of(int evidence, string passage, List<PassageBlock> blocks, TermMatcher matcher)
    {
        var units = new List<AnswerUnit>();
        for (var b = 0; b < blocks.Count; b++)
        {
            var block = blocks[b];
            if (block.Kind == BlockKind.Paragraph)
            {
                var sentences = SentenceSplitter.Split(passage.AsSpan(block.Start, block.Length));
                for (var s = 0; s < sentences.Count; s++)
                {
                    var start = block.Start + sentences[s].Start;
                    units.Add(new AnswerUnit(evidence, b, s, block.Kind, passage, start, start + sentences[s].Length, matcher));
                }
                continue;
            }
            for (var i = 0; i < block.Items.Count; i++)
                units.Add(new AnswerUnit(evidence, b, i, block.Kind, passage, block.Items[i].Start, block.Items[i].End, matcher));
        }
        return units;
    }
}

internal static class SpanEnds
{
    internal static bool EndsWithAny(this ReadOnlySpan<char> text, params ReadOnlySpan<char> ends) => text.Length > 0 && ends.Contains(text[^1]);
}
