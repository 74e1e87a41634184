using System.Text;
using Parley.Knowledge.Readers;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge.Readers;

public sealed class HtmlReaderTests
{
    [Fact]
    public void Reads_the_main_content_without_the_frame_of_the_page()
    {
        var document = Read("""
            <!doctype html><html lang="de"><head><title>Cron | Docs</title><link rel="canonical" href="https://docs.example.org/cron">
            <meta name="description" content="About cron"><style>p{}</style></head>
            <body><header><a href="/">Home</a></header><nav><ul><li>Menu</li></ul></nav>
            <div class="cookie-banner">We use cookies</div>
            <main><h1>Cron jobs <a class="anchor" href="#x">#</a></h1><p>They <em>run</em> at
            a <code>schedule</code>.</p><script>alert(1)</script><h2 id="why">Why?</h2><p>Because <a href="/p">plans</a>.</p></main>
            <aside>Related</aside><footer>© Example</footer></body></html>
            """);

        document.Title.ShouldBe("Cron jobs");
        document.Language.ShouldBe("de");
        document.Url.ShouldBe("https://docs.example.org/cron");
        document.Metadata["description"].ShouldBe("About cron");
        document.Blocks.Select(b => (document.Headings[b.Heading].Anchor, b.Text)).ShouldBe(
            [("cron-jobs", "They run at a `schedule`."), ("why", "Because [plans](https://docs.example.org/p).")]);
    }

    [Fact]
    public void What_a_page_folds_away_is_content_below_its_label()
    {
        var document = Read("""
            <html><body><main><h1>Install</h1>
            <div role="tablist"><button role="tab" id="t1" aria-controls="p1">Linux</button><button role="tab" id="t2" aria-controls="p2">macOS</button></div>
            <div role="tabpanel" id="p1" aria-labelledby="t1"><p>Use apt.</p></div><div role="tabpanel" id="p2" aria-labelledby="t2" hidden><p>Use brew.</p></div>
            <h2>Questions</h2>
            <h3><button aria-expanded="false" aria-controls="a1">Is it free?</button></h3><div id="a1" style="display: none"><p>Yes.</p></div>
            <div class="accordion"><button class="accordion-button" data-bs-target="#a2">How long?</button><div id="a2" class="collapse" aria-hidden="true">A week.</div></div>
            <div hidden>Never shown.</div></main></body></html>
            """);

        document.Blocks.Select(b => (string.Join('>', document.Headings[b.Heading].Path), b.Text)).ShouldBe(
        [
            ("Linux", "Use apt."), ("macOS", "Use brew."), ("Questions>Is it free?", "Yes."), ("Questions>Is it free?>How long?", "A week."),
        ]);
    }

    [Fact]
    public void A_page_that_marks_nothing_still_loses_its_frame()
    {
        var links = string.Concat(Enumerable.Range(1, 12).Select(i => $"<li><a href='/{i}'>Chapter number {i}</a></li>"));
        var document = Read($"""
            <html><body><div class="siteHeader topBar"><a href="/">Acme</a></div><div class="col-1"><ul>{links}</ul></div>
            <div id="CookieConsentRoot" class="cookieBanner">We use cookies to <b>follow</b> you.</div><div aria-label="Cookie notice">And more cookies.</div>
            <div class="col-2"><h1>Volumes</h1><p>{new string('x', 200)} A volume keeps files.</p><p>See <a href="/a">here</a>.</p></div>
            <div class="page-footer">© Acme</div></body></html>
            """);

        document.Title.ShouldBe("Volumes");
        document.Blocks.Count.ShouldBe(2);
        document.Blocks[0].Text.ShouldEndWith("A volume keeps files.");
    }

    [Fact]
    public void A_hundred_thousand_neighbours_are_read_in_one_walk()
    {
        // To ask a node for its neighbour walks over all before it: such a page took minutes.
        var document = Read("<html><body><main><h1>T</h1>" + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"<p>Line <b>{i}</b></p>")) + "</main></body></html>");

        document.Blocks.Count.ShouldBe(100_000);
        document.Blocks[^1].Text.ShouldBe("Line 99999");
    }

    [Fact]
    public void A_charset_that_is_not_true_and_scripts_of_all_directions_do_no_harm()
    {
        var wrong = DocumentReader.Read(Encoding.Latin1.GetBytes("<html><head><meta charset=utf-16></head><body><main><h1>Gr\u00f6\u00dfe</h1><p>F\u00fcnf.</p></main></body></html>"), "a.html").Value;
        (wrong.Title, wrong.Blocks[0].Text).ShouldBe(("Größe", "Fünf."));

        var mixed = Read("<html dir=rtl lang=he><body><main><h1>\u05e9\u05dc\u05d5\u05dd</h1><p>abc \u05e2\u05d1\u05e8\u05d9\u05ea \u4e2d\u6587 \u0e44\u0e17\u0e22 sl\u200bow</p></main></body></html>");
        (mixed.Title, mixed.Language, mixed.Blocks[0].Text).ShouldBe(("\u05e9\u05dc\u05d5\u05dd", "he", "abc \u05e2\u05d1\u05e8\u05d9\u05ea \u4e2d\u6587 \u0e44\u0e17\u0e22 slow"));
    }

    [Fact]
    public void A_page_of_links_keeps_them()
    {
        var links = string.Concat(Enumerable.Range(1, 12).Select(i => $"<li><a href='/{i}'>Chapter number {i}</a></li>"));

        Read($"<html><body><ul>{links}</ul></body></html>").Blocks.ShouldHaveSingleItem().Units.Count.ShouldBe(12);
    }

    [Fact]
    public void A_page_without_main_is_its_body_and_its_title_names_the_page_first()
    {
        var document = Read("<html><head><title>Plans – Example</title></head><body><div><p>One</p><p>Two</p></div></body></html>");

        document.Title.ShouldBe("Plans");
        document.Blocks.Select(b => b.Text).ShouldBe(["One", "Two"]);
    }

    [Fact]
    public void Lists_tables_code_and_definitions_are_kept()
    {
        var document = Read("""
            <html><body><ol start="2"><li>One <ul><li>inner</li></ul></li><li><p>Two</p><pre><code class="language-sh">a
              b</code></pre></li></ol>
            <table><thead><tr><th>A</th><th>B</th></tr></thead><tbody><tr><td>1<br>2</td><td>x|y</td></tr></tbody></table>
            <pre class="language-js">let a = "&lt;b&gt;";</pre>
            <dl><dt>Term</dt><dd>Meaning</dd></dl></body></html>
            """);

        document.Blocks.Select(b => b.Kind).ShouldBe([BlockKind.List, BlockKind.Table, BlockKind.Code, BlockKind.List]);
        document.Blocks.Select(b => b.Text).ShouldBe(
        [
            "2. One\n   - inner\n3. Two\n\n   ```sh\n   a\n     b\n   ```",
            "| A | B |\n| --- | --- |\n| 1 2 | x\\|y |",
            "```js\nlet a = \"<b>\";\n```",
            "- Term\n  Meaning",
        ]);
    }

    [Fact]
    public void Folded_parts_are_headings()
    {
        var document = Read("<html><body><h2>FAQ</h2><details><summary>Why <b>so</b>?</summary><p>Because.</p></details><p>After</p></body></html>");

        document.Headings.Select(h => string.Join(" > ", h.Path)).ShouldBe(["FAQ > Why so?", "FAQ"]);
    }

    [Theory]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("<svg><script>alert(1)</script></svg>")]
    [InlineData("<iframe srcdoc='<script>alert(1)</script>'></iframe>")]
    [InlineData("<a href='javascript:alert(1)'>link</a>")]
    [InlineData("<a href='data:text/html,<script>alert(1)</script>'>link</a>")]
    [InlineData("<noscript><p title='</noscript><script>alert(1)</script>'></noscript>")]
    [InlineData("<template><script>alert(1)</script></template>")]
    [InlineData("<div hidden>alert(1)</div><div style='display: none'>alert(1)</div>")]
    public void Scripts_are_inert(string html)
    {
        var document = Read($"<html><body><h1>Title</h1><p>Before</p>{html}<p>After</p></body></html>");

        var text = string.Join("\n", document.Blocks.Select(b => b.Text));
        text.ShouldNotContain("alert");
        text.ShouldNotContain("javascript:");
        text.ShouldContain("Before");
        text.ShouldContain("After");
    }

    [Fact]
    public void Deep_nesting_keeps_the_text_or_is_refused_but_never_ends_the_process()
    {
        var deep = Read("<html><body>" + string.Concat(Enumerable.Repeat("<div>", 3000)) + "bottom" + string.Concat(Enumerable.Repeat("</div>", 3000)) + "</body></html>");
        deep.Blocks.ShouldHaveSingleItem().Text.ShouldBe("bottom");

        var lists = Read("<html><body>" + string.Concat(Enumerable.Repeat("<ul><li>", 1500)) + "bottom</body></html>");
        string.Join("", lists.Blocks.Select(b => b.Text)).ShouldContain("bottom");

        DocumentReader.Read(Encoding.UTF8.GetBytes("<html>" + string.Concat(Enumerable.Repeat("<div>", 50_000)) + "x"), "a.html").Error!.Message.ShouldContain("deep");
    }

    [Fact]
    public void Fifty_megabytes_on_one_line_are_refused_and_a_long_line_is_read()
    {
        DocumentReader.Read(Encoding.UTF8.GetBytes("<html><body><p>" + new string('x', 50_000_000)), "a.html").Error!.Message.ShouldContain("larger than 16 MB");
        var sentence = "All of it is on one line, and none of it ends. ";
        var line = Read("<html><body><main><h1>T</h1><p>" + string.Concat(Enumerable.Repeat(sentence, 4_000)) + "</p></main></body></html>");
        line.Blocks.Sum(b => b.Text.Length).ShouldBeGreaterThan((sentence.Length - 1) * 4_000);
    }

    [Fact]
    public void Text_with_angle_brackets_is_text() =>
        Read("<html><body><p>Use &lt;script&gt;alert(1)&lt;/script&gt; never.</p></body></html>").Blocks[0].Text.ShouldBe("Use <script>alert(1)</script> never.");

    private static ReadDocument Read(string html) => DocumentReader.Read(Encoding.UTF8.GetBytes(html), "page.html").Value;
}
