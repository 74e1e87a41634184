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

    private static TurnResult Decide(PreparedTurn turn) => TurnDecision.Of(turn, _ => null);

    private static PreparedTurn Turn(double raw, RankedDocument[] read) => new()
    {
        Question = new TurnQuestion { TenantId = Guid.Empty, Messages = ["How do I shrink a volume on a schedule?"], Profile = new AssistantProfile() },
        Analysis = QuestionAnalyzer.Analyze("How do I shrink a volume on a schedule?"),
        Composition = new Composition { Abstained = AbstainReason.WeakSupport, Confidence = raw, RawConfidence = raw },
        Retrieval = new RetrievalResult { ChangeNumber = 1, Documents = [Near, AlsoNear, Far], Chunks = [], IdealScore = 4, Confidence = .2, OwnConfidence = .2, Terms = [] },
        Evidence = [.. read.Select(d => new EvidenceUse(Guid.CreateVersion7(), 1, d.Id, d.Score))],
    };

    private static RankedDocument Document(string title, string url, double score) => new(Guid.CreateVersion7(), 1, Guid.Empty, title, url, "en", score, Legs: null);
}
