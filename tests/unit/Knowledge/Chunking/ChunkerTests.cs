using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Parley.Inference;
using Parley.Knowledge.Analysis;
using Parley.Knowledge.Chunking;
using Parley.Knowledge.Readers;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge.Chunking;

public sealed partial class ChunkerTests
{
    [Fact]
    public void Nothing_is_lost_and_nothing_but_table_heads_is_repeated() => ForAllDocuments(document =>
    {
        var chunks = Chunker.Cut(document, ChunkingMode.Hierarchical).SelectMany(s => s.Chunks);

        Squeeze(WithoutRepeatedHeads(chunks.Select(c => c.Text))).ShouldBe(Squeeze(document.Blocks.Select(b => b.Text)));
    });

    [Fact]
    public void Sections_hold_the_text_of_their_chunks() => ForAllDocuments(document =>
    {
        foreach (var section in Chunker.Cut(document, ChunkingMode.Hierarchical))
            Squeeze(WithoutRepeatedHeads(section.Chunks.Select(c => c.Text))).ShouldBe(Squeeze(section.Text));
    });

    [Fact]
    public void Only_what_may_not_be_cut_is_above_the_cap() => ForAllDocuments(document =>
    {
        var verbatim = document.Blocks.SelectMany(b => b.Units).Where(u => u.Verbatim).Select(u => Squeeze(u.Text)).ToHashSet();
        foreach (var section in Chunker.Cut(document, ChunkingMode.Hierarchical))
        {
            foreach (var chunk in section.Chunks.Where(c => c.Tokens > Chunker.ChunkTokens))
                verbatim.ShouldContain(Squeeze(WithoutHead(chunk.Text)));
            if (section.Tokens > Chunker.SectionTokens)
                verbatim.ShouldContain(Squeeze(WithoutHead(section.Text)));
        }
        foreach (var chunk in Chunker.Cut(document, ChunkingMode.Flat).SelectMany(s => s.Chunks).Where(c => c.Tokens > Chunker.FlatTokens))
            chunk.Kind.ShouldBeOneOf(BlockKind.Code, BlockKind.Table, BlockKind.Text);
    });

    [Fact]
    public void Code_blocks_and_rows_stand_whole_in_one_chunk() => ForAllDocuments(document =>
    {
        foreach (var mode in new[] { ChunkingMode.Hierarchical, ChunkingMode.Flat })
        {
            var chunks = Chunker.Cut(document, mode).SelectMany(s => s.Chunks).Select(c => Squeeze(c.Text)).ToList();
            foreach (var unit in document.Blocks.SelectMany(b => b.Units).Where(u => u.Verbatim))
                chunks.Exists(c => c.Contains(Squeeze(unit.Text), StringComparison.Ordinal)).ShouldBeTrue();
        }
    });

    [Fact]
    public void Chunks_stand_under_the_heading_of_their_blocks() => ForAllDocuments(document =>
    {
        var expected = document.Blocks.Select(b => document.Headings[b.Heading].Path).Distinct().Select(p => string.Join(">", p));
        var actual = Chunker.Cut(document, ChunkingMode.Hierarchical).Select(s => string.Join(">", s.HeadingPath));

        Deduplicate(actual).ShouldBe(Deduplicate(expected));
    });

    [Fact]
    public void Flat_chunks_overlap_and_together_hold_everything() => ForAllDocuments(document =>
    {
        var text = Squeeze(Chunker.Cut(document, ChunkingMode.Flat).Select(s => s.Text));
        foreach (var unit in document.Blocks.SelectMany(b => b.Units))
        {
            foreach (var (start, length) in SentenceSplitter.Split(unit.Text).Where(_ => !unit.Verbatim))
                text.ShouldContain(Squeeze(unit.Text.Substring(start, length)));
        }
    });

    [Fact]
    public void A_long_text_becomes_even_chunks_that_end_with_sentences()
    {
        var sentences = Enumerable.Range(1, 200).Select(i => $"Sentence number {i} says that the service restarts when its configuration changes.");
        var document = DocumentReader.Read(Encoding.UTF8.GetBytes("# T\n\n" + string.Join(' ', sentences)), "a.md").Value;

        var chunks = Chunker.Cut(document, ChunkingMode.Hierarchical).SelectMany(s => s.Chunks).ToList();

        chunks.ShouldAllBe(c => c.Text.EndsWith('.'));
        chunks.ShouldAllBe(c => c.Tokens > Chunker.ChunkTokens / 2 && c.Tokens <= Chunker.ChunkTokens);
        var flat = Chunker.Cut(document, ChunkingMode.Flat).Select(s => s.Text).ToList();
        for (var i = 1; i < flat.Count; i++)
            flat[i - 1].ShouldContain(flat[i][..SentenceSplitter.Split(flat[i])[0].Length]);
    }

    [Fact]
    public void What_announces_a_list_stays_with_it()
    {
        var filler = string.Join(' ', Enumerable.Repeat("The quick brown fox jumps over the lazy dog again and again.", 14));
        var items = string.Join('\n', Enumerable.Range(1, 8).Select(i => $"{i}. Choose option number {i} in the settings dialog and confirm."));
        var document = DocumentReader.Read(Encoding.UTF8.GetBytes($"{filler}\n\nTo configure it:\n\n{items}"), "a.md").Value;

        var chunks = Chunker.Cut(document, ChunkingMode.Hierarchical).SelectMany(s => s.Chunks).ToList();

        chunks.Count.ShouldBe(2);
        chunks[1].Text.ShouldStartWith("To configure it:\n\n1. Choose option number 1");
    }

    [Fact]
    public void A_cut_table_repeats_its_head()
    {
        var rows = string.Join('\n', Enumerable.Range(1, 60).Select(i => $"| Setting {i} | The value of the setting number {i} |"));
        var document = DocumentReader.Read(Encoding.UTF8.GetBytes("| Name | Meaning |\n|---|---|\n" + rows), "a.md").Value;

        var chunks = Chunker.Cut(document, ChunkingMode.Hierarchical).SelectMany(s => s.Chunks).ToList();

        chunks.Count.ShouldBeGreaterThan(2);
        chunks.ShouldAllBe(c => c.Kind == BlockKind.Table && c.Text.StartsWith("| Name | Meaning |\n| --- | --- |\n| Setting"));
        chunks.ShouldAllBe(c => c.Tokens <= Chunker.ChunkTokens);
    }

    [Fact]
    public void Text_without_any_mark_is_cut_below_the_cap()
    {
        var document = DocumentReader.Read(Encoding.UTF8.GetBytes(new string('x', 20_000) + " " + string.Concat(Enumerable.Repeat("ภาษาไทย", 2000)) + string.Concat(Enumerable.Repeat("👨‍👩‍👧", 2000))), "a.txt").Value;

        var chunks = Chunker.Cut(document, ChunkingMode.Hierarchical).SelectMany(s => s.Chunks).ToList();

        chunks.ShouldAllBe(c => c.Tokens <= Chunker.ChunkTokens);
        string.Concat(chunks.Select(c => c.Text)).ShouldNotContain('\uFFFD');
        chunks.ShouldAllBe(c => new UTF8Encoding(false, true).GetByteCount(c.Text) > 0);
    }

    private static readonly string[] Words =
        "deploy service the a of variable réseau Größe データベース 서버 сервер e.g. v1.2.3 `npm i` https://example.org/a.b (see) settings, dashboard: because? yes! no. end.".Split(' ');

    private static void ForAllDocuments(Action<ReadDocument> property)
    {
        var word = Gen.Elements(Words);
        var text = Gen.Choose(1, 400).SelectMany(n => word.ArrayOf(n)).Select(w => string.Join(' ', w));
        var line = Gen.Choose(1, 12).SelectMany(n => word.ArrayOf(n)).Select(w => string.Join(' ', w));
        var block = Gen.OneOf(
            text,
            line.Select(l => "## " + l),
            Gen.Choose(1, 200).SelectMany(n => line.ArrayOf(n)).Select(l => "```sh\n" + string.Join('\n', l) + "\n```"),
            Gen.Choose(1, 40).SelectMany(n => line.ArrayOf(n)).Select(l => string.Join('\n', l.Select((t, i) => (i % 3 == 2 ? "  - " : "- ") + t))),
            Gen.Choose(2, 60).SelectMany(n => line.ArrayOf(n)).Zip(Gen.Choose(0, int.MaxValue))
                .Select(t => $"| Head {t.Item2} | B |\n|---|---|\n" + string.Join('\n', t.Item1.Select(cell => $"| {cell} | x |"))));
        var document = Gen.Choose(1, 12).SelectMany(n => block.ArrayOf(n)).Select(b => "# Title\n\n" + string.Join("\n\n<!-- -->\n\n", b));
        Prop.ForAll(document.ToArbitrary(), source => property(DocumentReader.Read(Encoding.UTF8.GetBytes(source), "a.md").Value))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(25));
    }

    private static string WithoutHead(string text) => TableHead().Replace(text, "");

    /// <summary>Every generated table has a head of its own: one seen before is a repetition.</summary>
    private static IEnumerable<string> WithoutRepeatedHeads(IEnumerable<string> chunks)
    {
        var seen = new HashSet<string>();
        foreach (var chunk in chunks)
        {
            var head = TableHead().Match(chunk);
            yield return head.Success && seen.Contains(head.Groups[1].Value) ? chunk[head.Length..] : chunk;
            foreach (Match any in AnyHead().Matches(chunk))
                seen.Add(any.Groups[1].Value);
        }
    }

    [GeneratedRegex(@"\A\| Head (\d+) \| B \|\n\| --- \| --- \|\n(?=\|)")]
    private static partial Regex TableHead();

    [GeneratedRegex(@"\| Head (\d+) \| B \|")]
    private static partial Regex AnyHead();

    private static IEnumerable<string> Deduplicate(IEnumerable<string> items)
    {
        string? last = null;
        foreach (var item in items)
        {
            if (item != last)
                yield return item;
            last = item;
        }
    }

    private static string Squeeze(IEnumerable<string> texts) => string.Concat(texts.Select(Squeeze));

    private static string Squeeze(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
