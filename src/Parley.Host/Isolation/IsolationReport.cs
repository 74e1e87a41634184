namespace Parley.Host.Isolation;

/// <summary>What the proof found.</summary>
/// <param name="Endpoints">Endpoints that were proven, each with a positive control.</param>
/// <param name="Crossings">Requests that carried something of somebody else.</param>
/// <param name="Requests">All requests.</param>
/// <param name="Failures">Each names its endpoint and what happened; empty: isolated.</param>
public sealed record IsolationReport(int Endpoints, int Crossings, int Requests, IReadOnlyList<string> Failures)
{
    /// <summary>Nothing crossed, and nothing was left unproven.</summary>
    public bool IsIsolated => Failures.Count == 0;
}
