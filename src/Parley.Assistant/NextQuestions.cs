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
/// What a document's headings answer depends on the state of the knowledge only, so it is worked out once per document and state, after the
/// answer has been sent. A document's passages share its version: where a quotation of it still stands, so do they.
/// </remarks>
internal sealed partial class NextQuestions(TenantDb db, KnowledgeSearch search)
{
    internal const int Most = 3;

    /// <summary>Headings of one document that are tried.</summary>
    private const int MostTried = 12;

    private const int LongestHeading = 80;
    private const int FewestWords = 2;

    /// <summary>Two words that begin with so many of the same letters are one in two forms.</summary>
    private const int SameFrom = 4;
    private const int MostWords = 12;

    /// <summary>Documents that are remembered; beyond it all are forgotten.</summary>
    private const int MostKept = 2_000;

    private readonly ConcurrentDictionary<(Guid Tenant, Guid Document, string Audiences), Known> _known = new();

    /// <param name="Change">The state of the knowledge.</param>
    /// <param name="Headings">In the document's order, with the confidence of the answer that each gets from its section; 0: it gets none.</param>
    private sealed record Known(long Change, IReadOnlyList<Heading> Headings);

    private sealed record Heading(IReadOnlyList<string> Path, string Text, double RawConfidence);

    /// <summary>At most three, the nearest first; none where the answer quotes several documents' parts or has no neighbours that answer.</summary>
    internal async Task<IReadOnlyList<string>> OfAsync(PreparedTurn turn, TurnResult result, CancellationToken ct)
    {
        if (result.Outcome != TurnOutcome.Answered || turn.Composition is not { Quotes: [var quote, ..] })
        {
            return [];
        }
        var headings = await HeadingsAsync(turn.Question, quote.DocumentId, ct);
        var from = Math.Max(TurnDecision.Threshold(turn), turn.Question.Profile.NoteBelow ?? TurnDecision.DefaultNoteBelow);
        return Choose(
            [.. headings.Where(h => h.RawConfidence > 0 && turn.Question.Calibration.Apply(h.RawConfidence) >= from).Select(h => (h.Path, h.Text))],
            [.. headings.Select(h => h.Path)], [.. turn.Composition.Quotes.Where(q => q.DocumentId == quote.DocumentId).Select(q => q.HeadingPath)],
            [turn.Focus.Text, .. turn.Question.Messages, .. turn.Question.History.Where(h => h.Author == TurnAuthor.Customer).Select(h => h.Text)]);
    }

    /// <summary>Beside the quoted heading and not said yet: what follows it first, then what stands before it. Pure.</summary>
    /// <param name="answered">Headings that get an answer.</param>
    /// <param name="all">All headings in reading order.</param>
    /// <param name="quoted">Those that the answer quotes; the first decides.</param>
    /// <param name="said">What the customer has said.</param>
    internal static IReadOnlyList<string> Choose(
        IReadOnlyList<(IReadOnlyList<string> Path, string Text)> answered, IReadOnlyList<IReadOnlyList<string>> all, IReadOnlyList<IReadOnlyList<string>> quoted, IReadOnlyList<string> said)
    {
        var at = all.Index().FirstOrDefault(h => h.Item.SequenceEqual(quoted[0]), (Index: -1, Item: quoted[0])).Index;
        var depth = Math.Max(quoted[0].Count, 1);
        var asked = said.Select(Subject).ToList();
        return [.. answered.Select(h => (h.Path, h.Text, Place: all.Index().First(a => a.Item.SequenceEqual(h.Path)).Index))
            .Where(h => h.Path.Count == depth && h.Path.Take(depth - 1).SequenceEqual(quoted[0].Take(depth - 1)) && !quoted.Any(q => q.SequenceEqual(h.Path)) && !asked.Exists(s => Says(s, Subject(h.Text))))
            .OrderBy(h => h.Place < at).ThenBy(h => Math.Abs(h.Place - at)).Select(h => h.Text).Distinct(StringComparer.OrdinalIgnoreCase).Take(Most)];
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

    private async Task<IReadOnlyList<Heading>> HeadingsAsync(TurnQuestion question, Guid documentId, CancellationToken ct)
    {
        var key = (question.TenantId, documentId, question.Filter.Audiences is { } a ? string.Join(' ', a.Order(StringComparer.Ordinal)) : "*");
        var (change, passages) = await search.PassagesAsync(question.TenantId, documentId, ct);
        if (_known.TryGetValue(key, out var known) && known.Change == change)
        {
            return known.Headings;
        }
        var headings = await AnswersAsync(question, documentId, [.. passages.Select(p => p.HeadingPath).Where(p => p.Count > 0).DistinctBy(p => string.Join('\n', p))], ct);
        if (_known.Count >= MostKept)
        {
            _known.Clear();
        }
        _known[key] = new Known(change, headings);
        return headings;
    }

    private async Task<IReadOnlyList<Heading>> AnswersAsync(TurnQuestion question, Guid documentId, IReadOnlyList<IReadOnlyList<string>> paths, CancellationToken ct)
    {
        var tried = new Dictionary<int, (string Text, RetrievalResult Found)>();
        for (var i = 0; i < paths.Count && tried.Count < MostTried; i++)
        {
            if (Ask(paths[i][^1]) is not { } text)
            {
                continue;
            }
            var found = await search.SearchAsync(question.TenantId, new RetrievalQuery { Text = text, Filter = question.Filter }, ct);
            if (found.Chunks is [var best, ..] && best.DocumentId == documentId && best.HeadingPath.SequenceEqual(paths[i]))
            {
                tried[i] = (text, found);
            }
        }
        var wanted = tried.Values.SelectMany(t => t.Found.Chunks.Take(ExtractiveComposer.EvidenceRead)).Select(c => (c.Id, c.Version)).Distinct().ToList();
        var rows = wanted.Count == 0 ? [] : (await db.InTransactionAsync(question.TenantId, s => EvidenceReader.ReadAsync(s, wanted, TurnLookup.Audiences(question)), ct)).ToDictionary(r => (r.ChunkId, r.Version));
        return [.. paths.Select((path, i) => tried.TryGetValue(i, out var t)
            ? new Heading(path, t.Text, Confidence(ExtractiveComposer.Compose(t.Text, t.Found, TurnLookup.EvidenceOf(t.Found, rows), threshold: 0), documentId, path)) : new Heading(path, "", 0))];
    }

    /// <summary>What is quoted first must be of the section that the heading promises.</summary>
    private static double Confidence(Composition answer, Guid documentId, IReadOnlyList<string> path) =>
        answer is { Abstained: null, Quotes: [var first, ..] } && first.DocumentId == documentId && first.HeadingPath.SequenceEqual(path) ? answer.RawConfidence : 0;

    [GeneratedRegex(@"[*`#\\]+|!?\[([^\]]*)\]\([^)]*\)|<[^>]+>", RegexOptions.CultureInvariant)]
    private static partial Regex Marks();

    [GeneratedRegex(@"^\s*(?:\d+(?:\.\d+)*[.)]|[a-zA-Z][.)]|[IVX]+\.)\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Numbering();
}
