namespace Parley.Knowledge.Readers;

/// <summary>Addresses in and of documents.</summary>
internal static class DocumentUrl
{
    private const int MaxLength = 2000;

    /// <summary>Where the document says it lives.</summary>
    internal static string? FromMetadata(IReadOnlyDictionary<string, string> metadata)
    {
        foreach (var key in (ReadOnlySpan<string>)["url", "canonical", "canonical_url", "canonicalUrl", "permalink"])
        {
            if (metadata.TryGetValue(key, out var value) && Web(value) is { } url)
                return url;
        }
        return null;
    }

    /// <summary>An absolute http or https address without a user name; else null.</summary>
    internal static string? Web(string? value) =>
        value is { Length: <= MaxLength } && Uri.TryCreate(value.Trim(), UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.UserInfo.Length == 0
            ? uri.AbsoluteUri
            : null;

    /// <summary>A link target that works wherever the sentence is quoted: absolute, or made so by the document's own address. Else null.</summary>
    internal static string? Resolve(string? target, Uri? baseUrl)
    {
        if (string.IsNullOrWhiteSpace(target) || target.Length > MaxLength)
            return null;
        if (target.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
            return target.AsSpan().ContainsAny(" ()<>") ? null : target;
        var absolute = Web(target) ?? (baseUrl is not null && Uri.TryCreate(baseUrl, target, out var resolved) ? Web(resolved.AbsoluteUri) : null);
        return absolute?.Replace("(", "%28", StringComparison.Ordinal).Replace(")", "%29", StringComparison.Ordinal);
    }
}
