using Microsoft.Extensions.Logging;
using Parley.Platform.Data;

namespace Parley.Platform;

/// <summary>Frees what a node held that is known to be dead: its leases on jobs, and requests that it was working on.</summary>
public sealed class GoneNode(SystemDb system, ILogger<GoneNode> log)
{
    internal const string ReleaseSql = "select node_gone(@nodeId)";

    /// <summary>Where the node lives after all nothing breaks: its jobs run a second time, and only one of the two can commit.</summary>
    public async Task ReleaseAsync(string nodeId, CancellationToken ct)
    {
        var jobs = await system.QuerySingleOrDefaultAsync<int>(ReleaseSql, new { nodeId }, ct);
        if (jobs > 0)
        {
            log.NodeGone(jobs);
        }
    }
}
