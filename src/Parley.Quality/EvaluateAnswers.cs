using Parley.Assistant;
using Parley.Knowledge.Analysis;
using Parley.Quality.Evaluation;

namespace Parley.Quality;

/// <summary>Asks every question of a dataset where customers' questions go, and judges the answers.</summary>
public sealed class EvaluateAnswers(EvaluationTools tools)
{
    private const int ProgressEvery = 500;

    /// <summary>Questions of each kind that are asked of every other set: enough to fit one threshold.</summary>
    private const int OthersSample = 200;

    /// <summary>A set with fewer questions of a kind would bring its accidents into the threshold.</summary>
    private const int OthersLeast = 50;

    /// <param name="data">Questions, and those that have no answer.</param>
    /// <param name="others">Sets on which a threshold is fitted that then judges this one; those with few questions of a kind are passed over.</param>
    /// <param name="makeTenant">A scratch tenant without any knowledge, by name; one for each set.</param>
    /// <param name="progress">One line per step.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<AnswersReport> RunAsync(
        Dataset data, IReadOnlyList<Dataset> others, Func<string, CancellationToken, Task<Guid>> makeTenant, IProgress<string> progress, CancellationToken ct)
    {
        var (asked, grounded) = await AskAsync(data, makeTenant, progress, ct);
        var references = new List<ReferenceSet>();
        foreach (var other in others.Where(o => Math.Min(o.Questions.Count, o.Unanswerable.Count) >= OthersLeast))
            references.Add(new ReferenceSet(other.Name, (await AskAsync(other.Sample(OthersSample), makeTenant, progress, ct)).Asked));
        return AnswerStatistics.Report(asked, Playground.ShippedThreshold, grounded, references);
    }

    private async Task<(IReadOnlyList<AskedQuestion> Asked, double Grounded)> AskAsync(
        Dataset data, Func<string, CancellationToken, Task<Guid>> makeTenant, IProgress<string> progress, CancellationToken ct)
    {
        var world = await EvaluationWorld.LoadAsync(data, await makeTenant(data.Name, ct), tools, progress, ct);
        var questions = data.Questions.Select(q => (Question: q, Type: (string?)null)).Concat(data.Unanswerable.Select(q => (Question: q, Type: (string?)(q.Type ?? "UNANSWERABLE")))).ToList();
        var asked = new AskedQuestion[questions.Count];
        var (done, answers, grounded) = (0, 0, 0);
        // One question waits for the database while another is composed.
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 2 * Environment.ProcessorCount, CancellationToken = ct };
        await Parallel.ForEachAsync(Enumerable.Range(0, questions.Count), parallel, async (i, stop) =>
        {
            var (one, isGrounded) = await AskAsync(world, questions[i].Question, questions[i].Type, stop);
            asked[i] = one;
            if (one.HasAnswer)
            {
                Interlocked.Increment(ref answers);
                Interlocked.Add(ref grounded, isGrounded ? 1 : 0);
            }
            if (Interlocked.Increment(ref done) is var n && n % ProgressEvery == 0)
                progress.Report($"Asked {n} of {questions.Count}");
        });
        return (asked, answers == 0 ? 1 : (double)grounded / answers);
    }

    /// <summary>What was quoted is judged: a note about certainty is no answer. The texts of the passages are those stored at the end of the turn.</summary>
    private static async Task<(AskedQuestion Asked, bool Grounded)> AskAsync(EvaluationWorld world, DatasetQuestion question, string? type, CancellationToken ct)
    {
        if (!(await world.AskAsync(question, ct)).TryGet(out var answer, out _))
        {
            // An empty question is refused where it is asked: that is to decline it.
            return (new AskedQuestion(question.Id, type, Confidence: 0, HasAnswer: false, IsHit: false), true);
        }
        var texts = answer.Retrieval.Chunks.ToDictionary(c => c.ChunkId, c => c.Text);
        var isGrounded = answer.Citations.All(c => texts.TryGetValue(c.ChunkId, out var text) && text.Contains(c.Quote, StringComparison.Ordinal));
        var quoted = string.Join("\n\n", answer.Citations.Select(c => c.Quote));
        var isHit = AnswerMatch.IsHit(question, quoted, answer.Citations.Select(c => world.NameOf(c.DocumentId)));
        return (new AskedQuestion(question.Id, type, answer.RawConfidence ?? 0, answer.IsAnswered, isHit)
        {
            IsMisread = answer.IsSmallTalk, Words = TextAnalyzer.CountWords(quoted), F1 = AnswerMatch.F1(question.Answers, quoted),
        }, isGrounded);
    }
}
