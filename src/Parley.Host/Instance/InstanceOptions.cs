using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Secrets;

namespace Parley.Host.Instance;

/// <summary>Which part of the work a process does. One binary, any mix of them behind a load balancer.</summary>
public enum NodeRole
{
    /// <summary>Everything: the default.</summary>
    All,

    /// <summary>Answers requests; leaves jobs to workers.</summary>
    Web,

    /// <summary>Works on jobs and schedules; answers health and metrics only.</summary>
    Worker,
}

/// <summary>What one running copy of Parley is made of. The command line and the tests fill it in.</summary>
public sealed record InstanceOptions
{
    /// <summary>Holds objects, keys and <c>run.json</c>.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where files are stored: a folder or S3, as PARLEY_OBJECTS; null: in the data folder. Several nodes share one.</summary>
    public string? Objects { get; init; }

    public required DatabaseOptions Database { get; init; }

    public required MasterKey MasterKey { get; init; }

    public LocalOperatorToken Token { get; init; } = LocalOperatorToken.Create();

    public NodeRole Role { get; init; } = NodeRole.All;

    /// <summary>Where to listen. Port 0 takes a free one.</summary>
    public string Listen { get; init; } = "127.0.0.1";

    public int Port { get; init; }

    /// <summary>Warnings only where a command uses an instance in its own process: its output belongs to the command.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;
}
