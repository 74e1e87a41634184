using Microsoft.Extensions.Logging;

namespace Parley.Conversations;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Count} silent conversations were settled.")]
    internal static partial void Settled(this ILogger logger, int count);

    [LoggerMessage(2, LogLevel.Information, "The words of {Count} messages were made anew for the search.")]
    internal static partial void TermsFilled(this ILogger logger, int count);

    [LoggerMessage(3, LogLevel.Information, "{Count} conversations were kept for as long as their workspace keeps them, and are deleted.")]
    internal static partial void Retained(this ILogger logger, int count);
}
