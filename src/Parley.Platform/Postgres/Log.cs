using Microsoft.Extensions.Logging;

namespace Parley.Platform.Postgres;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Information, "Creating a PostgreSQL {Version} cluster in {Folder}")]
    internal static partial void CreatingCluster(ILogger logger, string version, string folder);

    [LoggerMessage(LogLevel.Information, "A half made cluster in {Folder} is still being written by a process that outlived its own; the next start deletes it")]
    internal static partial void HalfMadeLeft(ILogger logger, string folder);

    [LoggerMessage(LogLevel.Information, "PostgreSQL {Version} started in {Milliseconds} ms")]
    internal static partial void Started(ILogger logger, string version, long milliseconds);

    [LoggerMessage(LogLevel.Information, "Adopted the PostgreSQL server that an earlier process left running (pid {Pid})")]
    internal static partial void Adopted(ILogger logger, int pid);

    [LoggerMessage(LogLevel.Information, "PostgreSQL stopped")]
    internal static partial void Stopped(ILogger logger);
}
