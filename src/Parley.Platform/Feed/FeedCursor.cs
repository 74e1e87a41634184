namespace Parley.Platform.Feed;

/// <summary>
/// The positions of all sources of a feed as one text, opaque to clients: what comes back in <c>Last-Event-ID</c>.
/// It holds no right: what is read after it is filtered as ever.
/// </summary>
internal static class FeedCursor
{
    /// <summary>Well below what a server takes as headers.</summary>
    internal const int MaxLength = 20_000;

    internal static string Write(IReadOnlyDictionary<string, string> parts) =>
        string.Join('!', parts.Select(part => part.Key + "~" + Uri.EscapeDataString(part.Value)));

    /// <summary>Null where it cannot be read.</summary>
    internal static Dictionary<string, string>? Read(string text)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (text.Length > MaxLength)
        {
            return null;
        }
        foreach (var part in text.Split('!'))
        {
            var separator = part.IndexOf('~', StringComparison.Ordinal);
            if (separator < 1 || !parts.TryAdd(part[..separator], Uri.UnescapeDataString(part[(separator + 1)..])))
            {
                return null;
            }
        }
        return parts;
    }
}
