using Microsoft.Extensions.Logging;

namespace Parley.Quality;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Golden run {RunId} failed")]
    internal static partial void GoldenRunFailed(this ILogger log, Guid runId, Exception e);
}
