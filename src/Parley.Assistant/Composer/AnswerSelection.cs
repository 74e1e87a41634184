namespace Parley.Assistant.Composer;

/// <summary>The units chosen so far, with the blocks, introductions and neighbours that they need to be understood.</summary>
internal sealed class AnswerSelection(
    IReadOnlyList<Evidence> evidence, IReadOnlyList<List<PassageBlock>> passages, IReadOnlyList<AnswerUnit> units, int wholeBlockWords)
{
    private readonly SortedSet<AnswerUnit> _chosen = new(Comparer<AnswerUnit>.Create(
        (a, b) => (a.Evidence, a.Start).CompareTo((b.Evidence, b.Start))));

    /// <summary>Passages in the order in which they were first quoted.</summary>
    private readonly List<int> _order = [];

    internal IReadOnlyCollection<AnswerUnit> Chosen => _chosen;

    internal int Words { get; private set; }

    internal void Add(AnswerUnit unit)
    {
        foreach (var needed in Closure(unit))
            Take(needed);
    }

    /// <summary>Adds a unit and what belongs to it when that keeps within the words.</summary>
    internal void TryAdd(AnswerUnit unit, int words)
    {
        var closure = Closure(unit).Where(u => !_chosen.Contains(u)).ToList();
        if (Words + closure.Sum(u => u.Words) <= words)
            closure.ForEach(Take);
    }

    private void Take(AnswerUnit unit)
    {
        if (!_chosen.Add(unit))
            return;
        Words += unit.Words;
        if (!_order.Contains(unit.Evidence))
            _order.Add(unit.Evidence);
    }

    /// <summary>A step stands with its list and the line that introduces it, code with its sentence, "This …" with the sentence before.</summary>
    private List<AnswerUnit> Closure(AnswerUnit unit)
    {
        var block = BlockOf(unit.Evidence, unit.Block);
        List<AnswerUnit> members = unit.Kind is BlockKind.List or BlockKind.Table && block.Sum(u => u.Words) <= wholeBlockWords ? block : [unit];
        var result = new List<AnswerUnit>(members);
        if (unit.Kind == BlockKind.Paragraph)
        {
            if (unit.IntroducesNext)
                AddFollowingBlock(unit, result);
            if (unit.Index > 0 && LeansOnPrevious(unit) && block[unit.Index - 1].Words <= 30)
                result.Insert(0, block[unit.Index - 1]);
        }
        else if (unit.Block > 0 && BlockOf(unit.Evidence, unit.Block - 1) is { Count: > 0 } before && before[^1] is { Kind: BlockKind.Paragraph } intro
            && (intro.IntroducesNext || unit.Kind == BlockKind.Code))
        {
            result.Insert(0, intro);
        }
        return result;
    }

    private void AddFollowingBlock(AnswerUnit unit, List<AnswerUnit> result)
    {
        var block = BlockOf(unit.Evidence, unit.Block);
        if (block[^1] != unit)
            return;
        var next = BlockOf(unit.Evidence, unit.Block + 1);
        if (next.Count > 0 && next[0].Kind != BlockKind.Paragraph)
            result.AddRange(next.Sum(u => u.Words) <= wholeBlockWords || next[0].Kind == BlockKind.Code ? next : next.OrderByDescending(u => u.Score).Take(1));
    }

    private List<AnswerUnit> BlockOf(int passage, int block) => units.Where(u => u.Evidence == passage && u.Block == block).ToList();

    private bool LeansOnPrevious(AnswerUnit unit)
    {
        var text = evidence[unit.Evidence].Text.AsSpan(unit.Start, unit.End - unit.Start);
        foreach (var opener in Openers)
        {
            if (text.StartsWith(opener, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private static readonly string[] Openers =
    [
        "This ", "That ", "These ", "Those ", "It ", "They ", "He ", "She ", "Otherwise", "However", "Therefore", "Thus ", "Instead", "Then ", "Also ", "In this case",
        "As a result", "If so", "If not", "Dies", "Diese", "Er ", "Sie ", "Es ", "Daher", "Esto ", "Este ", "Esta ", "Sin embargo", "Acest", "Это ", "Этот ", "Он ", "Она ",
        "Они ", "Αυτό", "Αυτή", "Bu ", "Điều này", "Nó ", "Cela ", "Ce ", "Cette ", "Isso ", "Esse ", "Questo ", "Questa ", "Dit ", "Deze ", "这", "该", "它", "他", "यह ", "ये ", "इस", "هذا", "هذه",
    ];

    /// <param name="coverage">See <see cref="Composition.Coverage"/>.</param>
    /// <param name="direct">The unit that says it in one sentence: it leads, and what stands around it in the source follows. Null: reading order.</param>
    internal Composition ToComposition(double coverage, AnswerUnit? direct = null)
    {
        var lead = direct is not null && Leads(direct) ? direct : null;
        var blocks = new List<AnswerBlock>();
        var quotes = new List<Quote>();
        foreach (var passage in _order)
        {
            var units = _chosen.Where(u => u.Evidence == passage);
            foreach (var run in lead?.Evidence == passage ? Runs(units.Where(u => u != lead)).Prepend([lead]) : Runs(units))
            {
                var source = evidence[passage];
                var (start, end) = (run[0].Start, run[^1].End);
                var text = source.Text[start..end];
                blocks.Add(new AnswerBlock(run[0].Kind, WithTableHead(run, text), quotes.Count));
                quotes.Add(new Quote(
                    source.DocumentId, source.SourceId, source.ChunkId, source.Version, source.Title, source.Url, source.Anchor, source.HeadingPath, text, start));
            }
        }
        return new Composition { Coverage = coverage, Blocks = blocks, Quotes = quotes };
    }

    /// <summary>A sentence that stands for itself, with others of its passage before it, none of which needs it.</summary>
    private bool Leads(AnswerUnit unit) =>
        unit is { Kind: BlockKind.Paragraph, IntroducesNext: false, IsQuestion: false } && !LeansOnPrevious(unit)
        && _chosen.Any(u => u.Evidence == unit.Evidence && u.Start < unit.Start)
        && !_chosen.Any(u => u.Evidence == unit.Evidence && u.Block == unit.Block && u.Index == unit.Index + 1 && LeansOnPrevious(u));

    /// <summary>A table row means nothing without its head; the quote stays the rows alone.</summary>
    private string WithTableHead(List<AnswerUnit> rows, string text)
    {
        if (rows[0].Kind != BlockKind.Table)
            return text;
        var table = passages[rows[0].Evidence][rows[0].Block];
        return evidence[rows[0].Evidence].Text[table.Items[0].Start..table.Items[1].End] + "\n" + text;
    }

    /// <summary>Neighbouring units of one block are one quote.</summary>
    private static List<List<AnswerUnit>> Runs(IEnumerable<AnswerUnit> chosen)
    {
        var runs = new List<List<AnswerUnit>>();
        foreach (var unit in chosen)
        {
            if (runs.Count > 0 && runs[^1][^1] is var last && last.Block == unit.Block && last.Index + 1 == unit.Index)
                runs[^1].Add(unit);
            else
                runs.Add([unit]);
        }
        return runs;
    }
}
