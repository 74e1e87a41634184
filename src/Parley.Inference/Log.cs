using Microsoft.Extensions.Logging;

namespace Parley.Inference;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "{Scope} has reached {Step} % of its budget.")]
    internal static partial void BudgetStep(this ILogger logger, string scope, int step);

    [LoggerMessage(2, LogLevel.Warning, "A call cost {Cost} dollars, more than the {Reserved} that were reserved for it ({Provider} {Model}).")]
    internal static partial void CostAboveReserve(this ILogger logger, decimal cost, decimal reserved, string provider, string model);

    [LoggerMessage(3, LogLevel.Warning, "Reservation {Id} was settled at its whole amount before its call ended.")]
    internal static partial void SettledTooLate(this ILogger logger, Guid id);

    [LoggerMessage(4, LogLevel.Warning, "Reservation {Id} of a node that is gone was settled at its whole amount.")]
    internal static partial void ReservationSwept(this ILogger logger, Guid id);

    [LoggerMessage(5, LogLevel.Error, "Reservation {Id} could not be settled; the sweep will settle it at its whole amount.")]
    internal static partial void SettleFailed(this ILogger logger, Guid id, Exception e);

    [LoggerMessage(10, LogLevel.Warning, "Decisions of the call {Id} could not be stored.")]
    internal static partial void DecisionsLost(this ILogger logger, Guid id, Exception e);

    [LoggerMessage(20, LogLevel.Error, "The key of the instance's model account {Id} cannot be opened; enter it again: parley models accounts set --instance.")]
    internal static partial void InstanceKeyUnreadable(this ILogger logger, Guid id, Exception e);

    [LoggerMessage(30, LogLevel.Warning, "A day has cost {Cost} dollars, unusually much: days of its kind stay below {Threshold}.")]
    internal static partial void UnusualCost(this ILogger logger, decimal cost, decimal threshold);

    [LoggerMessage(31, LogLevel.Error, "A tenant's costs could not be compared with its earlier days; the next run tries again.")]
    internal static partial void AnomaliesFailed(this ILogger logger, Exception e);

    [LoggerMessage(40, LogLevel.Warning, "A call to the provider for batch {Id} failed ({Fault}); it is tried again.")]
    internal static partial void BatchCallFailed(this ILogger logger, Guid id, string fault);

    [LoggerMessage(41, LogLevel.Warning, "Nobody knows how batch {Id} with {Count} open requests ended; what was held for them is booked.")]
    internal static partial void BatchLost(this ILogger logger, Guid id, int count);

    [LoggerMessage(42, LogLevel.Warning, "What the provider keeps of batch {Id} could not be deleted ({Fault}); it deletes it by its own rules.")]
    internal static partial void BatchKept(this ILogger logger, Guid id, string fault);

    [LoggerMessage(43, LogLevel.Warning, "Results of batch {Id}: {Unreadable} lines cannot be read, {Foreign} are of nothing that is open.")]
    internal static partial void BatchLinesIgnored(this ILogger logger, Guid id, int unreadable, int foreign);
}
