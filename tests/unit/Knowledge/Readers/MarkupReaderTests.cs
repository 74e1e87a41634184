using System.Text;
using Parley.Knowledge.Readers;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge.Readers;

public sealed class MarkupReaderTests
{
    private const string AsciiDoc = """
        = Install the server
        :version: 4.2
        :lang: en

        Version {version} runs on _Linux_. See link:https://example.com/docs[the docs] and <<setup,the setup>>.

        // a comment
        include::parts/intro.adoc[]

        [#setup]
        == Set it up

        .Commands
        [source,bash]
        ----
        apt install server <1>
        == no heading
        ----
        <1> As root.

        * First
        ** Nested `code`
        * Second
        +
        More of the second.

        . One
        . Two

        NOTE: Keep the key.

        [WARNING]
        ====
        It deletes all.
        ====

        Port:: The number 80.
        Host::
        The name.

        |===
        |Name |Meaning

        |port
        |a number
        |host |a name
        |===

        ifdef::never[]
        image::x.png[The screen,200]
        """;

    private const string Rst = """
        :orphan:

        =================
        Install the server
        =================

        Version |v| runs on *Linux*. See `the docs <https://example.com/docs>`_, :ref:`the setup <setup>` and ``code``.

        .. |v| replace:: 4.2
        .. This is a comment
           of two lines

        .. _setup:

        Set it up
        ---------

        .. code-block:: bash
           :linenos:

           apt install server

        Like this::

            literal text

        * First

          - Nested
        * Second item
          wraps

        #. One
        #. Two

        .. note:: Keep the key.

        .. warning::

           It deletes all.

        port
            The number 80.

        +------+----------+
        | Name | Meaning  |
        +======+==========+
        | port | a number |
        +------+----------+

        ==== ======
        A    B
        ==== ======
        1    two
        ==== ======

        .. include:: parts/intro.rst

        .. image:: x.png
           :alt: The screen
        """;

    [Fact]
    public void AsciiDoc_is_readable_text()
    {
        var document = DocumentReader.Read(Encoding.UTF8.GetBytes(AsciiDoc), "install.adoc").Value;

        (document.Title, document.Language).ShouldBe(("Install the server", "en"));
        document.Headings.Select(h => (string.Join('>', h.Path), h.Anchor)).ShouldBe([("", "install-the-server"), ("Set it up", "setup")]);
        var texts = document.Blocks.Select(b => b.Text).ToList();
        texts[0].ShouldBe("Version 4.2 runs on Linux. See [the docs](https://example.com/docs) and the setup.");
        texts[1].ShouldBe("`include::parts/intro.adoc[]`");
        texts.ShouldContain("```bash\napt install server <1>\n== no heading\n```");
        texts.ShouldContain("1. As root.");
        texts.ShouldContain(t => t.StartsWith("- First") && t.Contains("Nested `code`") && t.Contains("More of the second."));
        texts.ShouldContain("1. One\n2. Two");
        texts.ShouldContain("Note: Keep the key.");
        texts.ShouldContain("Warning: It deletes all.");
        texts.ShouldContain(t => t.Contains("- Port") && t.Contains("The number 80."));
        texts.ShouldContain("| Name | Meaning |\n| --- | --- |\n| port | a number |\n| host | a name |");
        texts.ShouldContain("![The screen]()");
        string.Join('\n', texts).ShouldNotContain("comment");
        string.Join('\n', texts).ShouldNotContain("ifdef");
    }

    [Fact]
    public void ReStructuredText_is_readable_text()
    {
        var document = DocumentReader.Read(Encoding.UTF8.GetBytes(Rst), "install.rst").Value;

        document.Title.ShouldBe("Install the server");
        document.Headings.Select(h => (string.Join('>', h.Path), h.Anchor)).ShouldBe([("", "install-the-server"), ("Set it up", "setup")]);
        var texts = document.Blocks.Select(b => b.Text).ToList();
        texts[0].ShouldBe("Version 4.2 runs on Linux. See [the docs](https://example.com/docs), the setup and `code`.");
        texts.ShouldContain("```bash\napt install server\n```");
        texts.ShouldContain("Like this:");
        texts.ShouldContain("```\nliteral text\n```");
        texts.ShouldContain(t => t.StartsWith("- First") && t.Contains("- Nested") && t.Contains("Second item"));
        texts.ShouldContain("1. One\n2. Two");
        texts.ShouldContain("Note: Keep the key.");
        string.Join('\n', texts).ShouldContain("Warning:\nIt deletes all.");
        texts.ShouldContain(t => t.StartsWith("- port") && t.Contains("The number 80."));
        texts.ShouldContain("| Name | Meaning |\n| --- | --- |\n| port | a number |");
        texts.ShouldContain("| A | B |\n| --- | --- |\n| 1 | two |");
        texts.ShouldContain("`.. include:: parts/intro.rst`");
        texts.ShouldContain("![The screen]()");
        string.Join('\n', texts).ShouldNotContain("comment");
        string.Join('\n', texts).ShouldNotContain("orphan");
    }

    [Fact]
    public void Both_are_known_by_their_content()
    {
        DocumentReader.Read("= Title here\n:toc:\n\nText.\n\n== Part\n\nMore."u8.ToArray(), "a.txt").Value.Title.ShouldBe("Title here");
        DocumentReader.Read("Title\n=====\n\n.. note:: Mind it.\n\nText."u8.ToArray(), "a.txt").Value.Blocks[0].Text.ShouldBe("Note: Mind it.");
    }

    [Theory]
    [InlineData("a.adoc")]
    [InlineData("a.rst")]
    public void Nothing_in_them_ends_the_reader(string path)
    {
        var pieces = new[] { "|===\n", "----\n", "* ", "** x\n", "==\n", "= \n", "+\n", ".. ", ".. note::\n\n   ", "::\n", "`", "<", "[", "]", "{", "::", "   ", "\n", "====\n", "+--+\n", "| a |\n", "#. ", "term:: x\n", "_", "*", "é", "[source]\n" };
        var random = new Random(7);
        for (var round = 0; round < 400; round++)
        {
            var text = "x\n" + string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => pieces[random.Next(pieces.Length)]));
            Should.NotThrow(() => DocumentReader.Read(Encoding.UTF8.GetBytes(text), path), text);
        }
    }
}
