using Parley.Platform.Jobs;

namespace Parley.Platform;

/// <summary>What a node's operator decides about Platform. Tenants decide none of it.</summary>
public sealed record PlatformOptions
{
    /// <summary>Where the objects are, as <see cref="Parley.Platform.Objects.ObjectLocation"/> reads it: a folder that every node mounts, or S3.</summary>
    public required string Objects { get; init; }

    /// <summary>Does this node work on jobs and schedules?</summary>
    public bool RunsJobs { get; init; } = true;

    /// <summary>Slots and patience of the job dispatcher.</summary>
    public JobOptions Jobs { get; init; } = new();

    /// <summary>
    /// <c>host:port</c> entries, separated by commas or spaces, that guarded outbound calls may reach although their address is private.
    /// From PARLEY_PRIVATE_HOSTS.
    /// </summary>
    public string PrivateHosts { get; init; } = "";

    /// <summary>Bearer token that reads /metrics from elsewhere. From PARLEY_METRICS_TOKEN; empty: only this machine and the local operator's token.</summary>
    public string MetricsToken { get; init; } = "";

    /// <summary>Where traces and metrics are pushed to (OTLP). From OTEL_EXPORTER_OTLP_ENDPOINT; empty: nowhere.</summary>
    public string OtlpEndpoint { get; init; } = "";

    /// <summary>The settings that come from the environment.</summary>
    public static PlatformOptions FromEnvironment(string objects) => new()
    {
        Objects = objects,
        PrivateHosts = Environment.GetEnvironmentVariable("PARLEY_PRIVATE_HOSTS") ?? "",
        MetricsToken = Environment.GetEnvironmentVariable("PARLEY_METRICS_TOKEN") ?? "",
        OtlpEndpoint = Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") ?? "",
    };
}
