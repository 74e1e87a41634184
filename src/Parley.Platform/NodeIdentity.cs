namespace Parley.Platform;

/// <summary>Names this process among the nodes; new at every start, so that what an earlier process left is never taken for its own.</summary>
/// <param name="Id">Machine, process and a random part.</param>
/// <param name="Version">Parley's version.</param>
public sealed record NodeIdentity(string Id, string Version)
{
    internal static NodeIdentity Create() => new(
        $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.CreateVersion7().ToString("N")[^8..]}",
        typeof(NodeIdentity).Assembly.GetName().Version?.ToString(3) ?? "0");
}
