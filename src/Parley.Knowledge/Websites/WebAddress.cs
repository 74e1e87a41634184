using System.Text;

namespace Parley.Knowledge.Websites;

/// <summary>Addresses of pages in their one form, so that a page has one name however it is linked.</summary>
internal static class WebAddress
{
    /// <summary>As long as a document's path may be: the address is the path.</summary>
    internal const int MaxLength = Imports.ImportPath.MaxLength;

    /// <summary>A path in which one part comes this often is a trap: a relative link that leads ever deeper.</summary>
    private const int MaxRepeats = 3;

    // They say where a visitor came from, not what the page is.
    private static readonly string[] Tracking = ["gclid", "fbclid", "msclkid", "mc_cid", "mc_eid", "igshid", "_ga", "_gl"];

    /// <summary>
    /// The address without fragment and tracking parameters, host in lower case, default port and dots resolved; null where it is none
    /// that can be fetched (another scheme, user names, too long).
    /// </summary>
    internal static Uri? Normalize(string? given, Uri? from = null)
    {
        if (string.IsNullOrWhiteSpace(given) || given.Length > 4 * MaxLength || given.AsSpan().Trim().ContainsAnyInRange('\0', '\u001f'))
            return null;
        var text = given.Trim();
        if (!(from is null ? Uri.TryCreate(text, UriKind.Absolute, out var uri) : Uri.TryCreate(from, text, out uri))
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps) || uri.UserInfo.Length > 0 || uri.Host.Length == 0)
            return null;
        var builder = new StringBuilder(uri.GetLeftPart(UriPartial.Authority)).Append(uri.AbsolutePath);
        var separator = '?';
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = pair.Split('=', 2)[0];
            if (name.StartsWith("utm_", StringComparison.OrdinalIgnoreCase) || Tracking.Contains(name, StringComparer.OrdinalIgnoreCase))
                continue;
            builder.Append(separator).Append(pair);
            separator = '&';
        }
        return builder.Length <= MaxLength && Uri.TryCreate(builder.ToString(), UriKind.Absolute, out var normal) ? normal : null;
    }

    /// <summary>Scheme, host and port are the same.</summary>
    internal static bool SameOrigin(Uri a, Uri b) =>
        Uri.Compare(a, b, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>The start's folder: "https://a/docs/intro" and "https://a/docs/" both stand in "/docs/".</summary>
    internal static string FolderOf(Uri start) => start.AbsolutePath[..(start.AbsolutePath.LastIndexOf('/') + 1)];

    /// <summary>Is it likely an endless space of addresses?</summary>
    internal static bool IsTrap(Uri uri) =>
        uri.Segments.Select(s => s.Trim('/')).Where(s => s.Length > 0).GroupBy(s => s, StringComparer.Ordinal).Any(g => g.Count() > MaxRepeats);
}
