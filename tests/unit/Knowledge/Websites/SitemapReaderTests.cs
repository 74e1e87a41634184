using System.IO.Compression;
using System.Text;
using System.Xml;
using Parley.Knowledge.Websites;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge.Websites;

public sealed class SitemapReaderTests
{
    private static async Task<List<SitemapEntry>> ReadAsync(byte[] bytes, int max = 1000)
    {
        var entries = new List<SitemapEntry>();
        await foreach (var entry in SitemapReader.ReadAsync(SitemapReader.Open(bytes), max))
            entries.Add(entry);
        return entries;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public async Task Addresses_are_read_and_those_of_images_are_not() =>
        (await ReadAsync(Bytes("""
            <?xml version="1.0" encoding="UTF-8"?>
            <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
              <url><loc> https://example.com/a?x=1&amp;y=2 </loc><lastmod>2026-01-01</lastmod><image:image><image:loc>https://example.com/i.png</image:loc></image:image></url>
              <url><loc><![CDATA[https://example.com/b]]></loc></url><url><loc/></url><url><lastmod>2026</lastmod></url>
            </urlset>
            """))).ShouldBe([new("https://example.com/a?x=1&y=2", false), new("https://example.com/b", false)]);

    [Fact]
    public async Task An_index_names_sitemaps() =>
        (await ReadAsync(Bytes("<sitemapindex><sitemap><loc>https://example.com/1.xml</loc></sitemap></sitemapindex>"))).ShouldBe([new("https://example.com/1.xml", true)]);

    [Fact]
    public async Task A_compressed_one_is_unpacked()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Bytes("<urlset><url><loc>https://example.com/a</loc></url></urlset>"));
        SitemapReader.IsCompressed(packed.ToArray()).ShouldBeTrue();
        (await ReadAsync(packed.ToArray())).Single().Location.ShouldBe("https://example.com/a");
    }

    [Fact]
    public async Task However_many_it_lists_only_so_many_are_read()
    {
        var text = "<urlset>" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"<url><loc>https://example.com/{i}</loc></url>"));
        (await ReadAsync(Bytes(text), max: 100)).Count.ShouldBe(100);
    }

    [Theory]
    [InlineData("<!DOCTYPE urlset [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><urlset><url><loc>&x;</loc></url></urlset>")]
    [InlineData("<urlset><url><loc>https://example.com/a</loc></urlset>")]
    [InlineData("{}")]
    public async Task What_is_not_well_formed_is_refused(string text) => await Should.ThrowAsync<XmlException>(() => ReadAsync(Bytes(text)));

    [Theory]
    [InlineData("<?xml version='1.0'?>\n<!-- made by a tool --><urlset xmlns='x'>", true)]
    [InlineData("\uFEFF<sitemapindex>", true)]
    [InlineData("<html><body>see <urlset> in our docs</body></html>", false)]
    [InlineData("# Sitemaps\n\nA sitemap", false)]
    public void It_is_known_by_its_beginning(string head, bool sitemap) => SitemapReader.LooksLike(head).ShouldBe(sitemap);
}
