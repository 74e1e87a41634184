namespace Parley.Conversations.AgentApi;

/// <summary>What a widget's fields may hold. Problems by field, so that a form can show all of them at once.</summary>
internal static class WidgetRules
{
    private const int MaxNameLength = 100;
    private const int MaxOrigins = 50;

    internal static void CheckName(string? name, Dictionary<string, string[]> problems)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Trim().Length > MaxNameLength || !MessageText.IsText(name))
        {
            problems["name"] = [$"'name' must be text of 1 to {MaxNameLength} characters."];
        }
    }

    /// <summary>The origins in the browser's own form, each once; problems name the entry that is none.</summary>
    internal static string[] ReadOrigins(IReadOnlyList<string?> given, Dictionary<string, string[]> problems)
    {
        if (given.Count > MaxOrigins)
        {
            problems["allowedOrigins"] = [$"At most {MaxOrigins} origins."];
            return [];
        }
        var origins = new List<string>();
        foreach (var entry in given)
        {
            if (Origin(entry) is { } origin)
            {
                origins.Add(origin);
            }
            else
            {
                problems["allowedOrigins"] = [$"'{Contracts.ConversationSummaries.Shorten(entry ?? "", 60)}' is no origin. Write it like https://www.example.com, without a path."];
            }
        }
        return [.. origins.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Scheme, host and port as a browser sends them; null for anything else. No wildcards: a foreign subdomain is a foreign page.</summary>
    internal static string? Origin(string? text)
    {
        if (text is null or { Length: > 300 } || !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
            || uri.UserInfo.Length > 0 || uri.PathAndQuery != "/" || uri.Fragment.Length > 0 || uri.Host.Contains('*', StringComparison.Ordinal))
        {
            return null;
        }
        var host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        return uri.IsDefaultPort ? $"{uri.Scheme}://{host}" : FormattableString.Invariant($"{uri.Scheme}://{host}:{uri.Port}");
    }
}
