using System.Text;
using Parley.Knowledge.Websites;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge.Websites;

public sealed class PageScanTests
{
    private static PageScan Scan(string html) => PageScan.Of(html, new Uri("https://example.com/docs/page"));

    [Fact]
    public void Links_are_absolute_once_each_and_in_their_order() =>
        Scan("""
            <a href="b">b</a> <a href='/c?x=1&amp;y=2'>c</a> <a href=b#part>again</a> <a href="mailto:x@example.com">m</a> <a rel="nofollow" href="/no">n</a>
            <!-- <a href="/comment">c</a> --> <script>var a = '<a href="/script">';</script> <textarea><a href="/text"></textarea> <area href="/map">
            """).Links.Select(l => l.AbsoluteUri).ShouldBe(["https://example.com/docs/b", "https://example.com/c?x=1&y=2", "https://example.com/map"]);

    [Fact]
    public void The_first_base_element_counts() =>
        Scan("<base href='/other/'><base href='/wrong/'><a href=x>x</a>").Links.Single().AbsoluteUri.ShouldBe("https://example.com/other/x");

    [Fact]
    public void What_the_page_says_of_itself_is_read()
    {
        var page = Scan("""
            <html><head><title> Cron
             jobs </title><link rel="Canonical" href="/docs/cron"><meta name="robots" content="NOINDEX, nofollow"><meta http-equiv="refresh" content="0; url='/moved'"></head></html>
            """);
        (page.Title, page.Canonical!.AbsoluteUri, page.NoIndex, page.NoFollow, page.Refresh!.AbsoluteUri)
            .ShouldBe(("Cron jobs", "https://example.com/docs/cron", true, true, "https://example.com/moved"));
    }

    [Fact]
    public void A_refresh_that_waits_is_no_redirect() => Scan("<meta http-equiv=refresh content='30; url=/later'>").Refresh.ShouldBeNull();

    [Theory]
    [InlineData("<body><div id=root></div><script src=/app.js></script></body>", true)]
    [InlineData("<body><noscript>You need to enable JavaScript.</noscript><script src=/app.js></script></body>", true)]
    [InlineData("<body><div id=content></div><script src=/app.js></script></body>", false)]
    [InlineData("<body><div id=root></div></body>", false)]
    public void A_page_made_by_scripts_is_found_out(string html, bool needsScript) => Scan(html).NeedsScript.ShouldBe(needsScript);

    [Fact]
    public void A_rendered_page_of_such_a_site_is_none_of_them() =>
        Scan("<div id=__next><p>" + new string('a', 300) + "</p></div><script src=/app.js></script>").NeedsScript.ShouldBeFalse();

    [Fact]
    public void Depth_and_size_do_not_matter()
    {
        var html = new StringBuilder();
        for (var i = 0; i < 100_000; i++)
            html.Append("<div>");
        html.Append("<a href=/deep>x</a><a href='").Append('x', 3_000_000).Append("'>");
        Scan(html.ToString()).Links.Single().AbsoluteUri.ShouldBe("https://example.com/deep");
    }

    [Theory]
    [InlineData("<")]
    [InlineData("<a href=")]
    [InlineData("<a href=\"/x")]
    [InlineData("<!--")]
    [InlineData("<script>")]
    [InlineData("\0\0<a\0href=x>")]
    public void What_breaks_off_is_read_as_far_as_it_goes(string html) => Should.NotThrow(() => Scan(html));
}
