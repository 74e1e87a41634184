using Parley.Assistant.Composer;
using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Search;
using Parley.Platform.Data;

namespace Parley.Assistant;

/// <summary>The steps of a turn that look up and compose: for the whole message or, where it asks several things, for each of them.</summary>
internal sealed class TurnLookup(TenantDb db, TurnSearch search)
{
    /// <summary>Words of prose for each of several questions.</summary>
    private const int ProseWordsOfPart = 60;

    /// <summary>retrieve → correct → evidence → generate.</summary>
    internal async Task<PreparedTurn> AnswerAsync(PreparedTurn turn, TurnTrace trace, CancellationToken ct)
    {
        var focus = turn.Focus;
        if (focus.Chosen is { } label)
        {
            var documents = await BehindAsync(turn.Question, focus, label, ct);
            if (documents.Count > 0)
                return await AnswerAsync(turn with { Question = turn.Question with { Filter = turn.Question.Filter with { DocumentIds = documents } } }, focus, trace, ct);
            focus = TurnFocus.Plain(turn.Question.Messages[^1], turn.Analysis.Language, turn.Question.History);
        }
        var answered = await AnswerAsync(turn, focus, trace, ct);
        // None of the parts by itself: the message as a whole may still have an answer.
        return focus.Parts.Count > 1 && answered.Composition!.Abstained is not null
            ? await AnswerAsync(turn, focus with { Parts = [focus.Text] }, trace, ct) : answered;
    }

    internal static IReadOnlyCollection<string>? Audiences(TurnQuestion question) => question.Filter.Audiences is { } audiences ? [.. audiences] : null;

    private async Task<PreparedTurn> AnswerAsync(PreparedTurn turn, TurnFocus focus, TurnTrace trace, CancellationToken ct)
    {
        var tenant = turn.Question.TenantId;
        var queries = focus.Queries(turn.Question);
        var found = await trace.StepAsync(TurnStepName.Retrieve, () => EachAsync(queries, (q, _) => search.RetrieveAsync(tenant, q, ct)), Describe);
        found = await trace.StepAsync(TurnStepName.Correct, () => EachAsync(queries, (q, i) => search.CorrectAsync(tenant, q, found[i], ct)), Describe);
        var evidence = await trace.StepAsync(TurnStepName.Evidence, () => ReadAsync(turn.Question, found, ct), e => new { asked = Wanted(found).Count, read = e.Sum(p => p.Count) });
        var generated = trace.Step(TurnStepName.Generate, () => turn with
        {
            Focus = focus,
            Retrieval = Joined(found),
            Evidence = [.. evidence.SelectMany(e => e).DistinctBy(e => (e.ChunkId, e.Version)).Select(e => new EvidenceUse(e.ChunkId, e.Version, e.DocumentId, Math.Round(e.Score, 4)))],
            Passages = turn.Models.Seats.Count == 0 ? [] : Ranked(evidence),
            Composition = Compose(turn.Question, focus, queries, found, evidence),
        }, t => new
        {
            tier = "extractive", t.Composition!.Confidence, t.Composition.RawConfidence, t.Composition.Signals, t.Composition.Coverage, abstained = t.Composition.Abstained,
            quotes = t.Composition.Quotes.Count, unanswered = t.Composition.Parts.Count > 0 ? t.Composition.Unanswered.Count() : (int?)null,
        });
        return generated is { Composition.Abstained: AbstainReason.WeakSupport, Focus.Parts.Count: 1 } && turn.Question.Profile.Clarifies
            ? generated with { Options = Clarification.Options(found[0], evidence[0]) } : generated;
    }

    /// <summary>The documents behind an option that was offered, as the question finds them now.</summary>
    private async Task<IReadOnlySet<Guid>> BehindAsync(TurnQuestion question, TurnFocus focus, string label, CancellationToken ct) =>
        (await search.RetrieveAsync(question.TenantId, focus.Queries(question)[0], ct)).Documents.Where(d => Clarification.IsOf(label, d.Title)).Select(d => d.Id).ToHashSet();

    private static Composition Compose(TurnQuestion question, TurnFocus focus, IReadOnlyList<RetrievalQuery> queries, IReadOnlyList<RetrievalResult> found, IReadOnlyList<IReadOnlyList<Composer.Evidence>> evidence)
    {
        // Which document it is about was the doubt, and the customer has settled it.
        var (threshold, calibration) = (focus.Chosen is null ? question.Profile.Threshold : 0, question.Calibration);
        return queries.Count == 1
            ? ExtractiveComposer.Compose(queries[0].Text, found[0], evidence[0], threshold, calibration)
            : PartsComposer.Join(
                [.. queries.Select((q, i) => (focus.Parts[i], ExtractiveComposer.Compose(q.Text, found[i], evidence[i], threshold, calibration, ProseWordsOfPart)))], [.. evidence.SelectMany(e => e)]);
    }

    // At once: each may wait for a model.
    private static async Task<IReadOnlyList<RetrievalResult>> EachAsync(IReadOnlyList<RetrievalQuery> queries, Func<RetrievalQuery, int, Task<RetrievalResult>> look) =>
        await Task.WhenAll(queries.Select(look));

    private static List<(Guid ChunkId, int Version)> Wanted(IReadOnlyList<RetrievalResult> found) =>
        [.. found.SelectMany(Wanted).Distinct()];

    private static IEnumerable<(Guid ChunkId, int Version)> Wanted(RetrievalResult found) => found.Chunks.Take(ExtractiveComposer.EvidenceRead).Select(c => (c.Id, c.Version));

    /// <summary>For each result the passages that are still there, best first: one reading for all.</summary>
    private async Task<IReadOnlyList<IReadOnlyList<Composer.Evidence>>> ReadAsync(TurnQuestion question, IReadOnlyList<RetrievalResult> found, CancellationToken ct)
    {
        var wanted = Wanted(found);
        if (wanted.Count == 0)
        {
            return [.. found.Select(_ => Array.Empty<Composer.Evidence>())];
        }
        var rows = (await db.InTransactionAsync(question.TenantId, s => EvidenceReader.ReadAsync(s, wanted, Audiences(question)), ct)).ToDictionary(r => (r.ChunkId, r.Version));
        return [.. found.Select(result => EvidenceOf(result, rows))];
    }

    /// <summary>The passages of a result that were read, best first.</summary>
    internal static IReadOnlyList<Composer.Evidence> EvidenceOf(RetrievalResult found, Dictionary<(Guid, int), Knowledge.Search.Evidence> rows) =>
        [.. found.Chunks.Take(ExtractiveComposer.EvidenceRead).Where(c => rows.ContainsKey((c.Id, c.Version))).Select(c => ToEvidence(rows[(c.Id, c.Version)], c.Score))];

    private static Composer.Evidence ToEvidence(Knowledge.Search.Evidence row, double score) => new()
    {
        ChunkId = row.ChunkId, Version = row.Version, DocumentId = row.DocumentId, SourceId = row.SourceId, Title = row.Title, Url = string.IsNullOrEmpty(row.Url) ? null : row.Url,
        Anchor = row.Anchor, HeadingPath = row.HeadingPath, Text = row.Text, Score = score,
    };

    /// <summary>The passages of all parts, in turns: each part's best before any part's second.</summary>
    private static IReadOnlyList<Composer.Evidence> Ranked(IReadOnlyList<IReadOnlyList<Composer.Evidence>> evidence) =>
        evidence.Count == 1 ? evidence[0] : [.. evidence.SelectMany(part => part.Index()).OrderBy(p => p.Index).Select(p => p.Item).DistinctBy(p => (p.ChunkId, p.Version))];

    /// <summary>What was found for the first question, and behind it what was found for the others alone.</summary>
    private static RetrievalResult Joined(IReadOnlyList<RetrievalResult> found) => found.Count == 1 ? found[0] : found[0] with
    {
        Documents = [.. found.SelectMany(f => f.Documents).DistinctBy(d => d.Id)],
        Chunks = [.. found.SelectMany(f => f.Chunks).DistinctBy(c => c.Id)],
        Terms = [.. found.SelectMany(f => f.Terms).DistinctBy(t => t.Stem)],
    };

    private static object Describe(IReadOnlyList<RetrievalResult> found) => found.Count == 1 ? Describe(found[0]) : new { parts = found.Select(Describe) };

    private static object Describe(RetrievalResult found) => new
    {
        found.ChangeNumber, confidence = Math.Round(found.Confidence, 4), documents = found.Documents.Take(5).Select(d => new { d.Id, score = Math.Round(d.Score, 4) }),
        chunks = found.Chunks.Count, terms = found.Terms.Count, missing = found.MissingTerms.Count(), models = found.Models,
    };
}
