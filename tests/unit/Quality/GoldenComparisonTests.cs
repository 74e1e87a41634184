using Parley.Quality.Golden;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Quality;

public sealed class GoldenComparisonTests
{
    [Fact]
    public void A_change_that_wins_nearly_everywhere_is_better_and_one_that_wins_by_chance_is_even()
    {
        Summary(40, baseRight: i => i < 10, candidateRight: i => i != 0).Verdict.ShouldBe("better");
        Summary(40, baseRight: i => i != 0, candidateRight: i => i < 10).Verdict.ShouldBe("worse");
        var even = Summary(40, baseRight: i => i % 2 == 0, candidateRight: i => i % 2 == 0 || i == 1);
        (even.Verdict, even.All.Better, even.All.Worse).ShouldBe(("even", 1, 0));
        even.All.Low.ShouldBe(0);
    }

    [Fact]
    public void Groups_add_up_to_the_whole_and_questions_asked_of_one_side_only_are_left_out()
    {
        var questions = Enumerable.Range(0, 9).Select(i => Question(i, i % 3 == 0 ? "edge" : "simple", i % 2 == 0 ? "en" : null)).ToList();
        var verdicts = questions.SelectMany(q => new[] { Verdict(q.Id, "base", true), Verdict(q.Id, "candidate", true) }).SkipLast(1).ToList();
        var summary = GoldenComparison.Of(questions, verdicts);
        summary.All.Questions.ShouldBe(8);
        summary.ByCategory.Select(g => (g.Name, g.Result.Questions)).ShouldBe([("edge", 3), ("simple", 5)]);
        summary.ByLanguage.Sum(g => g.Result.Questions).ShouldBe(8);
        summary.ReciprocalRank.ShouldBeNull();
    }

    [Fact]
    public void An_expected_article_that_was_not_found_counts_as_rank_zero()
    {
        var questions = Enumerable.Range(0, 2).Select(i => Question(i, "simple", "en") with { ExpectedDocumentId = Guid.CreateVersion7() }).ToList();
        GoldenVerdict[] verdicts = [Verdict(questions[0].Id, "base", false) with { Rank = 2 }, Verdict(questions[0].Id, "candidate", true) with { Rank = 1 },
            Verdict(questions[1].Id, "base", true) with { Rank = 1 }, Verdict(questions[1].Id, "candidate", false)];
        var ranks = GoldenComparison.Of(questions, verdicts).ReciprocalRank.ShouldNotBeNull();
        (ranks.Questions, ranks.Base, ranks.Candidate, ranks.Difference).ShouldBe((2, .75, .5, -.25));
    }

    private static GoldenSummary Summary(int count, Func<int, bool> baseRight, Func<int, bool> candidateRight)
    {
        var questions = Enumerable.Range(0, count).Select(i => Question(i, "simple", "en")).ToList();
        return GoldenComparison.Of(questions, [.. questions.SelectMany((q, i) => new[] { Verdict(q.Id, "base", baseRight(i)), Verdict(q.Id, "candidate", candidateRight(i)) })]);
    }

    private static GoldenExpectation Question(int number, string category, string? language) =>
        new() { Id = new Guid(number, 0, 0, new byte[8]), Question = "Why?", ExpectedOutcome = "answered", Category = category, Language = language };

    private static GoldenVerdict Verdict(Guid question, string side, bool correct) => new() { QuestionId = question, Side = side, Outcome = "answered", Correct = correct };
}
