using Parley.Platform.Data;

namespace Parley.Knowledge.Imports;

/// <summary>An import and how far it is.</summary>
internal sealed record ImportView
{
    public Guid Id { get; init; }
    public Guid SourceId { get; init; }
    public string State { get; init; } = "";
    public string Mode { get; init; } = "";
    public int Total { get; init; }
    public int Added { get; init; }
    public int Changed { get; init; }
    public int Unchanged { get; init; }
    public int Removed { get; init; }
    public int Failed { get; init; }
    public int Chunks { get; init; }
    public string? Error { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    internal bool IsActive => State is "uploading" or "crawling" or "queued" or "running";
}

/// <summary>Reading and locking of imports.</summary>
internal static class ImportRows
{
    internal const string Columns =
        "id, source_id, state, mode, total, added, changed, unchanged, removed, failed, chunks, error, created_at, started_at, finished_at";

    internal const string ReadSql = $"select {Columns} from imports where tenant_id = @tenantId and id = @importId";

    internal const string LockSql = ReadSql + " for update";

    internal static Task<ImportView?> ReadAsync(TenantSession session, Guid importId) =>
        session.QuerySingleOrDefaultAsync<ImportView>(ReadSql, new { tenantId = session.TenantId, importId });

    /// <summary>All that changes an import's state or counters holds its row.</summary>
    internal static Task<ImportView?> LockAsync(TenantSession session, Guid importId) =>
        session.QuerySingleOrDefaultAsync<ImportView>(LockSql, new { tenantId = session.TenantId, importId });
}
