using Parley.Inference;
using Parley.Knowledge.Analysis;
using Parley.Knowledge.Readers;

namespace Parley.Knowledge.Chunking;

/// <summary>The smallest piece that the chunker moves: a block, a list item, a table row, a sentence.</summary>
/// <param name="Text">Never cut any more.</param>
/// <param name="Separator">What stands between it and the piece before.</param>
/// <param name="Kind">Of its block.</param>
/// <param name="BreakCost">How bad it is to begin a chunk here: 0 between paragraphs, up to 4 inside a word.</param>
/// <param name="Head">A row's table head, which a chunk that begins with the row repeats.</param>
internal sealed record Atom(string Text, string Separator, BlockKind Kind, int BreakCost, string? Head = null)
{
    internal const int BetweenBlocks = 0;
    internal const int BetweenItems = 1;
    internal const int BetweenSentences = 2;
    internal const int InsideItem = 3;
    internal const int InsideSentence = 4;

    internal int Tokens { get; } = TokenEstimate.Count(Text);

    /// <summary>It announces what follows and should stay with it: "Do this:", or a heading in flat mode.</summary>
    internal bool LeadsIn => Kind == BlockKind.Text && Text is [.., ':'] or [.., '：'] or [.., ' ', '-'] or ['#', '#', ..];

    /// <summary>The pieces of a block, none longer than <paramref name="cap"/> tokens unless it is verbatim.</summary>
    internal static IEnumerable<Atom> Of(ReadBlock block, int cap, bool bySentence = false)
    {
        var head = block.Kind == BlockKind.Table && block.Units.Count > 1 ? block.Units[0].Text : null;
        for (var i = 0; i < block.Units.Count; i++)
        {
            var unit = block.Units[i];
            var whole = new Atom(unit.Text, i == 0 || unit.Loose ? "\n\n" : "\n", block.Kind,
                i == 0 ? BetweenBlocks : unit.Nested ? InsideItem : BetweenItems, i > 0 ? head : null);
            if (unit.Verbatim || (whole.Tokens <= cap && !bySentence))
            {
                yield return whole;
                continue;
            }
            foreach (var piece in Cut(whole, cap, unit.Nested))
                yield return piece;
        }
    }

    private static IEnumerable<Atom> Cut(Atom whole, int cap, bool nested)
    {
        var end = 0;
        foreach (var (at, length) in SentenceSplitter.Split(whole.Text))
        {
            // The white space before the first sentence is the indentation of a list item: it belongs to the text.
            var start = end == 0 ? 0 : at;
            var sentence = whole with
            {
                Text = whole.Text[start..(at + length)],
                Separator = end == 0 ? whole.Separator : whole.Text[end..start],
                BreakCost = end == 0 ? whole.BreakCost : nested ? InsideItem : BetweenSentences,
            };
            // "with" copies the count of the whole: it must be made anew.
            sentence = new Atom(sentence.Text, sentence.Separator, sentence.Kind, sentence.BreakCost);
            end = at + length;
            if (sentence.Tokens <= cap)
            {
                yield return sentence;
                continue;
            }
            foreach (var piece in CutSentence(sentence, cap))
                yield return piece;
        }
    }

    /// <summary>A sentence that fills more than a chunk (a log, a list without marks, a script without spaces): at white space, else anywhere.</summary>
    private static IEnumerable<Atom> CutSentence(Atom sentence, int cap)
    {
        var text = sentence.Text;
        for (var start = 0; start < text.Length;)
        {
            var length = Fitting(text, start, cap);
            var end = start + length;
            if (end < text.Length)
            {
                var space = text.AsSpan(start, length).LastIndexOfAny(" \n\t");
                if (space > length / 2)
                    end = start + space + 1;
                else if (char.IsLowSurrogate(text[end]) && end - 1 > start)
                    end--;
            }
            var (piece, separator) = (text[start..end], start == 0 ? sentence.Separator : "");
            yield return new Atom(piece, separator, sentence.Kind, start == 0 ? sentence.BreakCost : InsideSentence);
            start = end;
        }
    }

    private static int Fitting(string text, int start, int cap)
    {
        var (low, high) = (1, Math.Min(text.Length - start, cap * 8));
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (TokenEstimate.Count(text.AsSpan(start, middle)) <= cap)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }
}
