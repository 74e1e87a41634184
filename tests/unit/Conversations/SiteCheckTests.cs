using Parley.Conversations.AgentApi;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Conversations;

public sealed class SiteCheckTests
{
    private const string Key = "pw_this";
    private static readonly Uri Page = new("https://www.example.com/help");
    private static readonly SiteNeeds Needs = new(new Uri("https://support.example.com"), Key, new Dictionary<string, string> { ["pw_other"] = "The shop" }, ["https://www.example.com"]);

    [Theory]
    [InlineData("<script src=\"https://support.example.com/widget/v1/loader.js\" data-key=\"pw_this\" async></script>", "")]
    [InlineData("<SCRIPT async DATA-KEY='pw_this' SRC='https://support.example.com/widget/v1/loader.js'></SCRIPT>", "")]
    [InlineData("<script src=https://support.example.com/widget/v1/loader.js data-key=pw_this></script>", "")]
    [InlineData("<script src=\"https://support.example.com/widget/v1/loader.js\"></script>", "key")]
    [InlineData("<script src=\"https://support.example.com/widget/v1/loader.js\" data-key=\"pw_other\"></script>", "key")]
    [InlineData("<script src=\"https://support.example.com/widget/v1/loader.js\" data-key=\"pw_unknown\"></script>", "key")]
    [InlineData("<script src=\"https://old.example.com/widget/v1/loader.js\" data-key=\"pw_this\"></script>", "script")]
    [InlineData("<p>pw_this</p>", "script")]
    [InlineData("", "script")]
    public void The_tag_is_found_as_browsers_find_it(string html, string wrong) =>
        Wrong(SiteCheck.Examine(new FetchedPage(Page, html, []), Needs)).ShouldBe(wrong.Length == 0 ? [] : [wrong]);

    [Theory]
    [InlineData("default-src 'self'", "script-src, frame-src, connect-src")]
    [InlineData("script-src 'self'; frame-src https://support.example.com", "script-src")]
    [InlineData("default-src 'self' https://support.example.com", "")]
    [InlineData("default-src https:", "")]
    [InlineData("default-src *.example.com", "")]
    [InlineData("default-src http://support.example.com", "script-src, frame-src, connect-src")]
    [InlineData("default-src support.example.com:8443", "script-src, frame-src, connect-src")]
    [InlineData("script-src 'nonce-abc'; object-src 'none'", "")]
    [InlineData("script-src 'nonce-xyz'", "script-src")]
    [InlineData("child-src 'none'", "frame-src")]
    [InlineData("upgrade-insecure-requests", "")]
    public void A_policy_is_read_as_browsers_read_it(string policy, string missing)
    {
        var tag = "<script nonce=abc src=\"https://support.example.com/widget/v1/loader.js\" data-key=\"pw_this\"></script>";
        var byHeader = SiteCheck.Examine(new FetchedPage(Page, tag, [policy]), Needs).Single(f => f.Name == "policy");
        var byMeta = SiteCheck.Examine(new FetchedPage(Page, $"<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">{tag}", []), Needs).Single(f => f.Name == "policy");
        byMeta.ShouldBe(byHeader);
        byHeader.State.ShouldBe(missing.Length == 0 ? "ok" : "wrong");
        if (missing.Length > 0) byHeader.Message.ShouldEndWith($"Add https://support.example.com to {missing}.");
    }

    [Fact]
    public void A_site_that_is_not_allowed_says_which_origin_is_missing()
    {
        var finding = SiteCheck.Examine(new FetchedPage(new Uri("https://example.com/"), "", []), Needs).Single(f => f.Name == "origin");
        (finding.State, finding.Message.Contains("https://example.com ", StringComparison.Ordinal)).ShouldBe(("wrong", true));
    }

    [Fact]
    public void A_hostile_page_costs_no_more_than_its_length()
    {
        foreach (var piece in (string[])["<script ", "<meta ", "<script " + new string('a', 100), "data-key=\"", "<script a='"])
        {
            SiteCheck.Examine(new FetchedPage(Page, string.Concat(Enumerable.Repeat(piece, 200_000 / piece.Length * 5)), []), Needs).ShouldNotBeEmpty();
        }
    }

    private static List<string> Wrong(IEnumerable<SiteFinding> findings) => [.. findings.Where(f => f.State == "wrong").Select(f => f.Name)];
}
