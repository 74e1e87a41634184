using System.Text.RegularExpressions;

namespace Parley.Conversations.AgentApi;

/// <summary>One thing that a page must have for the widget to appear.</summary>
/// <param name="Name">page | script | key | origin | policy.</param>
/// <param name="State">ok | wrong | unknown.</param>
/// <param name="Message">What was found, and the mend.</param>
internal sealed record SiteFinding(string Name, string State, string Message);

/// <summary>What a page was when it was fetched.</summary>
/// <param name="Address">After redirects.</param>
/// <param name="Html">Its beginning.</param>
/// <param name="Policies">Values of the header Content-Security-Policy.</param>
internal sealed record FetchedPage(Uri Address, string Html, IReadOnlyList<string> Policies);

/// <summary>What the widget needs from a page.</summary>
/// <param name="Parley">This instance, as browsers reach it.</param>
/// <param name="PublicKey">Of the widget.</param>
/// <param name="OtherKeys">Of the tenant's other widgets, by key: their names.</param>
/// <param name="AllowedOrigins">Where the widget may appear.</param>
internal sealed record SiteNeeds(Uri Parley, string PublicKey, IReadOnlyDictionary<string, string> OtherKeys, IReadOnlyCollection<string> AllowedOrigins);

/// <summary>Looks at a page's source: is the script tag there, is it the right one, may the page show the widget? Pure; runs no scripts.</summary>
internal static class SiteCheck
{
    private const string LoaderPath = "/widget/v1/loader.js";

    // What each directive is for, and what stands for it where it is absent.
    private static readonly (string Directive, string[] Instead)[] Needed =
        [("script-src", ["script-src-elem", "script-src", "default-src"]), ("frame-src", ["frame-src", "child-src", "default-src"]), ("connect-src", ["connect-src", "default-src"])];

    internal static IReadOnlyList<SiteFinding> Examine(FetchedPage page, SiteNeeds needs)
    {
        var loaders = Tag.Matches(page.Html).Select(tag => Attributes(tag.Groups["attributes"].Value)).Where(tag => Source(tag, page.Address)?.AbsolutePath == LoaderPath).ToList();
        var findings = new List<SiteFinding> { new("page", "ok", $"The page was read: {page.Address}") };
        if (loaders.Count == 0)
        {
            findings.Add(new("script", "wrong", "The page's source has no script tag of the widget. Put the embed code before the closing body tag, and publish the page. If a tag manager adds it, this check cannot see it."));
        }
        else
        {
            var tag = loaders.Find(t => t.GetValueOrDefault("data-key") == needs.PublicKey) ?? loaders[0];
            var from = Source(tag, page.Address)!.GetLeftPart(UriPartial.Authority);
            findings.Add(Same(from, needs.Parley) ? new("script", "ok", "The script tag is there.")
                : new("script", "wrong", $"The script tag loads the widget from {from}. This Parley is {Origin(needs.Parley)}: copy the embed code again."));
            findings.Add(Key(tag, needs));
            if (loaders.Count > 1)
            {
                findings.Add(new("script", "wrong", $"The script tag stands {loaders.Count} times on the page. Only the first one works: remove the others."));
            }
        }
        findings.Add(Allowed(page.Address, needs));
        findings.Add(Policy(page, needs, loaders));
        return findings;
    }

    private static SiteFinding Key(Dictionary<string, string> tag, SiteNeeds needs) => tag.GetValueOrDefault("data-key") switch
    {
        null or "" => new("key", "wrong", $"The script tag has no data-key. Add data-key=\"{needs.PublicKey}\"."),
        var key when key == needs.PublicKey => new("key", "ok", "It names this widget."),
        var key when needs.OtherKeys.TryGetValue(key, out var name) => new("key", "wrong", $"It names another widget of this workspace, {name}. Use data-key=\"{needs.PublicKey}\" for this one."),
        _ => new("key", "wrong", $"Its data-key is no widget of this workspace. Use data-key=\"{needs.PublicKey}\"."),
    };

    private static SiteFinding Allowed(Uri address, SiteNeeds needs)
    {
        var origin = Origin(address);
        return Same(origin, needs.Parley) || needs.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)
            ? new("origin", "ok", $"{origin} may show the widget.")
            : new("origin", "wrong", $"{origin} is not among the allowed origins, so browsers show no widget there. Add it below.");
    }

    private static SiteFinding Policy(FetchedPage page, SiteNeeds needs, List<Dictionary<string, string>> loaders)
    {
        var policies = page.Policies.SelectMany(header => header.Split(','))
            .Concat(Meta.Matches(page.Html).Select(meta => Attributes(meta.Groups["attributes"].Value))
                .Where(meta => meta.GetValueOrDefault("http-equiv")?.Equals("content-security-policy", StringComparison.OrdinalIgnoreCase) == true).Select(meta => meta.GetValueOrDefault("content") ?? ""))
            .Select(Directives).Where(policy => policy.Count > 0).ToList();
        if (policies.Count == 0)
        {
            return new("policy", "ok", "The page has no content security policy that could keep the widget out.");
        }
        var missing = policies.SelectMany(policy => Needed.Where(need => !Permits(policy, need.Instead, page.Address, needs.Parley, loaders)).Select(need => need.Directive)).Distinct().ToList();
        return missing.Count == 0 ? new("policy", "ok", "The page's content security policy lets the widget in.")
            : new("policy", "wrong", $"The page's content security policy keeps the widget out. Add {Origin(needs.Parley)} to {string.Join(", ", missing)}.");
    }

    private static bool Permits(Dictionary<string, string[]> policy, string[] directives, Uri page, Uri parley, List<Dictionary<string, string>> loaders) =>
        Array.Find(directives, policy.ContainsKey) is not { } directive || policy[directive] is var sources && (Array.Exists(sources, source => Matches(source, page, parley))
            || (directive is "script-src" or "script-src-elem" or "default-src" && directives.Contains("script-src")
                && loaders.Exists(tag => tag.GetValueOrDefault("nonce") is { Length: > 0 } nonce && sources.Contains($"'nonce-{nonce}'"))));

    private static bool Matches(string source, Uri page, Uri parley)
    {
        if (source == "*" || source.Equals(parley.Scheme + ":", StringComparison.OrdinalIgnoreCase) || (source == "'self'" && Same(Origin(page), parley)))
        {
            return true;
        }
        var pattern = Host.Match(source);
        if (!pattern.Success || (pattern.Groups["scheme"].Success && !pattern.Groups["scheme"].Value.Equals(parley.Scheme, StringComparison.OrdinalIgnoreCase)))
        {
            return false;
        }
        var (host, port) = (pattern.Groups["host"].Value, pattern.Groups["port"].Value);
        var named = host.StartsWith("*.", StringComparison.Ordinal) ? parley.Host.EndsWith(host[1..], StringComparison.OrdinalIgnoreCase) : host.Equals(parley.Host, StringComparison.OrdinalIgnoreCase);
        return named && (port == "*" || (port.Length == 0 ? parley.IsDefaultPort : port == parley.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static Dictionary<string, string[]> Directives(string policy) => policy.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(directive => directive.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 0)
        .GroupBy(words => words[0].ToLowerInvariant()).ToDictionary(same => same.Key, same => same.First()[1..], StringComparer.Ordinal);

    private static Dictionary<string, string> Attributes(string text) => Attribute.Matches(text)
        .GroupBy(a => a.Groups["name"].Value.ToLowerInvariant()).ToDictionary(same => same.Key, same => System.Net.WebUtility.HtmlDecode(same.First().Groups["value"].Value), StringComparer.Ordinal);

    private static Uri? Source(Dictionary<string, string> tag, Uri page) => tag.TryGetValue("src", out var src) && Uri.TryCreate(page, src.Trim(), out var address) ? address : null;

    private static string Origin(Uri address) => address.GetLeftPart(UriPartial.Authority);

    private static bool Same(string origin, Uri other) => origin.Equals(Origin(other), StringComparison.OrdinalIgnoreCase);

    // Linear whatever the page: the engine does not go back.
    private const RegexOptions Linear = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;
    private static readonly Regex Tag = new("<script(?<attributes>[^>]*)>", Linear);
    private static readonly Regex Meta = new("<meta(?<attributes>[^>]*)>", Linear);
    private static readonly Regex Attribute = new("""(?<name>[a-z-]+)\s*=\s*("(?<value>[^"]*)"|'(?<value>[^']*)'|(?<value>[^\s"'>]+))""", Linear);
    private static readonly Regex Host = new(@"^((?<scheme>[a-z]+)://)?(?<host>(\*\.)?[a-z0-9.-]+|\[[0-9a-f:.]+\])(:(?<port>\*|[0-9]+))?(/.*)?$", Linear);
}
