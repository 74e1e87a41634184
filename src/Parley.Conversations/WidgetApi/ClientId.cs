using Parley.Platform.Errors;

namespace Parley.Conversations.WidgetApi;

/// <summary>The id by which a repeated request finds what the first one made: the body's <c>clientId</c>, else the Idempotency-Key.</summary>
internal readonly record struct ClientId(string? Value)
{
    private const int MaxLength = 200;

    internal static Result<ClientId> Read(string? given, string? key) =>
        given is null ? new ClientId(string.IsNullOrEmpty(key) || key.Length > MaxLength ? null : key)
        : given.Length is >= 1 and <= MaxLength && given.All(c => c is > ' ' and <= '~') ? new ClientId(given)
        : Error.Invalid("clientId", $"'clientId' must be 1 to {MaxLength} printable ASCII characters without spaces, for example a UUID.");
}
