using Parley.Assistant;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Assistant;

public sealed class NextQuestionsTests
{
    private static readonly string[][] Headings = [["Set up a project"], ["Set up a project", "Install the tool"], ["Set up a project", "Connect a domain"], ["Limits and quotas"], ["Delete a project"], ["Move a project"]];

    [Fact]
    public void What_follows_in_the_document_comes_first_then_what_stands_before() =>
        Choose(quoted: ["Delete a project"]).ShouldBe(["Move a project", "Limits and quotas", "Set up a project"]);

    [Fact]
    public void Only_headings_beside_the_quoted_one() => Choose(quoted: ["Set up a project", "Install the tool"]).ShouldBe(["Connect a domain"]);

    [Fact]
    public void What_was_asked_already_is_not_offered() => Choose(["Delete a project"], "How?", "What are the limits and quota?").ShouldBe(["Move a project", "Set up a project"]);

    [Fact]
    public void An_opening_without_a_heading_is_beside_the_top_ones() => Choose(quoted: []).ShouldBe(["Set up a project", "Limits and quotas", "Delete a project", "Move a project"]);

    [Theory]
    [InlineData("Delete a project", "Delete a project")]
    [InlineData("2.1. **Resize** a `volume`:", "Resize a volume")]
    [InlineData("[Domains](/d) and `TLS`", "Domains and TLS")]
    [InlineData("How much is it per seat?", "How much is it per seat?")]
    [InlineData("重置密码的方法", "重置密码的方法")]
    [InlineData("Overview", null)]
    [InlineData("Why?", null)]
    [InlineData("Thank you", null)]
    [InlineData("How it is", null)]
    [InlineData("A very long heading that goes on and on until nobody could read it as a question any more at all", null)]
    public void A_heading_is_asked_as_it_reads_or_not_at_all(string heading, string? asked) => NextQuestions.Ask(heading).ShouldBe(asked);

    private static IEnumerable<string> Choose(string[] quoted, params string[] said) => NextQuestions.Near(Headings, [quoted], said).Select(h => h.Text);
}
