using Parley.Inference.Contracts;

namespace Parley.Inference.Batches;

/// <summary>What becomes of a piece of work after a try that gave no answer.</summary>
internal enum BatchNext
{
    /// <summary>It waits for the next file.</summary>
    Again,

    /// <summary>It waits, and the try does not count: nobody has been asked.</summary>
    Later,

    /// <summary>Its handler is told.</summary>
    Fail,
}

/// <summary>When and how often. Pure.</summary>
internal static class BatchRules
{
    /// <summary>Tries that a provider was asked to make.</summary>
    internal const int Tries = 2;

    /// <summary>In one file; so many that wait are enough for one.</summary>
    internal const int MostItems = 100;

    /// <summary>Times that results are read before what is not among them counts as lost.</summary>
    internal const int MostReads = 3;

    /// <summary>Failures in a row after which a provider that no longer knows a batch is believed, and what is left of one there is left.</summary>
    internal const int MostFailures = 5;

    /// <summary>Work waits so long for company.</summary>
    internal static readonly TimeSpan Company = TimeSpan.FromMinutes(5);

    /// <summary>Work that cannot be asked (no budget, no model, no valid key) is given up after it.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromDays(3);

    /// <summary>Providers end a batch within 24 hours; one that did not is called off.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromHours(26);

    /// <summary>After which nobody asks any more how it ended: it counts as lost, at what was held for it.</summary>
    internal static readonly TimeSpan Bound = TimeSpan.FromDays(7);

    /// <summary>Money is held for longer than any batch lives, so that only the batch ends it, on whichever node.</summary>
    internal static readonly TimeSpan Lease = Bound + TimeSpan.FromDays(3);

    private static readonly TimeSpan First = TimeSpan.FromSeconds(30), Longest = TimeSpan.FromMinutes(10);

    /// <summary>Until the next look at one that is under way: a tenth of its age, from half a minute to ten.</summary>
    internal static TimeSpan Look(TimeSpan age) => age / 10 < First ? First : age / 10 > Longest ? Longest : age / 10;

    /// <summary>After a failed call; what the provider says wins, within an hour.</summary>
    internal static TimeSpan AfterFailure(int failures, TimeSpan? retryAfter)
    {
        var own = First * Math.Pow(2, Math.Clamp(failures - 1, 0, 6));
        var wait = retryAfter is { } said && said > First ? said : own < Longest ? own : Longest;
        return wait < TimeSpan.FromHours(1) ? wait : TimeSpan.FromHours(1);
    }

    /// <summary>Whether the provider cannot have taken a batch that it was sent: it answered that it does not want it.</summary>
    internal static bool NotTaken(ModelException e) =>
        e.Fault is ModelFault.Unauthorized or ModelFault.ModelNotFound or ModelFault.TooLarge or ModelFault.Invalid || (e.Fault is ModelFault.RateLimited && e.Status == 429);

    /// <summary>A try that failed.</summary>
    /// <param name="attempts">Tries so far, this one included.</param>
    /// <param name="mayHelp">Whether another may end otherwise.</param>
    internal static BatchNext After(int attempts, bool mayHelp) => mayHelp && attempts < Tries ? BatchNext.Again : BatchNext.Fail;

    /// <summary>Nobody could be asked.</summary>
    internal static BatchNext Unasked(TimeSpan waited) => waited < Patience ? BatchNext.Later : BatchNext.Fail;

    /// <summary>A new day has a new budget.</summary>
    internal static DateTimeOffset Tomorrow(DateTimeOffset now) => new(now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);
}
