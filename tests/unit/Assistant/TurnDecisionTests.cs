using Parley.Assistant;
using Parley.Assistant.Analysis;
using Parley.Assistant.Composer;
using Parley.Assistant.Contracts;
using Parley.Knowledge.Retrieval;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Assistant;

public sealed class TurnDecisionTests
{
    private static readonly RankedDocument Near = Document("Volumes", "https://docs.example.org/volumes", 1);

    private static readonly RankedDocument AlsoNear = Document("Back[up]s", "https://docs.example.org/backups", .9);

    private static readonly RankedDocument Far = Document("Billing", "https://docs.example.org/billing", .4);

    [Fact]
    public void An_abstention_names_the_articles_that_come_near_before_it_offers_a_person()
    {
        var said = Decide(Turn(raw: .5, read: [Near, AlsoNear, Far]));
        said.Outcome.ShouldBe("abstained");
        said.Text.ShouldBe("""
            I could not find an answer to that in our documentation.

            These articles may be related:
            - [Volumes](https://docs.example.org/volumes)
            - Back[up]s

            Would you like to talk to a person from our team?
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void What_was_not_read_again_is_not_named() => Decide(Turn(raw: .5, read: [AlsoNear])).Text.ShouldNotContain("Volumes");

    [Fact]
    public void Far_from_everything_nothing_is_named() => Decide(Turn(raw: .05, read: [Near])).Text.ShouldNotContain("related");

    [Fact]
    public void A_question_back_lists_its_options_for_people_and_for_buttons()
    {
        var said = Decide(Turn(raw: .5, read: [Near, AlsoNear]) with { Options = [new ClarifyOption(Near.Id, "Volumes"), new ClarifyOption(AlsoNear.Id, "Backups")] });
        said.Outcome.ShouldBe("clarified");
        said.Text.ShouldBe("I am not sure what you mean. Is it about one of these?\n\n- Volumes\n- Backups");
        said.Parts[^1].Content.GetProperty("choices").EnumerateArray().Select(c => c.GetString()).ShouldBe(["Volumes", "Backups"]);
    }

    [Fact]
    public void A_question_back_needs_two_options_that_are_still_there() =>
        Decide(Turn(raw: .5, read: [Near]) with { Options = [new ClarifyOption(Near.Id, "Volumes")] }).Outcome.ShouldBe("abstained");

    [Fact]
    public void What_says_nothing_is_asked_back()
    {
        var turn = Turn(raw: .5, read: []);
        Decide(turn with { Analysis = QuestionAnalyzer.Analyze("It does not work"), Composition = null, Retrieval = null }).Text.ShouldStartWith("I am happy to help. What is it about?");
        Decide(turn with { Retrieval = turn.Retrieval! with { Terms = [] } }).Outcome.ShouldBe("clarified");
    }

    private static TurnResult Decide(PreparedTurn turn) => TurnDecision.Of(turn, _ => null);

    private static PreparedTurn Turn(double raw, RankedDocument[] read) => new()
    {
        Question = new TurnQuestion { TenantId = Guid.Empty, Messages = ["How do I shrink a volume on a schedule?"], Profile = new AssistantProfile() },
        Focus = new TurnFocus { Text = "How do I shrink a volume on a schedule?" },
        Analysis = QuestionAnalyzer.Analyze("How do I shrink a volume on a schedule?"),
        Composition = new Composition { Abstained = AbstainReason.WeakSupport, Confidence = raw, RawConfidence = raw },
        Retrieval = new RetrievalResult { ChangeNumber = 1, Documents = [Near, AlsoNear, Far], Chunks = [], IdealScore = 4, Confidence = .2, OwnConfidence = .2, Terms = [new QueryTerm("shrink", "shrink", 1, true)] },
        Evidence = [.. read.Select(d => new EvidenceUse(Guid.CreateVersion7(), 1, d.Id, d.Score))],
    };

    private static RankedDocument Document(string title, string url, double score) => new(Guid.CreateVersion7(), 1, Guid.Empty, title, url, "en", score, Legs: null);
}
