using Microsoft.Extensions.Logging;

namespace Parley.Identity;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "A sign-in failed.")]
    internal static partial void SignInFailed(ILogger logger);

    [LoggerMessage(2, LogLevel.Warning, "A removed member's account could not be deleted; it belongs to no workspace and opens nothing.")]
    internal static partial void OrphanLeft(ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Information, "A workspace was deleted with everything it held.")]
    internal static partial void WorkspaceDeleted(ILogger logger);
}
