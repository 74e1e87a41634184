using Parley.Conversations;
using Parley.Conversations.AgentApi;
using Parley.Conversations.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Conversations;

public sealed class TextAndOriginTests
{
    [Theory]
    [InlineData("hello", true)]
    [InlineData("two\nlines\twith\r\ntabs", true)]
    [InlineData("العربية 👩‍🚀 ไทย", true)]
    [InlineData("a\0b", false)]
    [InlineData("\u001b[31m", false)]
    [InlineData("\u0085", false)]
    [InlineData("half \ud83d pair", false)]
    [InlineData("decoded \ufffd bytes", false)]
    public void Text_is_told_from_binary(string text, bool expected) => MessageText.IsText(text).ShouldBe(expected);

    [Fact]
    public void A_message_may_have_exactly_eight_thousand_characters()
    {
        MessageText.Read(new string('x', 8000)).Error.ShouldBeNull();
        MessageText.Read(new string('x', 8001)).Error!.Fields.Keys.ShouldContain("text");
    }

    [Theory]
    [InlineData("  one \n two  ", "one two")]
    [InlineData("", "")]
    public void A_subject_is_one_line(string text, string expected) => MessageText.Subject(text).ShouldBe(expected);

    [Fact]
    public void A_long_subject_ends_at_a_word_and_never_inside_a_character()
    {
        MessageText.Subject(string.Join(' ', Enumerable.Repeat("word", 40))).ShouldEndWith("word…");
        var emoji = MessageText.Subject(string.Concat(Enumerable.Repeat("😀", 60)));
        emoji.Length.ShouldBeLessThanOrEqualTo(MessageText.MaxSubjectLength);
        MessageText.IsText(emoji).ShouldBeTrue();
    }

    [Theory]
    [InlineData("https://www.example.com", "https://www.example.com")]
    [InlineData("HTTPS://WWW.Example.com/", "https://www.example.com")]
    [InlineData("https://example.com:443", "https://example.com")]
    [InlineData("http://localhost:3000", "http://localhost:3000")]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example")]
    [InlineData("https://example.com/path", null)]
    [InlineData("https://user@example.com", null)]
    [InlineData("https://*.example.com", null)]
    [InlineData("https://example.com; script-src *", null)]
    [InlineData("javascript:alert(1)", null)]
    [InlineData("null", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Origins_take_the_browsers_form(string? given, string? expected) => WidgetRules.Origin(given).ShouldBe(expected);

    [Fact]
    public void The_signs_of_a_pattern_are_only_signs() => ListConversations.Pattern(@" 50%_\ ").ShouldBe(@"%50\%\_\\%");

    [Fact]
    public void Settings_name_every_field_that_is_wrong()
    {
        new WidgetSettings().Problems().ShouldBeEmpty();
        var wrong = new WidgetSettings
        {
            Title = new string('x', 81), Greeting = "", Color = "red", Position = "left", SuggestedQuestions = [""], Texts = new Dictionary<string, string> { [""] = "x" },
        };
        wrong.Problems().Keys.ShouldBe(
            ["settings.title", "settings.greeting", "settings.color", "settings.position", "settings.suggestedQuestions", "settings.texts"], ignoreOrder: true);
    }
}
