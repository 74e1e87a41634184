using Parley.Conversations;
using Parley.Conversations.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Conversations;

public sealed class ResolutionRulesTests
{
    private static ConversationState Last(string? kind, string? outcome) => new() { LastMessageKind = kind, LastOutcome = outcome };

    [Theory]
    [InlineData("agent", true, true, "agent", "answered", "by_person")]
    [InlineData("agent", true, false, "assistant", "answered", "by_person")]
    [InlineData("agent", false, true, "agent", "answered", "unresolved")]
    [InlineData("end_user", false, false, "assistant", "answered", "unresolved")]
    [InlineData("end_user", true, false, "assistant", "answered", "confirmed")]
    [InlineData("end_user", true, true, "agent", null, "by_person")]
    [InlineData("end_user", null, true, "agent", null, "by_person")]
    [InlineData("end_user", null, true, "end_user", "answered", "abandoned")]
    [InlineData("end_user", null, false, "assistant", "answered", null)]
    [InlineData("end_user", null, false, "assistant", "abstained", "abandoned")]
    [InlineData("end_user", null, false, "end_user", "answered", "abandoned")]
    [InlineData("end_user", null, false, null, null, "abandoned")]
    public void A_closing_ends_in_one_class(string by, bool? stated, bool personAnswered, string? lastKind, string? outcome, string? expected) =>
        ResolutionRules.OnClose(by, stated, personAnswered, Last(lastKind, outcome)).ShouldBe(expected);

    [Theory]
    [InlineData(false, "assistant", "answered", "silent")]
    [InlineData(false, "system", "answered", "silent")]
    [InlineData(false, "end_user", "answered", "abandoned")]
    [InlineData(false, "assistant", "abstained", "abandoned")]
    [InlineData(false, "assistant", "failed", "abandoned")]
    [InlineData(true, "agent", "abstained", "by_person")]
    [InlineData(true, "assistant", "answered", "by_person")]
    [InlineData(true, "end_user", "answered", "abandoned")]
    public void Silence_ends_in_one_class(bool personAnswered, string? lastKind, string? outcome, string expected) =>
        ResolutionRules.OnSilence(personAnswered, Last(lastKind, outcome)).ShouldBe(expected);
}
