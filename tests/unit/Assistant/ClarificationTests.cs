using Parley.Assistant;
using Parley.Assistant.Composer;
using Parley.Knowledge.Retrieval;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Assistant;

public sealed class ClarificationTests
{
    private static readonly QueryTerm[] Clean = [new("clean", "clean", .6, true), new("logs", "log", .4, true)];

    [Fact]
    public void Documents_that_fit_about_equally_are_offered_by_title() =>
        Options(Clean, ("Volumes", 1, "How to clean logs."), ("Cron jobs", .9, "They clean logs."), ("Billing", .5, "Clean logs.")).ShouldBe(["Volumes", "Cron jobs"]);

    [Fact]
    public void One_that_holds_only_a_part_of_the_question_does_not_compete() =>
        Options(Clean, ("Volumes", 1, "How to clean logs."), ("Cron jobs", .9, "They rise.")).ShouldBeEmpty();

    [Fact]
    public void A_long_question_is_not_ambiguous() =>
        Options([.. Enumerable.Range(0, 5).Select(i => new QueryTerm("clean" + i, "clean" + i, .2, true))], ("A", 1, "clean0 clean1 clean2 clean3 clean4"), ("B", 1, "clean0 clean1 clean2 clean3 clean4")).ShouldBeEmpty();

    [Fact]
    public void The_same_title_is_told_apart_by_its_heading() =>
        Options(Clean, ("Volumes", 1, "How to clean logs."), ("Volumes", .9, "They clean logs.")).ShouldBe(["Volumes", "Volumes – Heading 1"]);

    [Fact]
    public void At_most_four_and_none_is_long()
    {
        var options = Options(Clean, [.. Enumerable.Range(0, 6).Select(i => ($"{(char)('A' + i)} {new string('x', 30)} {new string('y', 40)}", 1d, "clean logs"))]);
        options.Count.ShouldBe(4);
        options.ShouldAllBe(o => o.Length <= 60 && o.EndsWith('…'));
        Clarification.IsOf(options[0], $"A {new string('x', 30)} {new string('y', 40)}").ShouldBeTrue();
    }

    private static List<string> Options(QueryTerm[] terms, params (string Title, double Score, string Text)[] documents)
    {
        var ranked = documents.Select(d => new RankedDocument(Guid.CreateVersion7(), 1, Guid.Empty, d.Title, "", "en", d.Score, Legs: null)).ToList();
        var found = new RetrievalResult { ChangeNumber = 1, Documents = ranked, Chunks = [], IdealScore = 5, Confidence = .1, OwnConfidence = .1, Terms = terms };
        return [.. Clarification.Options(found, [.. documents.Select((d, i) => new Evidence
        {
            ChunkId = Guid.CreateVersion7(), Version = 1, DocumentId = ranked[i].Id, Title = d.Title, HeadingPath = [$"Heading {i}"], Text = d.Text,
        })]).Select(o => o.Label)];
    }
}
