using System.Diagnostics;
using Parley.Quality.Evaluation;

namespace Parley.Quality;

/// <summary>What <c>parley eval retrieval</c> prints: the ranking's figures, and how the documents got there.</summary>
public sealed record RetrievalEvaluation
{
    /// <summary>The figures of <see cref="RetrievalReport"/>.</summary>
    public required RetrievalReport Report { get; init; }

    /// <summary>The same questions without the classifier of lists of phrasings; null: the documents are no such lists.</summary>
    public WithoutClassifier? WithoutClassifier { get; init; }

    /// <summary>From the first byte stored to the import's end.</summary>
    public required double ImportSeconds { get; init; }

    /// <summary>Documents that no reader could read.</summary>
    public required int Unreadable { get; init; }
}

/// <param name="Ndcg10">nDCG@10 without it.</param>
/// <param name="Gain">What it brings: the mean of the differences.</param>
/// <param name="GainCi95">Their interval, by paired bootstrap.</param>
public sealed record WithoutClassifier(double Ndcg10, double Gain, double[] GainCi95);

/// <summary>Measures over a dataset what a turn looks up.</summary>
public sealed class EvaluateRetrieval(EvaluationTools tools)
{
    private const int WarmUp = 50;

    /// <param name="data">Questions with their relevant documents.</param>
    /// <param name="tenantId">A scratch tenant without any knowledge.</param>
    /// <param name="history">Lend follow-up questions their conversation (the rule that serves customers), or rank them alone.</param>
    /// <param name="progress">One line per step.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<RetrievalEvaluation> RunAsync(Dataset data, Guid tenantId, bool history, IProgress<string> progress, CancellationToken ct)
    {
        var world = await EvaluationWorld.LoadAsync(data, tenantId, tools, progress, ct);
        foreach (var question in data.Questions.Take(WarmUp))
            await world.FindAsync(question, history, ct);
        progress.Report($"Asking {data.Questions.Count} questions");
        var run = await RetrievalRun.OverAsync(data.Questions, async question =>
            [.. (await world.FindAsync(question, history, ct)).Documents.Select(d => world.NameOf(d.Id))], ct);
        return new RetrievalEvaluation
        {
            WithoutClassifier = world.PhraseLists == 0 ? null : Compare(run, await RetrievalRun.OverAsync(data.Questions, async question =>
                [.. (await world.FindAsync(question, history, ct, phrasings: false)).Documents.Select(d => world.NameOf(d.Id))], ct)),
            Report = run.ToReport(world.IndexSeconds, ProcessMemory.PeakMb()),
            ImportSeconds = Math.Round(world.ImportSeconds, 2),
            Unreadable = world.Unreadable.Count,
        };
    }

    private static WithoutClassifier Compare(RetrievalRun with, RetrievalRun without)
    {
        var difference = Bootstrap.Compare(with.Ndcg, without.Ndcg);
        return new WithoutClassifier(
            Math.Round(without.Ndcg.Average(), 4), Math.Round(difference.Mean, 4), [Math.Round(difference.Interval.Low, 4), Math.Round(difference.Interval.High, 4)]);
    }
}

internal static class ProcessMemory
{
    /// <summary>Peak resident memory of this process.</summary>
    internal static double PeakMb()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / (1024d * 1024);
    }
}
