using Parley.Knowledge.Analysis;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge;

public sealed class HighlightsTests
{
    [Theory]
    [InlineData("The scheduled job is skipped while another runs.", "Why are jobs skipping?", new[] { "job", "skipped" })]
    [InlineData("付款被拒绝，因为银行卡已经过期。", "银行卡过期", new[] { "银行卡", "过期" })]
    [InlineData("Nothing here.", "", new string[0])]
    public void Words_of_the_question_are_found_in_any_inflection(string text, string question, string[] expected) =>
        Highlights.Find(text, question).Select(s => text.Substring(s.Start, s.Length)).ShouldBe(expected);
}
