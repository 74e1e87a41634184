using Parley.Inference.Contracts;

namespace Parley.Inference.Pipeline;

/// <summary>Whether the same account is asked again, and when.</summary>
internal static class RetryPolicy
{
    internal const int Tries = 5;

    private const double MostSeconds = 32;

    /// <summary>
    /// Null: not again. Another account comes before waiting for this one; a time-out has used up the patience for one answer; Retry-After wins over our own pace.
    /// </summary>
    /// <param name="e">What happened.</param>
    /// <param name="tried">How often, from 1.</param>
    /// <param name="othersLeft">Another account could be asked.</param>
    /// <param name="left">Until the deadline.</param>
    /// <param name="jitter">0 to 1.</param>
    internal static TimeSpan? Delay(ModelException e, int tried, bool othersLeft, TimeSpan left, double jitter)
    {
        if (!e.IsRetryable || othersLeft || tried >= Tries || e.Fault is ModelFault.Timeout or ModelFault.Stalled)
        {
            return null;
        }
        var wait = e.RetryAfter ?? TimeSpan.FromSeconds(Math.Min(MostSeconds, Math.Pow(2, tried - 1) * (1 + (jitter / 4))));
        return wait < left ? wait : null;
    }
}
