using Parley.Conversations.Search;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Conversations;

public sealed class SearchTests
{
    private static readonly Guid Tenant = Guid.Parse("01936a5e-0000-7000-8000-0123456789ab");
    private static readonly string Mark = SearchTerms.MarkOf(Tenant);

    private static IEnumerable<string> Terms(string text) => SearchTerms.Of(Tenant, [text]).Select(t => t[Mark.Length..]);

    private static string[] Found(string text, string query) => [.. SearchQuery.Parse(query).Find(text).Select(s => text.Substring(s.Start, s.Length))];

    [Fact]
    public void A_message_is_found_by_its_words_their_stems_and_its_pairs()
    {
        Terms("Refunds for the Café").ShouldBe(["refunds", "refund", "cafe"]);
        Terms("申请退款").ShouldBe(["申请", "请退", "退款", "款"]);
        SearchTerms.Of(Tenant, ["x"]).Single().Length.ShouldBe(5);
    }

    [Theory]
    [InlineData("refun", "'refun':*")]
    [InlineData("refunds", "('refunds':* | 'refund')")]
    [InlineData("refunds ", "'refund'")]
    [InlineData("cancel the", "'cancel'")]
    [InlineData("cancel th", "'cancel'")]
    [InlineData("the", "'the':*")]
    [InlineData("cancel cancel ", "'cancel'")]
    [InlineData("退款", "'退款'")]
    [InlineData("退", "'退':*")]
    [InlineData("ERR-1042", "'err' & '1042':*")]
    [InlineData("it's O'Neill & (a|b):* \\ '; drop", "'oneil' & 'b' & 'drop':*")]
    public void What_is_typed_becomes_a_query_and_nothing_else(string typed, string query) =>
        SearchQuery.Parse(typed).ToTsQuery(Tenant).Replace("'" + Mark, "'", StringComparison.Ordinal).ShouldBe(query);

    [Theory]
    [InlineData("")]
    [InlineData("!? … &")]
    public void Signs_alone_look_for_nothing(string typed) => SearchQuery.Parse(typed).IsEmpty.ShouldBeTrue();

    [Fact]
    public void The_words_are_marked_where_they_stand()
    {
        Found("We refund. Refunding takes days; a REFÚND is free.", "refunds").ShouldBe(["refund", "Refunding", "REFÚND"]);
        Found("The invoice and its invoices", "invo").ShouldBe(["invoice", "invoices"]);
        Found("如何申请退款和退货？", "退款").ShouldBe(["退款"]);
        Found("如何申请退款和退货？", "退").ShouldBe(["退", "退"]);
        Found("ขอคืนเงินได้ไหม", "คืนเงิน").ShouldBe(["คืนเงิน"]);
        Found("nothing of it", "refund").ShouldBeEmpty();
    }

    [Fact]
    public void A_long_message_is_shown_around_the_first_word_with_the_marks_in_place()
    {
        var message = string.Concat(Enumerable.Repeat("filler words 👩‍🚀 here. ", 40)) + "The refund\nis on its way. " + new string('x', 500);
        var (text, marks) = Snippet.Of(message, SearchQuery.Parse("refund"));
        text.Length.ShouldBeLessThanOrEqualTo(242);
        text.ShouldStartWith("…");
        text.ShouldEndWith("…");
        text.ShouldNotContain("\n");
        text.Substring(marks.Single().Start, marks.Single().Length).ShouldBe("refund");
        Snippet.Of("short", SearchQuery.Parse("refund")).Text.ShouldBe("short");
    }
}
