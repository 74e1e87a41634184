using Parley.Knowledge.Websites;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge.Websites;

public sealed class RobotsRulesTests
{
    private static bool Allows(string robots, string path) => RobotsRules.Parse(robots).Allows(new Uri("https://example.com" + path));

    [Theory]
    // The examples of RFC 9309 §2.2.2 and §5.
    [InlineData("/example/page/disallowed.gif", false)]
    [InlineData("/example/page/", true)]
    [InlineData("/example/other", false)]
    [InlineData("/anything", true)]
    public void The_longest_match_decides(string path, bool allowed) =>
        Allows("User-Agent: *\nAllow: /example/page/\nDisallow: /example/\nDisallow: /example/page/disallowed.gif", path).ShouldBe(allowed);

    [Fact]
    public void Of_two_as_long_the_one_that_allows_wins() => Allows("User-agent: *\nDisallow: /page\nAllow: /page", "/page").ShouldBeTrue();

    [Theory]
    [InlineData("/*.pdf$", "/a/b.pdf", true)]
    [InlineData("/*.pdf$", "/a/b.pdf?x=1", false)]
    [InlineData("/*.pdf", "/a/b.pdf?x=1", true)]
    [InlineData("/a*b*c", "/a-b-b-c-more", true)]
    [InlineData("/a*b*c$", "/a-b-b-c-more", false)]
    [InlineData("/a*b*c$", "/a-b-c-b-c", true)]
    [InlineData("/docs/", "/docs", false)]
    [InlineData("*", "/", true)]
    [InlineData("/$", "/", true)]
    [InlineData("/$", "/a", false)]
    public void Patterns_match_from_the_beginning(string pattern, string target, bool matches) => RobotsRules.Matches(pattern, target).ShouldBe(matches);

    [Fact]
    public void A_pattern_of_stars_is_matched_in_linear_time() =>
        RobotsRules.Matches(string.Concat(Enumerable.Repeat("*a", 200)) + "b", new string('a', 100_000)).ShouldBeFalse();

    [Fact]
    public void Our_own_group_replaces_the_general_one_and_groups_of_one_name_count_together()
    {
        const string robots = """
            User-agent: *
            Disallow: /

            User-agent: Parley
            User-agent: Other
            Disallow: /private/
            Crawl-delay: 2

            # later, again
            user-agent: parley/1.0
            Disallow: /drafts/
            Sitemap: https://example.com/map.xml
            """;
        Allows(robots, "/docs").ShouldBeTrue();
        Allows(robots, "/private/x").ShouldBeFalse();
        Allows(robots, "/drafts/x").ShouldBeFalse();
        var rules = RobotsRules.Parse(robots);
        (rules.CrawlDelay, rules.Sitemaps.Single()).ShouldBe((TimeSpan.FromSeconds(2), "https://example.com/map.xml"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html><body>Not found</body></html>")]
    [InlineData("Disallow: /\nno colon here\n: nothing\nUser-agent")]
    [InlineData("User-agent: *\nDisallow:")]
    public void What_says_nothing_allows_everything(string robots) => Allows(robots, "/x").ShouldBeTrue();

    [Theory]
    [InlineData("1e9", 60)]
    [InlineData("-3", 0)]
    [InlineData("0.5", 0.5)]
    [InlineData("soon", 0)]
    public void A_delay_is_kept_within_reason(string given, double seconds) =>
        RobotsRules.Parse("User-agent: *\nCrawl-delay: " + given).CrawlDelay.ShouldBe(TimeSpan.FromSeconds(seconds));
}
