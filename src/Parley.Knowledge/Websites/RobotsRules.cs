using System.Globalization;

namespace Parley.Knowledge.Websites;

/// <summary>What a site's robots.txt lets us fetch (RFC 9309). Pure.</summary>
internal sealed class RobotsRules
{
    /// <summary>By this name a site addresses us.</summary>
    internal const string Agent = "parley";

    /// <summary>RFC 9309 §2.5 asks for at least 500 KiB.</summary>
    internal const int MaxBytes = 512 * 1024;

    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(60);

    private readonly List<Rule> _rules = [];

    private sealed record Rule(bool Allow, string Pattern);

    /// <summary>Everything may be fetched: there is no file, or none that a robot may read (any 4xx, §2.3.1.3).</summary>
    internal static RobotsRules AllowAll { get; } = new();

    /// <summary>Nothing may be fetched: the server cannot say what it allows (any 5xx, no answer, §2.3.1.4).</summary>
    internal static RobotsRules DisallowAll { get; } = Parse("User-agent: *\nDisallow: /");

    /// <summary>Between two requests to the site. Not in the RFC but widely given; at most a minute is honoured, a longer one would never end.</summary>
    internal TimeSpan CrawlDelay { get; private set; }

    /// <summary>Sitemaps that the file names, as they stand there.</summary>
    internal IReadOnlyList<string> Sitemaps { get; private set; } = [];

    internal static RobotsRules Parse(string text)
    {
        var groups = new List<(HashSet<string> Agents, RobotsRules Rules)>();
        var sitemaps = new List<string>();
        var (current, agentsOpen) = ((ValueTuple<HashSet<string>, RobotsRules>?)null, false);
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.Split('#', 2)[0].Trim();
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
                continue;
            var (key, value) = (line[..colon].Trim().ToLowerInvariant(), line[(colon + 1)..].Trim());
            switch (key)
            {
                case "sitemap":
                    sitemaps.Add(value);
                    break;
                case "user-agent":
                    // Agents that follow one another share the rules below them.
                    if (!agentsOpen)
                        groups.Add(([], new RobotsRules()));
                    groups[^1].Agents.Add(value.Split('/')[0].Trim().ToLowerInvariant());
                    (current, agentsOpen) = (groups[^1], true);
                    break;
                case "allow" or "disallow" when current is { } group:
                    agentsOpen = false;
                    if (value.Length > 0)
                        group.Item2._rules.Add(new Rule(key == "allow", value));
                    break;
                case "crawl-delay" when current is { } group:
                    agentsOpen = false;
                    if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > 0)
                        group.Item2.CrawlDelay = TimeSpan.FromSeconds(Math.Min(seconds, MaxDelay.TotalSeconds));
                    break;
                default:
                    break;
            }
        }
        // Groups of the same agent count as one; our own name wins over "*" (§2.2.1).
        var mine = groups.Where(g => g.Agents.Contains(Agent)).ToList();
        if (mine.Count == 0)
            mine = [.. groups.Where(g => g.Agents.Contains("*"))];
        var rules = new RobotsRules { Sitemaps = sitemaps, CrawlDelay = mine.Select(g => g.Rules.CrawlDelay).DefaultIfEmpty().Max() };
        foreach (var (_, group) in mine)
            rules._rules.AddRange(group._rules);
        return rules;
    }

    /// <summary>The longest matching rule decides; of two as long the one that allows (§2.2.2).</summary>
    internal bool Allows(Uri uri)
    {
        var target = uri.PathAndQuery;
        var (length, allowed) = (-1, true);
        foreach (var rule in _rules)
        {
            if (rule.Pattern.Length < length || !Matches(rule.Pattern, target))
                continue;
            allowed = rule.Pattern.Length > length ? rule.Allow : allowed || rule.Allow;
            length = rule.Pattern.Length;
        }
        return allowed;
    }

    /// <summary>'*' stands for any characters, a last '$' for the end. Linear: a star only ever goes back to the last star.</summary>
    internal static bool Matches(string pattern, string target)
    {
        var ends = pattern.EndsWith('$');
        var p = ends ? pattern.AsSpan()[..^1] : pattern.AsSpan();
        var (i, j, star, mark) = (0, 0, -1, 0);
        while (j < target.Length)
        {
            if (i == p.Length && !ends)
                return true;
            if (i < p.Length && p[i] == '*')
                (star, mark, i) = (i, j, i + 1);
            else if (i < p.Length && p[i] == target[j])
                (i, j) = (i + 1, j + 1);
            else if (star >= 0)
                (i, mark, j) = (star + 1, mark + 1, mark + 1);
            else
                return false;
        }
        return p[i..].IndexOfAnyExcept('*') < 0;
    }
}
