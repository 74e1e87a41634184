namespace Parley.Knowledge.Readers;

/// <summary>Collects headings and blocks in reading order. A heading without anything below it is kept as a text of its own: nothing a reader sees is lost.</summary>
internal sealed class DocumentBuilder
{
    private const int MaxUnits = 250_000;

    /// <summary>Nobody reads a document of more, and it must fit into the memory of a child several times.</summary>
    private const int MaxCharacters = 25_000_000;

    private readonly Anchors _anchors = new();
    private readonly List<ReadHeading> _headings = [];
    private readonly List<ReadBlock> _blocks = [];
    private readonly List<Open> _open = [];
    private int _current = -1;
    private int _units;
    private int _characters;
    private string? _place;

    private sealed record Open(int Level, string Text, string? Anchor, bool IsComponent)
    {
        internal bool HasContent { get; set; }
    }

    /// <summary>The document's first level-one heading.</summary>
    internal string? FirstTitle { get; private set; }

    internal int BlockCount => _blocks.Count;

    /// <summary>What follows stands at another place (a page, a slide), without a heading of its own.</summary>
    internal void Place(string anchor) => (_place, _current) = (anchor, -1);

    /// <param name="level">1 to 6.</param>
    /// <param name="text">Without markup.</param>
    /// <param name="anchor">The author's own; null: made from the text.</param>
    internal void Heading(int level, string text, string? anchor)
    {
        if (text.Length == 0)
            return;
        anchor ??= _anchors.Of(text);
        if (level == 1)
            FirstTitle ??= text;
        // A heading inside a component does not end the component.
        while (_open is [.., { IsComponent: false } last] && last.Level >= level)
            Pop();
        Push(new Open(level, text, anchor.Length == 0 ? null : anchor, IsComponent: false));
    }

    /// <summary>Something with a title that folds or stands apart (accordion, step, tab): a heading below the current one.</summary>
    internal void OpenComponent(string title) => Push(new Open(Math.Min(7, (_open.LastOrDefault()?.Level ?? 1) + 1), title, null, IsComponent: true));

    internal void CloseComponent()
    {
        if (!_open.Exists(o => o.IsComponent))
            return;
        while (!_open[^1].IsComponent)
            Pop();
        Pop();
    }

    internal void Text(string text)
    {
        if (!string.IsNullOrWhiteSpace(text))
            Add(BlockKind.Text, [new BlockUnit(text)]);
    }

    internal void Code(string code, string language)
    {
        if (!string.IsNullOrWhiteSpace(code))
            Add(BlockKind.Code, [new BlockUnit(Fence(code, language), Verbatim: true)]);
    }

    internal void Add(BlockKind kind, IReadOnlyList<BlockUnit> units)
    {
        if (units.Count == 0)
            return;
        (_units, _characters) = (_units + units.Count, _characters + units.Sum(u => u.Text.Length));
        if (_units > MaxUnits || _characters > MaxCharacters)
            throw new ReaderLimitException($"The document has more than {(_units > MaxUnits ? $"{MaxUnits} paragraphs and rows" : $"{MaxCharacters / 1_000_000} million characters")}. Split it.");
        foreach (var open in _open)
            open.HasContent = true;
        if (_current < 0)
        {
            _headings.Add(new ReadHeading([.. _open.Select(o => o.Text)], _place ?? _open.LastOrDefault(o => o.Anchor is not null)?.Anchor));
            _current = _headings.Count - 1;
        }
        _blocks.Add(new ReadBlock(_current, kind, units));
    }

    /// <summary>The level-one heading that is the title leaves the paths: it stands above everything.</summary>
    internal ReadDocument Build(string title)
    {
        while (_open.Count > 0)
            Pop();
        return new ReadDocument
        {
            Title = title,
            Headings = [.. _headings.Select(h => h.Path is [var first, ..] && IsTitle(first, title) ? h with { Path = [.. h.Path.Skip(1)] } : h)],
            Blocks = _blocks,
        };
    }

    /// <summary>Longer than any run of backticks inside.</summary>
    internal static string Fence(string code, string language)
    {
        var (longest, run) = (2, 0);
        foreach (var c in code)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        var fence = new string('`', longest + 1);
        return $"{fence}{language}\n{code.TrimEnd('\n', ' ', '\t').TrimStart('\n')}\n{fence}";
    }

    private static bool IsTitle(string heading, string title) => string.Equals(heading.Trim(), title.Trim(), StringComparison.OrdinalIgnoreCase);

    private void Push(Open open)
    {
        foreach (var above in _open)
            above.HasContent = true;
        _open.Add(open);
        _current = -1;
    }

    private void Pop()
    {
        var last = _open[^1];
        if (!last.HasContent)
            Add(BlockKind.Text, [new BlockUnit(last.Text)]);
        _open.RemoveAt(_open.Count - 1);
        _current = -1;
    }
}
