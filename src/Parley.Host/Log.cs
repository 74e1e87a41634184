namespace Parley.Host;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Warning, "The database server had ended; it was started again")]
    internal static partial void DatabaseRestarted(ILogger logger);

    [LoggerMessage(LogLevel.Error, "The database server does not run: {Cause}")]
    internal static partial void DatabaseDown(ILogger logger, string cause);

    [LoggerMessage(LogLevel.Warning, "A request was answered 503 ({Code}): {Cause}")]
    internal static partial void Unavailable(ILogger logger, string code, string cause);
}
