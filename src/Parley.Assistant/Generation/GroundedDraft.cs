using System.Text.RegularExpressions;
using Parley.Assistant.Analysis;
using Parley.Assistant.Composer;

namespace Parley.Assistant.Generation;

/// <summary>
/// What is left of a model's text when every piece is taken out that cites no passage of its evidence, or says what the cited ones plainly do not
/// hold. A citation is the passage's own words, so that it can be checked against the database like a quotation. Pure, and the same for every model.
/// </summary>
/// <param name="passages">What the model was shown.</param>
/// <param name="language">The question's: assumed where a text does not show its own.</param>
internal sealed partial class GroundedDraft(IReadOnlyList<Composer.Evidence> passages, string language)
{
    private readonly QuoteFinder _finder = new(passages);
    private readonly PassageFacts _facts = new(passages);
    private readonly List<AnswerBlock> _blocks = [];
    private readonly List<Quote> _quotes = [];
    private readonly List<double> _support = [];
    private Gap _gap;
    private int _lastBlock = -1;

    /// <summary>Pieces that were read.</summary>
    internal int Pieces { get; private set; }

    /// <summary>Of these, pieces that cite.</summary>
    internal int Kept => _blocks.Count;

    /// <summary>The model says that the passages do not answer.</summary>
    internal bool SaysNoAnswer { get; private set; }

    /// <summary>The share of the kept pieces' words that their passages hold.</summary>
    internal double Support => _support.Count == 0 ? 0 : _support.Average();

    internal IReadOnlyList<AnswerBlock> Blocks => _blocks;

    internal IReadOnlyList<Quote> Quotes => _quotes;

    internal string Text => Answer(new Composition()).Text;

    /// <summary>Reads the next piece. True: it is kept.</summary>
    internal bool Add(Piece piece)
    {
        _gap = (Gap)Math.Max((int)_gap, (int)piece.Before);
        if (piece.Text.Contains(Prompts.NoAnswer, StringComparison.Ordinal))
        {
            SaysNoAnswer = true;
            return false;
        }
        Pieces++;
        var (text, cited) = piece.Kind switch { BlockKind.Table => Rows(piece.Text), BlockKind.Code => Code(piece.Text), _ => Said(piece.Text) };
        var support = _finder.Support(text, cited);
        if (piece.Unfinished || text.Length == 0 || cited.Count == 0 || !IsHeld(piece.Kind, text, cited) || (support == 0 && IsComparable(text, cited)))
        {
            return false;
        }
        var quotes = cited.ConvertAll(i => Quoted(_finder.Best(text, i)));
        if (support is { } share)
        {
            _support.Add(share);
        }
        // The mark of a list stands before the first sentence of its entry that is left.
        _blocks.Add(new AnswerBlock(piece.Kind, (piece.Block == _lastBlock ? "" : piece.Lead) + text, quotes[0]) { Also = [.. quotes.Skip(1).Where(q => q != quotes[0]).Distinct()], Before = Separator() });
        (_lastBlock, _gap) = (piece.Block, Gap.Space);
        return true;
    }

    /// <summary>As an answer in the place of what was composed without a model.</summary>
    internal Composition Answer(Composition composed) => composed with { Abstained = null, Blocks = [.. _blocks], Quotes = [.. _quotes], Parts = [] };

    private string Separator() => _gap switch { Gap.Paragraph => "\n\n", Gap.Line => "\n", _ => " " };

    private (string Text, List<int> Cited) Said(string written)
    {
        var (text, numbers) = CitationMarks.Take(written);
        return (text, Known(numbers));
    }

    /// <summary>Brackets inside are code; the numbers are the line below.</summary>
    private (string Text, List<int> Cited) Code(string written)
    {
        var end = written.LastIndexOf('\n');
        return end > 0 && written[(end + 1)..].TrimStart() is ['[' or '【', ..] below ? (written[..end].TrimEnd(), Said(below).Cited) : (written, []);
    }

    /// <summary>What can be told without understanding: code, addresses and numbers are the cited passages' own.</summary>
    private bool IsHeld(BlockKind kind, string text, List<int> cited) => kind == BlockKind.Code ? _facts.HoldCode(text, cited) : _facts.HoldAddresses(text, cited) && _facts.HoldNumbers(text, cited);

    /// <summary>In one language with its passages: where they share no word, it is not theirs.</summary>
    private bool IsComparable(string text, List<int> cited) =>
        LanguageDetector.Detect(text, language) == LanguageDetector.Detect(string.Join('\n', cited.Select(i => passages[i].Text)), language);

    /// <summary>Head and rule with the rows that cite; nothing where none does. Lines that are no table each need their mark.</summary>
    private (string Text, List<int> Cited) Rows(string table)
    {
        var (kept, cited) = (new List<string>(), new List<int>());
        var lines = table.Split('\n');
        var head = lines.Length > 1 && Rule().IsMatch(lines[1]) ? 2 : 0;
        foreach (var (index, line) in lines.Index())
        {
            var (text, known) = Said(line);
            if (index < head || (known.Count > 0 && IsHeld(BlockKind.Table, text, known)))
            {
                kept.Add(text);
                cited.AddRange(known);
            }
        }
        return kept.Count > head ? (string.Join('\n', kept), [.. cited.Distinct()]) : ("", []);
    }

    private List<int> Known(IReadOnlyList<int> numbers) => [.. numbers.Where(n => n <= passages.Count).Select(n => n - 1)];

    private int Quoted(Quote quote)
    {
        var at = _quotes.FindIndex(q => q.ChunkId == quote.ChunkId && q.Start == quote.Start && q.Length == quote.Length);
        if (at < 0)
        {
            _quotes.Add(quote);
        }
        return at < 0 ? _quotes.Count - 1 : at;
    }

    /// <summary>The line below the head of a table.</summary>
    [GeneratedRegex(@"^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Rule();
}
