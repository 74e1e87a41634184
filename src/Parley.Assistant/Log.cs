using Microsoft.Extensions.Logging;

namespace Parley.Assistant;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Turn {TurnId} was cancelled")]
    internal static partial void TurnCancelled(this ILogger log, Guid turnId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Turn {TurnId} ({Intent}) took {Milliseconds} ms")]
    internal static partial void TurnDone(this ILogger log, Guid turnId, string intent, double milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Turn {TurnId} had no job any more; the customer was told")]
    internal static partial void TurnOrphaned(this ILogger log, Guid turnId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Turn {TurnId} has no job any more and could not be ended")]
    internal static partial void SweepFailed(this ILogger log, Guid turnId, Exception e);

    [LoggerMessage(Level = LogLevel.Information, Message = "Ready for the first question: {Indexes} indexes built ahead in {Milliseconds:0} ms")]
    internal static partial void WarmedUp(this ILogger log, int indexes, double milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What the first question needs could not be made ready ahead of it")]
    internal static partial void WarmupFailed(this ILogger log, Exception e);
}
