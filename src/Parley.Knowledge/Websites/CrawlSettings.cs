using System.Text.Json;

namespace Parley.Knowledge.Websites;

/// <summary>What belongs to a website source. Stored with the source; a crawl keeps the ones it began with.</summary>
internal sealed record CrawlSettings
{
    internal const int DefaultPages = 1000;
    internal const int MaxPagesAllowed = 50_000;
    internal const int DefaultDepth = 10;
    internal const int MaxDepthAllowed = 50;
    internal const int MaxPatterns = 50;
    internal const int MaxPatternLength = 200;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>A page or a sitemap; normal form.</summary>
    public string Start { get; init; } = "";

    /// <summary>folder: pages below the start's folder. site: every page of its origin.</summary>
    public string Scope { get; init; } = "folder";

    /// <summary>Where there are any, a page's path must match one of them. A pattern matches from the path's beginning; * stands for any characters, a last $ for the end.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Pages whose path matches one of them stay out.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    public int MaxPages { get; init; } = DefaultPages;

    /// <summary>Links away from the start; what a sitemap lists is one away.</summary>
    public int MaxDepth { get; init; } = DefaultDepth;

    internal Uri StartUri => new(Start);

    internal static CrawlSettings Parse(string json) => JsonSerializer.Deserialize<CrawlSettings>(json, Json) ?? new CrawlSettings();

    internal string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Why an address of a page stays out; null where it may come.</summary>
    internal string? Refuses(Uri uri, RobotsRules robots)
    {
        if (!WebAddress.SameOrigin(uri, StartUri))
            return "It is on another site.";
        // The start itself always comes: it is how everything else is found.
        if (uri.AbsoluteUri != Start && Scope == "folder" && !uri.AbsolutePath.StartsWith(WebAddress.FolderOf(StartUri), StringComparison.Ordinal))
            return "It is not below the start's folder.";
        if (!robots.Allows(uri))
            return "The site's robots.txt forbids it.";
        if (WebAddress.IsTrap(uri))
            return "Its path repeats itself: an endless space of addresses.";
        if (Include.Count > 0 && uri.AbsoluteUri != Start && !Include.Any(p => RobotsRules.Matches(p, uri.PathAndQuery)))
            return "No include pattern matches it.";
        return Exclude.FirstOrDefault(p => RobotsRules.Matches(p, uri.PathAndQuery)) is { } pattern ? $"The exclude pattern {pattern} matches it." : null;
    }

    /// <summary>The settings a request describes, over those there are.</summary>
    internal static (CrawlSettings Settings, Dictionary<string, string[]> Invalid) Read(WebsiteFields fields, CrawlSettings? before = null)
    {
        var (from, invalid) = (before ?? new CrawlSettings(), new Dictionary<string, string[]>());
        var start = fields.Url is null && before is not null ? from.StartUri : WebAddress.Normalize(fields.Url);
        if (start is null)
            invalid["url"] = [$"Give an http or https address of at most {WebAddress.MaxLength} characters, without a user name."];
        if (fields.Scope is not (null or "folder" or "site"))
            invalid["scope"] = ["Give folder (pages below the start's folder) or site (every page of the site)."];
        Patterns(fields.Include, "include", invalid);
        Patterns(fields.Exclude, "exclude", invalid);
        if (fields.MaxPages is < 1 or > MaxPagesAllowed)
            invalid["maxPages"] = [$"Give a number from 1 to {MaxPagesAllowed}."];
        if (fields.MaxDepth is < 0 or > MaxDepthAllowed)
            invalid["maxDepth"] = [$"Give a number from 0 to {MaxDepthAllowed}."];
        return (new CrawlSettings
        {
            Start = start?.AbsoluteUri ?? "", Scope = fields.Scope ?? from.Scope, Include = fields.Include ?? from.Include, Exclude = fields.Exclude ?? from.Exclude,
            MaxPages = fields.MaxPages ?? from.MaxPages, MaxDepth = fields.MaxDepth ?? from.MaxDepth,
        }, invalid);
    }

    private static void Patterns(IReadOnlyList<string>? patterns, string field, Dictionary<string, string[]> invalid)
    {
        if (patterns is null)
            return;
        if (patterns.Count > MaxPatterns || patterns.Any(p => p is null || p.Length is 0 or > MaxPatternLength || p[0] is not ('/' or '*') || p.Any(char.IsControl)))
            invalid[field] = [$"Give at most {MaxPatterns} patterns of 1 to {MaxPatternLength} characters, each a path that begins with / or *."];
    }
}

/// <summary>How a request describes a website; what is left out has its default, or stays as it is.</summary>
/// <param name="Url">A page from which links are followed, or a sitemap.</param>
/// <param name="Scope">folder or site.</param>
/// <param name="Include">Patterns of paths.</param>
/// <param name="Exclude">Patterns of paths.</param>
/// <param name="MaxPages">1 to 50,000; 1,000 where it is left out.</param>
/// <param name="MaxDepth">0 to 50; 10 where it is left out.</param>
internal sealed record WebsiteFields(string? Url, string? Scope, IReadOnlyList<string>? Include, IReadOnlyList<string>? Exclude, int? MaxPages, int? MaxDepth);
