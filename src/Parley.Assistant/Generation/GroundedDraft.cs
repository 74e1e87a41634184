using System.Text.RegularExpressions;
using Parley.Assistant.Composer;

namespace Parley.Assistant.Generation;

/// <summary>
/// What is left of a model's text when every piece that cites no passage of its evidence is taken out. A citation is the passage's own words,
/// so that it can be checked against the database like a quotation. Pure, and the same for every model and language.
/// </summary>
internal sealed partial class GroundedDraft(IReadOnlyList<Composer.Evidence> passages)
{
    private readonly QuoteFinder _finder = new(passages);
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
        if (piece.Unfinished || text.Length == 0 || cited.Count == 0 || !HoldsAddresses(text, cited))
        {
            return false;
        }
        var quotes = cited.ConvertAll(i => Quoted(_finder.Best(text, i)));
        if (_finder.Support(text, cited) is { } support)
        {
            _support.Add(support);
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

    /// <summary>Head and rule with the rows that cite; nothing where none does.</summary>
    private (string Text, List<int> Cited) Rows(string table)
    {
        var (kept, cited) = (new List<string>(), new List<int>());
        foreach (var (index, line) in table.Split('\n').Index())
        {
            var (text, known) = Said(line);
            if (index < 2 || known.Count > 0)
            {
                kept.Add(text);
                cited.AddRange(known);
            }
        }
        return kept.Count > 2 ? (string.Join('\n', kept), [.. cited.Distinct()]) : ("", []);
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

    /// <summary>An address that no cited passage has was made up, or smuggled in.</summary>
    private bool HoldsAddresses(string text, List<int> cited) => Address().Matches(text).All(address =>
        cited.Exists(i => passages[i].Text.Contains(address.Value.TrimEnd('.', ',', ')', '*', '_'), StringComparison.OrdinalIgnoreCase) || passages[i].Url?.StartsWith(address.Value.TrimEnd('.', ','), StringComparison.OrdinalIgnoreCase) == true));

    [GeneratedRegex(@"https?://[^\s<>""'`\])]+|(?<=\]\()[^\s)]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Address();
}
