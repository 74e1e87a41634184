using System.Net.Http.Headers;

namespace Parley.Integrations.Webhooks;

/// <summary>When a delivery that failed is tried again, and when a webhook is given up.</summary>
internal static class WebhookSchedule
{
    /// <summary>A webhook that has brought nothing but failures for so long is switched off.</summary>
    internal static readonly TimeSpan DisableAfter = TimeSpan.FromDays(5);

    /// <summary>How long the answer "come later" is obeyed at most.</summary>
    internal static readonly TimeSpan MaxHold = TimeSpan.FromHours(24);

    private const double Jitter = .1;

    // 70 hours between the first and the last attempt: a receiver that breaks on a Friday evening may be mended on Monday.
    private static readonly TimeSpan[] Delays =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromHours(3),
        TimeSpan.FromHours(8), TimeSpan.FromHours(12), TimeSpan.FromHours(22), TimeSpan.FromHours(24),
    ];

    /// <summary>How often a delivery is tried before it is given up.</summary>
    internal static int MaxTries => Delays.Length + 1;

    /// <summary>The next moment; null: it is given up.</summary>
    /// <param name="tries">How often it was tried, from 1.</param>
    /// <param name="now">When the last attempt failed.</param>
    /// <param name="retryAfter">What the receiver asked for; the later of the two counts.</param>
    /// <param name="jitter">0 to 1: deliveries that failed together do not come again together.</param>
    internal static DateTimeOffset? Next(int tries, DateTimeOffset now, TimeSpan? retryAfter, double jitter)
    {
        if (tries >= MaxTries)
        {
            return null;
        }
        var delay = Delays[tries - 1] * (1 + (jitter * Jitter));
        return now + (retryAfter > delay ? retryAfter.Value : delay);
    }

    /// <summary>Retry-After, in seconds or as a date; null: none, or one that has passed.</summary>
    internal static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        var wait = header?.Delta ?? (header?.Date is { } date ? date - now : null);
        return wait is not { } given || given <= TimeSpan.Zero ? null : given < MaxHold ? given : MaxHold;
    }
}
