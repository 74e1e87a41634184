using System.Collections.Concurrent;
using Parley.Platform;
using Parley.Platform.Data;
using Parley.Platform.Jobs;
using Parley.Platform.Objects;

namespace Parley.Knowledge.Imports;

/// <summary>A file that this process has at hand.</summary>
/// <param name="Path">Inside the source.</param>
/// <param name="Open">Its content, from its beginning; called again where it has to be stored again.</param>
public sealed record LocalFile(string Path, Func<Stream> Open);

/// <summary>The source it goes to, made where it is not there.</summary>
public sealed record LocalSource(string Canonical, string Name, string? Language = null, string Kind = "folder");

/// <summary>How a local import ended.</summary>
/// <param name="State">succeeded, failed or cancelled; running where patience ended first.</param>
/// <param name="Documents">Path to id of every document of the import.</param>
/// <param name="Errors">Path to reason of every file that could not be read.</param>
public sealed record LocalImportEnd(string State, IReadOnlyDictionary<string, Guid> Documents, IReadOnlyDictionary<string, string> Errors);

/// <summary>Imports files without HTTP, by the same durable job as an upload: the demo's guides, an evaluation's documents.</summary>
public sealed class LocalImport(TenantDb db, ObjectStore objects, JobQueue jobs, TimeProvider time)
{
    private const string ContentType = "application/octet-stream";
    private const int ParallelWrites = 16;
    private const int BatchSize = 1000;

    internal const string FilesSql = "select path, state, document_id, reason from import_files where tenant_id = @tenantId and import_id = @importId";

    private sealed record FileRow
    {
        public string Path { get; init; } = "";
        public string State { get; init; } = "";
        public Guid? DocumentId { get; init; }
        public string? Reason { get; init; }
    }

    /// <summary>Stores the files and queues a complete import; null when one of this source is under way.</summary>
    public async Task<Guid?> QueueAsync(Guid tenantId, LocalSource source, IReadOnlyList<LocalFile> files, CancellationToken ct)
    {
        var stored = new ConcurrentDictionary<string, StoredObject>(StringComparer.Ordinal);
        await StoreAsync(files);
        return await db.InTransactionAsync(tenantId, async session =>
        {
            // In the order of their locks.
            var queued = await QueueAsync(session, source, [.. stored.OrderBy(f => Convert.ToHexString(f.Value.Hash), StringComparer.Ordinal)]);
            // Recorded and locked: what a deletion took away meanwhile is stored again before the job can look for it.
            var gone = new List<LocalFile>();
            foreach (var file in files)
            {
                if (!await objects.HoldsAsync(tenantId, stored[file.Path].Hash, ct))
                    gone.Add(file);
            }
            await StoreAsync(gone);
            return queued;
        }, ct);

        Task StoreAsync(IReadOnlyList<LocalFile> some) =>
            Parallel.ForEachAsync(some, new ParallelOptions { MaxDegreeOfParallelism = ParallelWrites, CancellationToken = ct }, async (file, token) =>
            {
                await using var content = file.Open();
                stored[file.Path] = await objects.PutAsync(tenantId, content, ContentType, token);
            });
    }

    /// <summary>Waits for the end of an import.</summary>
    public async Task<LocalImportEnd> WaitAsync(Guid tenantId, Guid importId, TimeSpan patience, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        var import = await ReadAsync(tenantId, importId, ct);
        while (import.IsActive && time.GetElapsedTime(started) < patience)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, ct);
            import = await ReadAsync(tenantId, importId, ct);
        }
        var rows = await db.InTransactionAsync(tenantId, s => s.QueryAsync<FileRow>(FilesSql, new { tenantId, importId }), ct);
        return new LocalImportEnd(import.IsActive ? "running" : import.State,
            rows.Where(r => r.DocumentId is not null && r.State != "failed").ToDictionary(r => r.Path, r => r.DocumentId!.Value, StringComparer.Ordinal),
            rows.Where(r => r.State == "failed").ToDictionary(r => r.Path, r => r.Reason ?? "", StringComparer.Ordinal));
    }

    private async Task<ImportView> ReadAsync(Guid tenantId, Guid importId, CancellationToken ct) =>
        await db.InTransactionAsync(tenantId, s => ImportRows.ReadAsync(s, importId), ct) ?? new ImportView { State = "cancelled" };

    private async Task<Guid?> QueueAsync(TenantSession session, LocalSource source, KeyValuePair<string, StoredObject>[] files)
    {
        var (tenantId, now, importId) = (session.TenantId, time.GetUtcNow(), Ids.New(time));
        var sourceId = await session.QuerySingleOrDefaultAsync<Guid?>(CreateImport.InsertSourceSql, new
        {
            tenantId, id = Ids.New(time), kind = source.Kind, canonical = source.Canonical, name = source.Name, language = source.Language, audience = "public", createdBy = (Guid?)null, now,
        }) ?? await session.QuerySingleAsync<Guid>(CreateImport.FindSourceSql, new { tenantId, kind = source.Kind, canonical = source.Canonical });
        if (await session.ExecuteAsync(CreateImport.InsertSql, new { tenantId, id = importId, sourceId, mode = "complete", requestedBy = (Guid?)null, now }) == 0)
            return null;
        foreach (var batch in files.Chunk(BatchSize))
        {
            var args = new
            {
                tenantId, importId, now, contentType = ContentType, paths = batch.Select(f => f.Key).ToArray(), hashes = batch.Select(f => f.Value.Hash).ToArray(),
                sizes = batch.Select(f => f.Value.Size).ToArray(), reasons = new string?[batch.Length],
            };
            await session.ExecuteAsync(UploadFiles.RecordObjectsSql, args);
            await session.ExecuteAsync(UploadFiles.RecordFilesSql, args);
        }
        await session.ExecuteAsync(UploadFiles.TouchSql, new { tenantId, importId, now });
        await session.ExecuteAsync(StartImport.StartSql, new { tenantId, importId });
        await jobs.EnqueueAsync(session, ImportJob.JobKind, new ImportJob.Payload(importId), aggregateKey: "source:" + sourceId.ToString("N"));
        return importId;
    }
}
