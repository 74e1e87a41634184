using Microsoft.Extensions.Logging;

namespace Parley.Conversations;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Count} silent conversations were settled.")]
    internal static partial void Settled(this ILogger logger, int count);
}
