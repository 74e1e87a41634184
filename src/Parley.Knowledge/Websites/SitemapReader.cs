using System.IO.Compression;
using System.Xml;

namespace Parley.Knowledge.Websites;

/// <summary>An entry of a sitemap.</summary>
/// <param name="Location">As it stands there.</param>
/// <param name="IsSitemap">It is another sitemap (the file is an index).</param>
internal sealed record SitemapEntry(string Location, bool IsSitemap);

/// <summary>Reads sitemaps and sitemap indexes (sitemaps.org 0.9) in one pass: however many addresses a file lists, only a few are in memory.</summary>
internal static class SitemapReader
{
    /// <summary>sitemaps.org allows 50 MB; a compressed one that unpacks to more ends there.</summary>
    private const long MaxCharacters = 60_000_000;

    // No entities, no DTD: a sitemap needs neither, an attack does.
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, Async = true, IgnoreComments = true, IgnoreProcessingInstructions = true,
        MaxCharactersInDocument = MaxCharacters,
    };

    /// <summary>Does it begin as a sitemap does? Decided by content: sites serve sitemaps under any name and type.</summary>
    internal static bool LooksLike(ReadOnlySpan<char> head)
    {
        var start = head.TrimStart('\uFEFF').TrimStart();
        var root = start.IndexOf("<urlset", StringComparison.OrdinalIgnoreCase) is >= 0 and var a ? a : start.IndexOf("<sitemapindex", StringComparison.OrdinalIgnoreCase);
        // Only the prologue may stand before the root.
        return root >= 0 && start[..root].IndexOf("<html", StringComparison.OrdinalIgnoreCase) < 0;
    }

    /// <summary>Is it gzip (sitemap.xml.gz)?</summary>
    internal static bool IsCompressed(ReadOnlySpan<byte> bytes) => bytes is [0x1f, 0x8b, ..];

    /// <summary>Its text, unpacked as it is read.</summary>
    internal static Stream Open(byte[] bytes) =>
        IsCompressed(bytes) ? new GZipStream(new MemoryStream(bytes, writable: false), CompressionMode.Decompress) : new MemoryStream(bytes, writable: false);

    /// <summary>The entries in their order, at most <paramref name="max"/>.</summary>
    /// <exception cref="XmlException">It is not well-formed; what came before stands.</exception>
    internal static async IAsyncEnumerable<SitemapEntry> ReadAsync(Stream content, int max)
    {
        using var xml = XmlReader.Create(content, Settings);
        var (index, depthOfEntry, count) = (false, -1, 0);
        while (count < max && await xml.ReadAsync())
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            switch (xml.LocalName)
            {
                case "sitemapindex":
                    index = true;
                    break;
                case "url" or "sitemap":
                    depthOfEntry = xml.Depth;
                    break;
                // Images and videos have a loc of their own, deeper or in their own namespace.
                case "loc" when xml.Depth == depthOfEntry + 1 && !xml.Prefix.StartsWith("image", StringComparison.Ordinal) && !xml.Prefix.StartsWith("video", StringComparison.Ordinal):
                    var text = await ReadTextAsync(xml);
                    if (text.Length > 0)
                    {
                        count++;
                        yield return new SitemapEntry(text, index);
                    }
                    break;
                default:
                    break;
            }
        }
    }

    private static async Task<string> ReadTextAsync(XmlReader xml)
    {
        if (xml.IsEmptyElement)
            return "";
        var text = "";
        var depth = xml.Depth;
        while (await xml.ReadAsync() && xml.Depth > depth)
        {
            if (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA && text.Length < WebAddress.MaxLength * 4)
                text += xml.Value;
        }
        return text.Trim();
    }
}
