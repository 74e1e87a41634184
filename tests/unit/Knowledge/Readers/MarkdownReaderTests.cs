using System.Text;
using Parley.Knowledge.Readers;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge.Readers;

public sealed class MarkdownReaderTests
{
    [Theory]
    [InlineData("import Setup from './_setup.mdx'\nimport Logo from './logo.tsx'\n\nBefore.\n\n<Setup />\n\n<Logo />\n\nAfter.", "Before.|`<Setup />`|After.")]
    [InlineData("Before.\n\n<Snippet file=\"parts/setup.mdx\" />\n\nAfter.", "Before.|`<Snippet />`|After.")]
    [InlineData("Before.\n\n--8<-- \"parts/setup.md\"\n\n{% include 'x.html' %}", "Before.|--8<-- \"parts/setup.md\"|{% include 'x.html' %}")]
    [InlineData("[!INCLUDE [setup](parts/setup.md)]", "[!INCLUDE setup]")]
    public void What_another_file_would_bring_stays_visible(string text, string expected) =>
        string.Join('|', Read(text).Blocks.Select(b => b.Text)).ShouldBe(expected);

    [Fact]
    public void Front_matter_gives_title_language_address_and_metadata()
    {
        var document = Read("---\ntitle: Cron jobs\nlang: de_AT\nurl: https://docs.example.org/cron\ntags: [a, b]\n---\n# Another heading\n\nText.");

        document.Title.ShouldBe("Cron jobs");
        document.Language.ShouldBe("de-AT");
        document.Url.ShouldBe("https://docs.example.org/cron");
        document.Metadata["tags"].ShouldBe("a, b");
        document.Headings[0].Path.ShouldBe(["Another heading"]);
    }

    [Theory]
    [InlineData("---\ntitle: Deploy: the short way\n---\nText.", "Deploy: the short way")] // no YAML, but what people write
    [InlineData("+++\ntitle = \"Hugo\"\n+++\nText.", "Hugo")]
    [InlineData("# First *heading* with `code`\n\nText.", "First heading with code")]
    [InlineData("Text only.", "My first guide")]
    [InlineData("---\n# only a comment\n---\nText.", "My first guide")]
    public void Title_comes_from_front_matter_then_first_heading_then_file_name(string text, string title) =>
        Read(text, "guides/my-first_guide.md").Title.ShouldBe(title);

    [Fact]
    public void Title_of_an_index_file_is_its_folder() => Read("Text.", "guides/cron-jobs/index.md").Title.ShouldBe("Cron jobs");

    [Fact]
    public void Rules_around_prose_are_no_front_matter()
    {
        var document = Read("---\nA line of prose.\n---\n\nMore.");

        // What it is: a rule, and a heading that is underlined.
        document.Headings.ShouldHaveSingleItem().Path.ShouldBe(["A line of prose."]);
        Texts(document).ShouldBe(["More."]);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("- ")]
    [InlineData("{a: ")]
    public void Deeply_nested_front_matter_does_not_end_the_process(string opening)
    {
        var nested = string.Concat(Enumerable.Repeat(opening, 10_000));

        Read($"---\ntitle: Kept\nx: {nested}\n---\nText.").Title.ShouldBe("Kept");
    }

    [Fact]
    public void Aliases_in_front_matter_are_not_expanded()
    {
        var bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 20).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat(i == 1 ? "*a" : $"*a{i - 1}", 9))}]\n"));

        Read($"---\ntitle: Kept\n{bomb}---\nText.").Title.ShouldBe("Kept");
    }

    [Fact]
    public void Headings_make_paths_and_anchors_as_GitHub_does()
    {
        var document = Read("# Title\n\nIntro\n\n## What's new? (v2.0)\n\nA\n\n### Sub_part\n\nB\n\n## What's new? (v2.0)\n\nC\n\n## Ünïcode & more\n\nD\n\n## Own {#my-id}\n\nE");

        document.Blocks.Select(b => (string.Join(" > ", document.Headings[b.Heading].Path), document.Headings[b.Heading].Anchor)).ShouldBe(
        [
            ("", "title"), ("What's new? (v2.0)", "whats-new-v20"), ("What's new? (v2.0) > Sub_part", "sub_part"), ("What's new? (v2.0)", "whats-new-v20-1"),
            ("Ünïcode & more", "ünïcode--more"), ("Own", "my-id"),
        ]);
    }

    [Fact]
    public void A_heading_without_content_is_kept_as_text()
    {
        var document = Read("# Title\n\n## Alone\n\n## With child\n\n### Child\n\nText.");

        Texts(document).ShouldBe(["Alone", "Text."]);
    }

    [Fact]
    public void Emphasis_goes_code_and_absolute_links_stay_relative_links_become_words()
    {
        var document = Read("Open **Settings**, then _run_ `npm i`. See [the guide](https://example.org/a_(b)), [here](/variables) and <https://example.org>.\n\n![A plan](https://example.org/p.png)");

        Texts(document).ShouldBe(
        [
            "Open Settings, then run `npm i`. See [the guide](https://example.org/a_%28b%29), here and https://example.org.",
            "![A plan](https://example.org/p.png)",
        ]);
    }

    [Fact]
    public void Relative_links_follow_the_documents_own_address() =>
        Texts(Read("---\nurl: https://docs.example.org/guides/cron\n---\nSee [vars](../variables#ref).")).ShouldBe(["See [vars](https://docs.example.org/variables#ref)."]);

    [Fact]
    public void Lists_keep_numbers_nesting_paragraphs_and_code()
    {
        var document = Read("3. Install:\n\n   ```bash\n   npm i\n   ```\n\n   Wait.\n4. Run\n   - one\n   - two\n\n     more");

        var list = document.Blocks.ShouldHaveSingleItem();
        list.Kind.ShouldBe(BlockKind.List);
        list.Text.ShouldBe("3. Install:\n\n   ```bash\n   npm i\n   ```\n\n   Wait.\n4. Run\n   - one\n   - two\n\n     more");
        list.Units.Count(u => u.Verbatim).ShouldBe(1);
        list.Units.Where(u => !u.Nested).Select(u => u.Text).ShouldBe(["3. Install:", "4. Run"]);
    }

    [Fact]
    public void Tables_are_rows()
    {
        var table = Read("| A | B |\n|---|---|\n| `x|y` | **1** |\n| only |").Blocks.ShouldHaveSingleItem();

        table.Kind.ShouldBe(BlockKind.Table);
        table.Units[0].Text.ShouldBe("| A | B |\n| --- | --- |");
        table.Units.ShouldAllBe(u => u.Verbatim);
        table.Units[^1].Text.ShouldBe("| only |  |");
    }

    [Fact]
    public void Code_is_verbatim_with_its_language()
    {
        var block = Read("````md\n```js\na <b> {c} **d**\n```\n````").Blocks.ShouldHaveSingleItem();

        block.Kind.ShouldBe(BlockKind.Code);
        block.Text.ShouldBe("````md\n```js\na <b> {c} **d**\n```\n````");
    }

    [Fact]
    public void Components_become_headings_text_and_code()
    {
        const string Text = """
            import { Card } from "@site/card";

            <Banner variant="info">
                Environment variables **can't** be used{" "}
                here, see <a href="https://example.org" target="_blank">this</a>.
            </Banner>

            ## FAQ

            <Collapse title="Why is it slow?">
            Because.

              <Steps>
                <Step title="Open it">
                  - one
                </Step>
              </Steps>
            </Collapse>

            After.

            <GraphQLCodeTabs query={`query a($id: String!) {
              a(id: $id) {

                id
              }
            }`} variables={{ id: "x y" }} />

            <Image src="https://example.org/i.png"
            alt="The plan" width={10} />
            {/* a note
            to ourselves */}
            <!-- and another -->
            """;

        var document = Read(Text);

        document.Blocks.Select(b => (string.Join(" > ", document.Headings[b.Heading].Path), b.Text)).ShouldBe(
        [
            ("", "Environment variables can't be used here, see [this](https://example.org/)."),
            ("FAQ > Why is it slow?", "Because."),
            ("FAQ > Why is it slow? > Open it", "- one"),
            ("FAQ", "After."),
            ("FAQ", "```graphql\nquery a($id: String!) {\n  a(id: $id) {\n\n    id\n  }\n}\n```"),
            ("FAQ", "```\n{ id: \"x y\" }\n```"),
            ("FAQ", "![The plan](https://example.org/i.png)"),
        ]);
    }

    [Fact]
    public void Html_inside_markdown_is_read_and_never_kept()
    {
        var document = Read("A <b>bold</b> word<br>next <kbd>Ctrl</kbd>.\n\n<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>\n\n<details>\n<summary>More?</summary>\n\nYes, *more*.\n\n</details>\n\n<script>alert(1)</script>\n\n<p align=\"center\">Centre</p>");

        document.Blocks.Select(b => b.Text).ShouldBe(["A bold word\nnext Ctrl.", "| A | B |\n| --- | --- |\n| 1 | 2 |", "Yes, more.", "Centre"]);
        document.Headings[document.Blocks[2].Heading].Path.ShouldBe(["More?"]);
    }

    [Fact]
    public void Placeholders_stay()
    {
        Texts(Read("Run deploy <service> with <PORT> and <your-token>, or -o <source> <title>.")).ShouldBe(["Run deploy <service> with <PORT> and <your-token>, or -o <source> <title>."]);
    }

    [Fact]
    public void Tags_inside_code_stay()
    {
        var document = Read("Use `<Banner>` or:\n\n```html\n<Banner title=\"x\">\n```\n\n    <b>indented</b>\n");

        document.Blocks.Select(b => b.Text).ShouldBe(["Use `<Banner>` or:", "```html\n<Banner title=\"x\">\n```", "```\n<b>indented</b>\n```"]);
    }

    [Theory]
    [InlineData("> [!WARNING]\n> Mind the gap.", "Warning: Mind the gap.")]
    [InlineData(":::tip\nMind the gap.\n:::", "Tip:\nMind the gap.")]
    [InlineData(":::tip[Good to know]\nMind the gap.\n:::", "Good to know\nMind the gap.")]
    [InlineData("!!! note \"Good to know\"\n    Mind the gap.\n", "Good to know\nMind the gap.")]
    public void Admonitions_keep_label_and_text(string text, string expected) => string.Join("\n", Texts(Read(text))).ShouldBe(expected);

    [Fact]
    public void A_marked_component_never_swallows_what_follows_it()
    {
        // An end tag is missing, another is too much: all text is still there.
        var document = Read("## A\n\n<Collapse title=\"T\">\n\none\n\n</Other>\n\n## B\n\ntwo");

        Texts(document).ShouldBe(["one", "two"]);
    }

    [Fact]
    public void Marks_of_the_reader_itself_cannot_be_smuggled_in()
    {
        var document = Read("\uE000Evil\n\ntext\n\n\uE001");

        Texts(document).ShouldBe(["Evil", "text"]);
        document.Headings[0].Path.ShouldBeEmpty();
    }

    [Fact]
    public void Deep_nesting_is_refused_and_does_not_end_the_process()
    {
        var result = DocumentReader.Read(Encoding.UTF8.GetBytes(new string('>', 100_000) + " text"), "a.md");

        result.Error?.Message.ShouldContain("nest");
    }

    [Fact]
    public void Hostile_tags_are_read_in_linear_time()
    {
        // Each "<" could begin a tag that runs to the end of the file.
        var text = string.Concat(Enumerable.Repeat("<a b=\"", 100_000)) + string.Concat(Enumerable.Repeat("<b>x", 100_000));

        DocumentReader.Read(Encoding.UTF8.GetBytes(text), "a.md").Error.ShouldBeNull();
    }

    private static IEnumerable<string> Texts(ReadDocument document) => document.Blocks.Select(b => b.Text);

    private static ReadDocument Read(string text, string path = "file.md") => DocumentReader.Read(Encoding.UTF8.GetBytes(text), path).Value;
}
