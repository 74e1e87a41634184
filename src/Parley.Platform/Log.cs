using Microsoft.Extensions.Logging;

namespace Parley.Platform;

/// <summary>What Platform logs. Messages carry ids, counts and kinds, never what people wrote.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Jobs could not be claimed; trying again")]
    public static partial void ClaimFailed(this ILogger log, Exception e);

    [LoggerMessage(2, LogLevel.Warning, "The jobs' leases could not be looked after; trying again")]
    public static partial void TickFailed(this ILogger log, Exception e);

    [LoggerMessage(3, LogLevel.Warning, "The lease of {Kind} {JobId} was lost to another attempt")]
    public static partial void LeaseLost(this ILogger log, string kind, Guid jobId);

    [LoggerMessage(4, LogLevel.Error, "{Kind} {JobId} failed on attempt {Attempt} (given up: {Final})")]
    public static partial void JobFailed(this ILogger log, string kind, Guid jobId, int attempt, bool final, Exception e);

    [LoggerMessage(5, LogLevel.Warning, "This node's jobs could not be handed back; they are free when their leases expire")]
    public static partial void ReleaseFailed(this ILogger log, Exception e);

    [LoggerMessage(6, LogLevel.Warning, "The answer to a request with an idempotency key could not be stored")]
    public static partial void IdempotencyNotStored(this ILogger log, Exception e);

    [LoggerMessage(7, LogLevel.Error, "A feed ended with a failure; its client comes back")]
    public static partial void FeedFailed(this ILogger log, Exception e);

    [LoggerMessage(8, LogLevel.Warning, "The connection for notifications between nodes failed; opening it again")]
    public static partial void NotifierFailed(this ILogger log, Exception e);

    [LoggerMessage(9, LogLevel.Debug, "A notification of another version could not be read")]
    public static partial void NotificationUnreadable(this ILogger log);

    [LoggerMessage(10, LogLevel.Warning, "The change log could not be read; trying again")]
    public static partial void PollFailed(this ILogger log, Exception e);

    [LoggerMessage(11, LogLevel.Error, "The schedule {Schedule} failed; its next time comes")]
    public static partial void ScheduleFailed(this ILogger log, string schedule, Exception e);

    [LoggerMessage(12, LogLevel.Debug, "This node could not tell the database that it lives; trying again")]
    public static partial void HeartbeatFailed(this ILogger log, Exception e);

    [LoggerMessage(13, LogLevel.Information, "{Removed} files to which nothing refers were removed from the object store")]
    public static partial void ObjectsSwept(this ILogger log, long removed);

    [LoggerMessage(14, LogLevel.Information, "The process before this one on the data folder was killed; {Jobs} of its jobs go on")]
    public static partial void NodeGone(this ILogger log, int jobs);

    [LoggerMessage(15, LogLevel.Debug, "The installation's gauges could not be read; trying again")]
    public static partial void GaugesFailed(this ILogger log, Exception e);

    [LoggerMessage(16, LogLevel.Warning, "What a schedule began could not be ended in time and is given up; another node takes it over, or this one when it starts again")]
    public static partial void SchedulerGivenUp(this ILogger log, Exception e);
}
