using System.Globalization;
using Parley.Assistant.Composer;
using Parley.Knowledge.Retrieval;
using Parley.Quality.Evaluation;

namespace Parley.Bench;

/// <summary>
/// Follow-ups of a conversation, and questions about something else asked in the same conversation: does what was said before lend the
/// latter a confidence that is not theirs?
/// </summary>
internal static class FollowUpBench
{
    internal static int Run(string[] args)
    {
        if (Datasets.Find("mtrag_mini") is not { } data || Datasets.Find("railway_faq") is not { } foreign)
            return 0;
        var corpus = ChunkedCorpus.Of(data);
        var verbose = args.Contains("--rows");
        var rows = new List<(string Type, double With, double Alone)>();
        for (var i = 0; i < data.Questions.Count; i++)
        {
            var question = data.Questions[i];
            var history = question.History.Select(t => new HistoryTurn(t.IsCustomer ? TurnAuthor.Customer : TurnAuthor.Assistant, t.Text)).ToList();
            var other = foreign.Questions[i % foreign.Questions.Count].Text;
            Ask("follow-up", question.Text, question.Relevant);
            Ask("other", other, null);
            Ask("other, and", "And " + char.ToLowerInvariant(other[0]) + other[1..], null);

            void Ask(string type, string text, IReadOnlySet<string>? relevant)
            {
                var (with, answer) = corpus.Answer(new RetrievalQuery { Text = text, History = history }, threshold: 0);
                var (alone, answerAlone) = corpus.Answer(new RetrievalQuery { Text = text }, threshold: 0);
                rows.Add((type, answer.RawConfidence, answerAlone.RawConfidence));
                var hit = relevant is not null && with.Documents.Count > 0 && relevant.Contains(corpus.NameOf(with.Documents[0].Id));
                if (verbose)
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{type}\t{(hit ? 1 : 0)}\t{with.Confidence:f4}\t{with.OwnConfidence:f4}\t{alone.Confidence:f4}\t{answer.Signals.Margin:f4}\t{answer.RawConfidence:f4}\t{answer.Coverage:f3}\t{text}"));
            }
        }
        if (verbose)
            return 0;
        Console.WriteLine("| question | asked | answered | answered without its history | AUROC against the follow-ups |");
        Console.WriteLine("|---|---|---|---|---|");
        var follow = rows.Where(r => r.Type == "follow-up").Select(r => r.With).ToList();
        foreach (var type in rows.GroupBy(r => r.Type))
        {
            var with = type.Select(r => r.With).ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {type.Key} | {with.Count} | {with.Average(c => c >= SupportModel.AnswerThreshold ? 1d : 0):p0} | {type.Average(r => r.Alone >= SupportModel.AnswerThreshold ? 1d : 0):p0} | {(type.Key == "follow-up" ? "" : Discrimination.Auroc(follow, with).ToString("f3", CultureInfo.InvariantCulture))} |"));
        }
        return 0;
    }
}
