using Parley.Platform.Data;
using Parley.Platform.Secrets;

namespace Parley.Integrations.Webhooks;

/// <summary>The signing secrets of a webhook: the current one and, for a day after a rotation, the one before it.</summary>
internal sealed class WebhookSecrets(SecretStore store)
{
    /// <summary>How long the old secret signs too.</summary>
    internal static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    private const int HintLength = 4;

    /// <summary>How a secret ends: enough to tell two apart.</summary>
    internal static string Hint(string secret) => "…" + secret[^HintLength..];

    internal Task PutAsync(TenantSession session, Guid webhookId, string secret) => store.PutAsync(session, Current(webhookId), secret);

    /// <summary>The current one becomes the old one, in the caller's transaction and under the webhook's row lock. An older one ends.</summary>
    internal async Task<string> RotateAsync(TenantSession session, Guid webhookId)
    {
        if (await store.GetAsync(session, Current(webhookId)) is { } current)
        {
            await store.PutAsync(session, Previous(webhookId), current);
        }
        var secret = WebhookSignature.NewSecret();
        await store.PutAsync(session, Current(webhookId), secret);
        return secret;
    }

    /// <summary>Those that are valid at a moment, the newest first.</summary>
    internal async Task<IReadOnlyList<string>> ValidAsync(TenantSession session, Guid webhookId, DateTimeOffset? previousUntil, DateTimeOffset now)
    {
        var secrets = new List<string>(2);
        if (await store.GetAsync(session, Current(webhookId)) is { } current)
        {
            secrets.Add(current);
        }
        if (previousUntil > now && await store.GetAsync(session, Previous(webhookId)) is { } previous)
        {
            secrets.Add(previous);
        }
        return secrets;
    }

    /// <summary>Nothing of an old secret is kept beyond its day.</summary>
    internal static Task ForgetPreviousAsync(TenantSession session, Guid webhookId) => SecretStore.RemoveAsync(session, Previous(webhookId));

    internal static async Task ForgetAsync(TenantSession session, Guid webhookId)
    {
        await SecretStore.RemoveAsync(session, Current(webhookId));
        await SecretStore.RemoveAsync(session, Previous(webhookId));
    }

    private static string Current(Guid webhookId) => $"webhook:{webhookId:D}";

    private static string Previous(Guid webhookId) => $"webhook:{webhookId:D}:previous";
}
