using Parley.Assistant.Composer;
using Parley.Knowledge.Imports;
using Parley.Knowledge.Search;
using Parley.Platform.Data;
using Parley.Quality.Evaluation;

namespace Parley.Quality;

/// <summary>Asks every question of a dataset and judges the answers. Escalation is off: only answering and declining count.</summary>
public sealed class EvaluateAnswers(LocalImport import, KnowledgeSearch search, TenantDb db)
{
    private const int ProgressEvery = 500;

    /// <param name="data">Questions, and those that have no answer.</param>
    /// <param name="tenantId">A scratch tenant without any knowledge.</param>
    /// <param name="progress">One line per step.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<AnswersReport> RunAsync(Dataset data, Guid tenantId, IProgress<string> progress, CancellationToken ct)
    {
        var world = await EvaluationWorld.LoadAsync(data, tenantId, import, search, progress, ct);
        var asked = new List<AskedQuestion>();
        var (answers, grounded) = (0, 0);
        foreach (var (question, type) in data.Questions.Select(q => (q, (string?)null)).Concat(data.Unanswerable.Select(q => (q, (string?)(q.Type ?? "UNANSWERABLE")))))
        {
            var (one, isGrounded) = await AskAsync(world, question, type, ct);
            asked.Add(one);
            (answers, grounded) = (answers + (one.HasAnswer ? 1 : 0), grounded + (one.HasAnswer && isGrounded ? 1 : 0));
            if (asked.Count % ProgressEvery == 0)
                progress.Report($"Asked {asked.Count} of {data.Questions.Count + data.Unanswerable.Count}");
        }
        return AnswerStatistics.Report(asked, ExtractiveComposer.AnswerThreshold, answers == 0 ? 1 : (double)grounded / answers);
    }

    /// <summary>Search, read the evidence again, compose: as a turn does, with the threshold at 0 so that every answer can be judged.</summary>
    private async Task<(AskedQuestion Asked, bool Grounded)> AskAsync(EvaluationWorld world, DatasetQuestion question, string? type, CancellationToken ct)
    {
        var retrieval = await world.SearchAsync(question, history: true, documents: 25, ct);
        var stored = await db.InTransactionAsync(world.TenantId, s => EvidenceReader.ReadAsync(s, [.. retrieval.Chunks.Select(c => (c.Id, c.Version))]), ct);
        var scores = retrieval.Chunks.ToDictionary(c => c.Id, c => c.Score);
        var answer = ExtractiveComposer.Compose(question.Text, retrieval, [.. stored.Select(e => ToEvidence(e, scores[e.ChunkId]))], threshold: 0);
        var texts = stored.ToDictionary(e => e.ChunkId, e => e.Text);
        var isGrounded = answer.Quotes.All(q => texts.TryGetValue(q.ChunkId, out var text) && text.AsSpan(q.Start).StartsWith(q.Text, StringComparison.Ordinal));
        var isHit = AnswerMatch.IsHit(question, answer.Text, answer.Quotes.Select(q => world.NameOf(q.DocumentId)));
        return (new AskedQuestion(question.Id, type, answer.Confidence, answer.Abstained is null && answer.Blocks.Count > 0, isHit), isGrounded);
    }

    private static Assistant.Composer.Evidence ToEvidence(Knowledge.Search.Evidence e, double score) => new()
    {
        ChunkId = e.ChunkId, Version = e.Version, DocumentId = e.DocumentId, SourceId = e.SourceId, Title = e.Title, Url = e.Url, Anchor = e.Anchor,
        HeadingPath = e.HeadingPath, Text = e.Text, Score = score,
    };
}
