using System.Diagnostics;
using Parley.Quality.Evaluation;

namespace Parley.Quality;

/// <summary>What <c>parley eval retrieval</c> prints: the ranking's figures, and how the documents got there.</summary>
public sealed record RetrievalEvaluation
{
    /// <summary>The figures of <see cref="RetrievalReport"/>.</summary>
    public required RetrievalReport Report { get; init; }

    /// <summary>From the first byte stored to the import's end.</summary>
    public required double ImportSeconds { get; init; }

    /// <summary>Documents that no reader could read.</summary>
    public required int Unreadable { get; init; }
}

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
            Report = run.ToReport(world.IndexSeconds, ProcessMemory.PeakMb()),
            ImportSeconds = Math.Round(world.ImportSeconds, 2),
            Unreadable = world.Unreadable.Count,
        };
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
