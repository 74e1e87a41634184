using System.Text.RegularExpressions;
using Parley.Assistant.Composer;
using Parley.Knowledge.Analysis;

namespace Parley.Assistant.Generation;

/// <summary>What stands between a piece of an answer and the one before it.</summary>
internal enum Gap
{
    Space,
    Line,
    Paragraph,
}

/// <summary>The smallest thing that is kept or dropped: a sentence of a paragraph or of a list item, a whole table, a whole block of code.</summary>
/// <param name="Text">As written, marks included, without the mark of its list.</param>
/// <param name="Lead">Of a list item: indentation and mark; otherwise empty.</param>
/// <param name="Block">Pieces of one paragraph or list item have the same.</param>
internal sealed record Piece(BlockKind Kind, string Text, string Lead, int Block, Gap Before)
{
    /// <summary>The text went on when it ended, or a block of code has no end.</summary>
    public bool Unfinished { get; init; }
}

/// <summary>
/// Cuts a text that grows into pieces, each as soon as nothing that may come can change it. In whatever portions the text comes, the pieces
/// are the same. Code and tables are never cut; marks that follow a full stop belong to the sentence before it.
/// </summary>
internal sealed partial class DraftPieces
{
    /// <summary>An opening bracket that is not closed by then is a character like any other.</summary>
    private const int BracketReach = 600;

    private string _pending = "";
    private Gap _gap = Gap.Paragraph;
    private (BlockKind Kind, string Lead)? _open;
    private int _block = -1;

    /// <summary>The last portion ended in the middle of a line's end.</summary>
    private bool _return;

    /// <summary>The pieces that are complete with this portion.</summary>
    internal IReadOnlyList<Piece> Push(string portion)
    {
        portion = (_return ? "\r" : "") + portion;
        _return = portion.EndsWith('\r');
        _pending += (_return ? portion[..^1] : portion).ReplaceLineEndings("\n");
        return Take(final: false);
    }

    /// <summary>The rest.</summary>
    /// <param name="broken">The text did not end, it broke off: its last piece is marked unless it ends as a sentence does.</param>
    internal IReadOnlyList<Piece> End(bool broken = false)
    {
        var rest = Take(final: true);
        return broken && rest is [.., { Unfinished: false } last] && !EndsAsSentence().IsMatch(last.Text) ? [.. rest.SkipLast(1), last with { Unfinished = true }] : rest;
    }

    private List<Piece> Take(bool final)
    {
        var pieces = new List<Piece>();
        while (_open is null ? Begin(final, pieces) : Continue(final, pieces))
        {
        }
        return pieces;
    }

    /// <summary>At the beginning of a block. False: more text is needed.</summary>
    private bool Begin(bool final, List<Piece> pieces)
    {
        var start = 0;
        while (start < _pending.Length && Blank().Match(_pending, start) is { Success: true } blank && (blank.Value.EndsWith('\n') || final))
        {
            (_gap, start) = (Gap.Paragraph, start + blank.Length);
        }
        _pending = _pending[start..];
        var end = _pending.IndexOf('\n');
        var line = end < 0 ? _pending : _pending[..end];
        if (_pending.Length == 0 || (end < 0 && !final && Undecided().IsMatch(line)))
        {
            return false;
        }
        if (Fence().Match(line) is { Success: true } fence)
        {
            return Code(fence.Groups["fence"].Value, final, pieces);
        }
        if (line.TrimStart().StartsWith('|'))
        {
            return Table(final, pieces);
        }
        var item = Item().Match(line);
        _block++;
        _open = item.Success ? (BlockKind.List, item.Value) : (BlockKind.Paragraph, "");
        _pending = _pending[item.Length..];
        return true;
    }

    private bool Code(string fence, bool final, List<Piece> pieces)
    {
        var close = _pending.IndexOf('\n');
        while (close >= 0)
        {
            var next = _pending.IndexOf('\n', close + 1);
            var line = _pending.AsSpan(close + 1, (next < 0 ? _pending.Length : next) - close - 1);
            if (line.Trim().StartsWith(fence, StringComparison.Ordinal) && line.Trim().Trim(fence[0]).IsEmpty && (next >= 0 || final))
            {
                close += 1 + line.Length;
                break;
            }
            close = next;
        }
        if (close < 0)
        {
            if (final)
            {
                Add(pieces, BlockKind.Code, _pending, _pending.Length, unfinished: true);
            }
            return final;
        }
        // Its number stands below it: the next thing that is written decides.
        var after = _pending.AsSpan(close);
        var marks = CitationMarks.Leading(after);
        if (!final && CitationMarks.MayBegin(after[marks..]))
        {
            return false;
        }
        var ownLine = marks > 0 && (after[marks..].TrimStart(" \t").IsEmpty || after[marks..].TrimStart(" \t")[0] == '\n');
        Add(pieces, BlockKind.Code, ownLine ? _pending[..close] + after[..marks].ToString() : _pending[..close], close + (ownLine ? marks : 0));
        return true;
    }

    private bool Table(bool final, List<Piece> pieces)
    {
        var end = 0;
        while (end < _pending.Length && _pending.AsSpan(end).TrimStart(" \t") is ['|', ..])
        {
            var next = _pending.IndexOf('\n', end);
            if (next < 0 && !final)
            {
                return false;
            }
            end = next < 0 ? _pending.Length : next + 1;
        }
        if (!final && _pending.AsSpan(end).Trim(" \t").IsEmpty)
        {
            return false;
        }
        Add(pieces, BlockKind.Table, _pending[..end].TrimEnd('\n'), end);
        _gap = Gap.Line;
        return true;
    }

    private void Add(List<Piece> pieces, BlockKind kind, string text, int consumed, bool unfinished = false)
    {
        pieces.Add(new Piece(kind, text.TrimEnd(), "", ++_block, Gap.Paragraph) { Unfinished = unfinished });
        (_pending, _gap) = (_pending[consumed..], Gap.Line);
    }

    /// <summary>Inside a paragraph or a list item. False: more text is needed.</summary>
    private bool Continue(bool final, List<Piece> pieces)
    {
        var (kind, lead) = _open!.Value;
        var (end, ended) = EndOfBlock(final);
        var sentences = Sentences(_pending[..end]);
        var taken = 0;
        for (var i = 0; i < sentences.Count && (ended || (i + 1 < sentences.Count && IsSettled(sentences, i))); i++)
        {
            var (start, stop) = sentences[i];
            var line = _pending.AsSpan(taken, start - taken).Contains('\n') ? Gap.Line : Gap.Space;
            pieces.Add(new Piece(kind, _pending[start..stop], lead, _block, (Gap)Math.Max((int)_gap, (int)line)));
            (taken, _gap) = (stop, Gap.Space);
        }
        _pending = _pending[(ended ? end : taken)..];
        if (ended)
        {
            (_open, _gap) = (null, Gap.Line);
            _pending = _pending.StartsWith('\n') ? _pending[1..] : _pending;
        }
        return ended && _pending.Length > 0;
    }

    /// <summary>Nothing that may come can change where this sentence ends, nor give it a further mark.</summary>
    private bool IsSettled(List<(int Start, int End)> sentences, int i)
    {
        var text = _pending.AsSpan(sentences[i].Start, sentences[i].End - sentences[i].Start);
        var next = _pending.AsSpan(sentences[i + 1].Start);
        return !CitationMarks.MayBegin(next) && (_pending.Length - sentences[i].Start > BracketReach || IsBalanced(text) || _pending.AsSpan(sentences[i].End, sentences[i + 1].Start - sentences[i].End).Contains('\n'));
    }

    private static bool IsBalanced(ReadOnlySpan<char> text) =>
        text.Count('`') % 2 == 0 && text.Count('(') <= text.Count(')') && text.Count('[') <= text.Count(']') && text.Count('（') <= text.Count('）');

    private (int End, bool Ended) EndOfBlock(bool final)
    {
        for (var at = _pending.IndexOf('\n'); at >= 0; at = _pending.IndexOf('\n', at + 1))
        {
            var end = _pending.IndexOf('\n', at + 1);
            var line = _pending[(at + 1)..(end < 0 ? _pending.Length : end)];
            if (end < 0 && !final && (Undecided().IsMatch(line) || line.Length == 0))
            {
                return (at, false);
            }
            if (string.IsNullOrWhiteSpace(line) || Fence().IsMatch(line) || line.TrimStart().StartsWith('|') || Item().IsMatch(line) || line.StartsWith('#') || _pending.AsSpan(0, at).StartsWith("#"))
            {
                return (at, true);
            }
        }
        return (_pending.Length, final);
    }

    /// <summary>
    /// A line's end is a sentence's: a heading, or a line that cites nothing, must not leave on its neighbour's mark. Marks that stand alone on a line belong to the one before.
    /// </summary>
    private static List<(int Start, int End)> Sentences(string text)
    {
        var result = new List<(int Start, int End)>();
        for (int start = 0, end; start <= text.Length; start = end + 1)
        {
            end = text.IndexOf('\n', start) is >= 0 and var at ? at : text.Length;
            var line = text.AsSpan(start, end - start);
            if (start > 0 && result.Count > 0 && CitationMarks.Leading(line) is > 0 and var marks && line[marks..].IsWhiteSpace())
            {
                result[^1] = (result[^1].Start, start + marks);
            }
            else
            {
                Sentences(text, start, end, result);
            }
        }
        return result;
    }

    /// <summary>Of one line. Marks that stand behind a full stop, and in scripts without one behind the words, end the sentence.</summary>
    private static void Sentences(string text, int lineStart, int lineEnd, List<(int Start, int End)> result)
    {
        var before = result.Count;
        foreach (var (start, length) in SentenceSplitter.Split(text.AsSpan(lineStart, lineEnd - lineStart)))
        {
            var (from, end) = (lineStart + start, lineStart + start + length);
            var marks = CitationMarks.Leading(text.AsSpan(from, end - from));
            if (marks > 0 && result.Count > before)
            {
                result[^1] = (result[^1].Start, from + marks);
                from += marks;
            }
            foreach (Match match in MarkedClause().Matches(text[from..end]))
            {
                result.Add(Trimmed(text, from, from + match.Length));
                from += match.Length;
            }
            if (!string.IsNullOrWhiteSpace(text[from..end]))
            {
                result.Add(Trimmed(text, from, end));
            }
        }
    }

    private static (int Start, int End) Trimmed(string text, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text[start]))
        {
            start++;
        }
        while (end > start && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }
        return (start, end);
    }

    [GeneratedRegex(@"\G[ \t]*(?:\n|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex Blank();

    [GeneratedRegex(@"^[ \t]*(?<fence>`{3,}|~{3,})", RegexOptions.CultureInvariant)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+(?=\S)", RegexOptions.CultureInvariant)]
    private static partial Regex Item();

    /// <summary>A line of which it is not seen yet what it is.</summary>
    [GeneratedRegex(@"^[ \t]*(?:[-*+•#]|[`~]{1,2}|\d{1,3}[.)]?)?[ \t]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Undecided();

    /// <summary>A mark behind a full stop ends the sentence also without a space between them; in Thai and Lao, which have no full stop, behind the words.</summary>
    [GeneratedRegex(@"\G[^\[\]【】]*(?:[\u0e00-\u0eff][ \t]*|[.!?…][""”’)*_]*)(?:\[[1-9][\d,; ]*\](?!\())+(?=\s)", RegexOptions.CultureInvariant)]
    private static partial Regex MarkedClause();

    [GeneratedRegex(@"[.!?。！？।॥؟…:：;][""'”’»」』）)\]\s*_【】\d†]*$", RegexOptions.CultureInvariant)]
    private static partial Regex EndsAsSentence();
}
