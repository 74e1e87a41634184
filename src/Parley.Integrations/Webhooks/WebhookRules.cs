using Parley.Platform.Outbound;

namespace Parley.Integrations.Webhooks;

/// <summary>What a webhook's fields may hold. Problems by field, so that a form can show all of them at once.</summary>
internal sealed class WebhookRules(GuardedHttp http)
{
    private const int MaxUrl = 2_000;
    private const int MaxDescription = 200;

    internal static string? DescriptionProblem(string? description) => description is null || (description.Trim().Length <= MaxDescription && !description.Any(char.IsControl)) ? null
        : $"A description has at most {MaxDescription} characters in one line.";

    internal static string? EventsProblem(IReadOnlyList<string?>? events)
    {
        if (events is not { Count: > 0 })
        {
            return "Choose at least one event. GET /v1/webhooks/events lists them.";
        }
        var unknown = events.Where(type => !WebhookEvents.Subscribable.Contains(type, StringComparer.Ordinal)).Take(3).Select(type => type is { Length: <= 60 } ? type : "a longer text").ToList();
        return unknown.Count == 0 ? null : $"These are no events: {string.Join(", ", unknown)}. Known are {string.Join(", ", WebhookEvents.Subscribable)}.";
    }

    /// <summary>Each once, in the catalogue's order.</summary>
    internal static string[] Events(IEnumerable<string?> events) => [.. WebhookEvents.Subscribable.Where(events.ToHashSet(StringComparer.Ordinal).Contains)];

    /// <summary>Looks up the host's name; outside of a transaction. What it finds holds for this moment: every attempt checks again.</summary>
    internal async Task<string?> UrlProblemAsync(string? url, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(url) || url.Length > MaxUrl || url.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) || !Uri.TryCreate(url, UriKind.Absolute, out var address)
            || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            return "Enter a whole address, with https:// in front.";
        }
        if (address.Fragment.Length > 0)
        {
            return "Leave out what follows #: it is never sent.";
        }
        if (await http.RefusalAsync(address, ct) is { } refusal)
        {
            return refusal.Message;
        }
        return address.Scheme == Uri.UriSchemeHttps || http.IsOperators(address) ? null
            : "Use https: conversations would cross the internet unencrypted. Plain http is only for hosts that the operator of this instance lists in PARLEY_PRIVATE_HOSTS.";
    }
}
