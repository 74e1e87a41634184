using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Parley.Assistant.Composer;
using Parley.Escalations;
using Parley.Knowledge.Analysis;
using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Search;
using Parley.Platform.Data;

namespace Parley.Assistant;

/// <summary>
/// What a customer may ask next: headings beside the one that was quoted, in the same document, each of which the engine answers from its
/// own section when it is sent as it is.
/// </summary>
/// <remarks>
/// What a heading answers depends on the state of the knowledge only: it is found out once, after the answer has been sent, for the nearest
/// headings, one by one, and only while no other customer waits: a turn that begins meanwhile waits for one heading at most. A document's
/// passages share its version: where a quotation of it still stands, so do they.
/// </remarks>
internal sealed partial class NextQuestions(TenantDb db, KnowledgeSearch search, RunningTurns running)
{
    internal const int Most = 3;

    /// <summary>Headings that are tried for one answer.</summary>
    private const int MostTried = 4;

    /// <summary>With more turns under way than this one, only what is known already is offered: their first words come before these.</summary>
    private const int Alone = 1;

    private const int LongestHeading = 80;
    private const int FewestWords = 2;

    /// <summary>Two words that begin with so many of the same letters are one in two forms.</summary>
    private const int SameFrom = 4;
    private const int MostWords = 12;

    /// <summary>Headings that are remembered; beyond it all are forgotten.</summary>
    private const int MostKept = 20_000;

    private readonly ConcurrentDictionary<(Guid Tenant, Guid Document, string Audiences, string Path), (long Change, double Confidence)> _known = new();

    /// <summary>At most three, the nearest first; none where the answer has no neighbours that answer.</summary>
    internal async Task<IReadOnlyList<string>> OfAsync(PreparedTurn turn, TurnResult result, CancellationToken ct)
    {
        if (result.Outcome != TurnOutcome.Answered || turn.Composition is not { Quotes: [var quote, ..] })
        {
            return [];
        }
        // An option that the customer took narrowed the search; what comes next may be asked of everything.
        var question = turn.Question with { Filter = turn.Question.Filter with { DocumentIds = null } };
        var (change, passages) = await search.PassagesAsync(question.TenantId, quote.DocumentId, ct);
        var near = Near([.. passages.Select(p => p.HeadingPath)], [.. turn.Composition.Quotes.Where(q => q.DocumentId == quote.DocumentId).Select(q => q.HeadingPath)],
            [turn.Focus.Text, .. question.Messages, .. question.History.Where(h => h.Author == TurnAuthor.Customer).Select(h => h.Text)]);
        var key = (IReadOnlyList<string> path) => (question.TenantId, quote.DocumentId, question.Filter.Audiences is { } a ? string.Join(' ', a.Order(StringComparer.Ordinal)) : "*", string.Join('\n', path));
        var known = near.Take(MostTried).Select(h => (h.Text, h.Path, Known: _known.TryGetValue(key(h.Path), out var k) && k.Change == change ? k.Confidence : (double?)null)).ToList();
        for (var i = 0; i < known.Count && running.Count <= Alone; i++)
        {
            if (known[i] is { Known: null } unknown)
            {
                var confidence = await ConfidenceAsync(question, quote.DocumentId, unknown.Path, unknown.Text, ct);
                known[i] = (unknown.Text, unknown.Path, confidence);
                if (_known.Count >= MostKept)
                {
                    _known.Clear();
                }
                _known[key(unknown.Path)] = (change, confidence);
            }
        }
        var from = Math.Max(TurnDecision.Threshold(turn), question.Profile.NoteBelow ?? TurnDecision.DefaultNoteBelow);
        return [.. known.Where(k => k.Known > 0 && question.Calibration.Apply(k.Known.Value) >= from).Select(k => k.Text).Take(Most)];
    }

    /// <summary>Headings beside the quoted one that can be asked and were not: what follows it first, then what stands before it. Pure.</summary>
    /// <param name="paths">Of all passages in reading order.</param>
    /// <param name="quoted">Those that the answer quotes; the first decides.</param>
    /// <param name="said">What the customer has said.</param>
    internal static IEnumerable<(string Text, IReadOnlyList<string> Path)> Near(IReadOnlyList<IReadOnlyList<string>> paths, IReadOnlyList<IReadOnlyList<string>> quoted, IReadOnlyList<string> said)
    {
        var at = paths.Index().FirstOrDefault(h => h.Item.SequenceEqual(quoted[0]), (Index: -1, Item: quoted[0])).Index;
        var depth = Math.Max(quoted[0].Count, 1);
        var asked = said.Select(Subject).ToList();
        // Looked at in this order, and no further than is wanted: a long document has hundreds of headings.
        return paths.Index().Where(h => h.Item.Count == depth && h.Item.Take(depth - 1).SequenceEqual(quoted[0].Take(depth - 1)) && !quoted.Any(q => q.SequenceEqual(h.Item)))
            .OrderBy(h => h.Index < at).ThenBy(h => Math.Abs(h.Index - at)).Select(h => (Text: Ask(h.Item[^1]), Path: h.Item))
            .Where(h => h.Text is not null && !asked.Exists(s => Says(s, Subject(h.Text)))).DistinctBy(h => h.Text, StringComparer.OrdinalIgnoreCase).Select(h => (h.Text!, h.Path));
    }

    /// <summary>A heading as a customer could send it; null: nobody would ask that. Pure.</summary>
    internal static string? Ask(string heading)
    {
        var text = Numbering().Replace(Marks().Replace(heading, "$1"), "").Trim().TrimEnd(':', '：', '.', '。');
        return text.Length is > 0 and <= LongestHeading && TextAnalyzer.CountWords(text) is >= FewestWords and <= MostWords && Analysis.QuestionParts.HasSubject(text)
            && Analysis.QuestionAnalyzer.Analyze(text).Intent == Analysis.Intent.Question ? text : null;
    }

    private static List<string> Subject(string text) => PhraseSet.Words(text).FindAll(w => Analysis.QuestionParts.HasSubject(w));

    /// <summary>A message has asked this, in whatever form of its words.</summary>
    private static bool Says(List<string> message, List<string> heading) =>
        heading.TrueForAll(h => message.Exists(m => m.AsSpan().CommonPrefixLength(h) >= Math.Min(SameFrom, Math.Min(m.Length, h.Length))));

    /// <summary>The confidence of the answer that a heading gets from its own section; 0: it gets none.</summary>
    private async Task<double> ConfidenceAsync(TurnQuestion question, Guid documentId, IReadOnlyList<string> path, string text, CancellationToken ct)
    {
        var found = await search.SearchAsync(question.TenantId, new RetrievalQuery { Text = text, Filter = question.Filter }, ct);
        if (found.Chunks is not [var best, ..] || best.DocumentId != documentId || !best.HeadingPath.SequenceEqual(path))
        {
            return 0;
        }
        var wanted = found.Chunks.Take(ExtractiveComposer.EvidenceRead).Select(c => (c.Id, c.Version)).ToList();
        var rows = (await db.InTransactionAsync(question.TenantId, s => EvidenceReader.ReadAsync(s, wanted, TurnLookup.Audiences(question)), ct)).ToDictionary(r => (r.ChunkId, r.Version));
        return Confidence(ExtractiveComposer.Compose(text, found, TurnLookup.EvidenceOf(found, rows), threshold: 0), documentId, path);
    }

    /// <summary>What is quoted first must be of the section that the heading promises.</summary>
    private static double Confidence(Composition answer, Guid documentId, IReadOnlyList<string> path) =>
        answer is { Abstained: null, Quotes: [var first, ..] } && first.DocumentId == documentId && first.HeadingPath.SequenceEqual(path) ? answer.RawConfidence : 0;

    [GeneratedRegex(@"[*`#\\]+|!?\[([^\]]*)\]\([^)]*\)|<[^>]+>", RegexOptions.CultureInvariant)]
    private static partial Regex Marks();

    [GeneratedRegex(@"^\s*(?:\d+(?:\.\d+)*[.)]|[a-zA-Z][.)]|[IVX]+\.)\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Numbering();
}
