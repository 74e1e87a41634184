using Parley.Platform.Authorization;
using Parley.Platform.Errors;
using Parley.Platform.RateLimits;

namespace Parley.Conversations;

/// <summary>How much a customer and an address may send. The instance's operator sets it in <c>Parley:Limits</c>.</summary>
public sealed class ConversationLimits
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Parley:Limits";

    /// <summary>Messages a minute of one end user; 1 to 100,000.</summary>
    public int MessagesPerEndUser { get; set; } = 30;

    /// <summary>Messages a minute from one address; 1 to 10,000,000.</summary>
    public int MessagesPerAddress { get; set; } = 600;

    /// <summary>New conversations an hour of one end user; 1 to 100,000.</summary>
    public int ConversationsPerEndUser { get; set; } = 20;

    /// <summary>New or continued sessions a minute from one address; 1 to 10,000,000.</summary>
    public int SessionsPerAddress { get; set; } = 120;

    internal bool IsValid =>
        MessagesPerEndUser is >= 1 and <= 100_000 && MessagesPerAddress is >= 1 and <= 10_000_000
        && ConversationsPerEndUser is >= 1 and <= 100_000 && SessionsPerAddress is >= 1 and <= 10_000_000;
}

/// <summary>Takes from the limits; null: allowed.</summary>
internal sealed class ConversationGate(RateLimiter limiter, Microsoft.Extensions.Options.IOptions<ConversationLimits> options)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly ConversationLimits _limits = options.Value;

    internal async Task<Error?> MessageAsync(Caller caller, CancellationToken ct) =>
        await TakeAsync($"messages:{caller.TenantId:N}:{caller.Id:N}", _limits.MessagesPerEndUser, Minute, "You are sending messages too quickly.", ct)
        ?? await TakeAsync($"messages-from:{caller.Ip}", _limits.MessagesPerAddress, Minute, "Too many messages come from your network.", ct);

    internal Task<Error?> ConversationAsync(Caller caller, CancellationToken ct) =>
        TakeAsync($"conversations:{caller.TenantId:N}:{caller.Id:N}", _limits.ConversationsPerEndUser, TimeSpan.FromHours(1), "You are starting conversations too quickly.", ct);

    internal Task<Error?> SessionAsync(string? address, CancellationToken ct) =>
        TakeAsync($"sessions-from:{address}", _limits.SessionsPerAddress, Minute, "Too many sessions are started from your network.", ct);

    private async Task<Error?> TakeAsync(string scope, int limit, TimeSpan window, string message, CancellationToken ct) =>
        await limiter.TryTakeAsync(scope, limit, window, ct) is { } seconds ? Error.TooMany(message + " Wait a moment and try again.", seconds) : null;
}
