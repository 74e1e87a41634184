using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Integrations.Webhooks;

/// <summary>Signatures by the Standard Webhooks specification 1.0 (standardwebhooks.com): HMAC-SHA256 over <c>id.timestamp.body</c>.</summary>
internal static class WebhookSignature
{
    internal const string SecretPrefix = "whsec_";
    private const int SecretBytes = 32; // the specification asks for 24 to 64

    /// <summary>A new secret as it is shown: the prefix and the base64 form of random bytes.</summary>
    internal static string NewSecret() => SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>The header <c>webhook-signature</c>: one signature for each secret that is valid now, so that a receiver may know the new or the old one.</summary>
    /// <param name="id">The header <c>webhook-id</c>.</param>
    /// <param name="at">When this attempt is made; the header <c>webhook-timestamp</c>.</param>
    /// <param name="body">Exactly what is sent.</param>
    /// <param name="secrets">As they are shown, the newest first.</param>
    internal static string Sign(string id, DateTimeOffset at, string body, IEnumerable<string> secrets)
    {
        var signed = Encoding.UTF8.GetBytes($"{id}.{Timestamp(at)}.{body}");
        return string.Join(' ', secrets.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret[SecretPrefix.Length..]), signed))));
    }

    /// <summary>Seconds since 1970.</summary>
    internal static string Timestamp(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
