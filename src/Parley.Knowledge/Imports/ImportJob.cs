using Microsoft.Extensions.Logging;
using Npgsql;
using Parley.Knowledge.Chunking;
using Parley.Knowledge.Parsing;
using Parley.Knowledge.Search;
using Parley.Platform.Data;
using Parley.Platform.Feed;
using Parley.Platform.Jobs;
using Parley.Platform.Objects;

namespace Parley.Knowledge.Imports;

/// <summary>
/// Works off an import in batches: read and cut without a transaction, then write in one that holds the import's row. Whatever ends it in
/// between, another attempt goes on with the files that are still pending.
/// </summary>
internal sealed class ImportJob(TenantDb db, ObjectStore objects, DocumentParser parser, ImportWriter writer, ImportEnd end, RunFailures failures, FeedHub hub, TimeProvider time, ILogger<ImportJob> log) : IJobHandler
{
    /// <summary>Kills and outages are no failures: those are counted by <see cref="RunFailures"/>.</summary>
    internal static readonly JobKind JobKind = new("knowledge.import", Priority: 0, MaxAttempts: 1000);

    private const int BatchFiles = 64;
    private const long BatchBytes = 16 * 1024 * 1024;
    /// <summary>A file during whose reading the server ended this often is not tried again. Readers have a process of their own: whoever kills a server is hardly ever the file.</summary>
    private const int MaxFileAttempts = 5;

    /// <summary>
    /// From this attempt on it begins with files one by one, each counted first, so that one which ends the server is found out: it is
    /// among the first <see cref="BatchFiles"/> that are pending. Those that were counted least come first, and so a file is left out only
    /// where it is alone with its kills, not where kills come at random.
    /// </summary>
    private const int CarefulFrom = 4;

    internal const string BeginSql = """
        update imports set state = 'running', started_at = coalesce(started_at, @now), error = null
         where tenant_id = @tenantId and id = @importId and state in ('queued', 'running')
        """;

    internal const string PendingSql = """
        select f.path, f.object_hash, f.size, f.attempts, f.depth, d.content_hash as known_hash, d.text_hash as known_text
          from import_files f left join documents d on d.tenant_id = f.tenant_id and d.source_id = @sourceId and d.path = f.path
         where f.tenant_id = @tenantId and f.import_id = @importId and f.state = 'pending'
         order by f.path limit @take
        """;

    internal const string SuspectsSql = """
        select f.path, f.object_hash, f.size, f.attempts, f.depth, d.content_hash as known_hash, d.text_hash as known_text
          from (select tenant_id, path, object_hash, size, attempts, depth from import_files
                 where tenant_id = @tenantId and import_id = @importId and state = 'pending' order by attempts, path limit @take) f
          left join documents d on d.tenant_id = f.tenant_id and d.source_id = @sourceId and d.path = f.path
        """;

    internal const string CountAttemptSql =
        "update import_files set attempts = attempts + 1 where tenant_id = @tenantId and import_id = @importId and path = any(@paths)";

    internal const string ModeSql = "select coalesce(settings->>'chunking', 'hierarchical') from knowledge_sources where tenant_id = @tenantId and id = @sourceId";

    internal sealed record Payload(Guid ImportId);

    public async Task HandleAsync(JobContext job, CancellationToken ct)
    {
        var importId = job.Payload<Payload>().ImportId;
        try
        {
            if (await BeginAsync(job.TenantId, importId, ct) is not { } started)
                return;
            var (import, mode) = started;
            Publish(job.TenantId, importId);
            var careful = job.Attempt >= CarefulFrom ? BatchFiles : 0;
            while (await StepAsync(job.TenantId, import, mode, careful-- > 0, ct))
            {
            }
            await end.FinishAsync(job, importId, ct);
        }
        catch (Exception e) when (e is not (OperationCanceledException or LeaseLostException))
        {
            if (await failures.AfterAsync(job, importId, crawl: false, e, ct) is not { } error)
                throw;
            log.ImportFailed(importId, job.Attempt, e);
            await end.FailAsync(job.TenantId, importId, error, ct);
        }
    }

    private Task<(ImportView Import, ChunkingMode Mode)?> BeginAsync(Guid tenantId, Guid importId, CancellationToken ct) =>
        db.InTransactionAsync<(ImportView, ChunkingMode)?>(tenantId, async session =>
        {
            if (await session.ExecuteAsync(BeginSql, new { tenantId, importId, now = time.GetUtcNow() }) == 0)
                return null;
            var import = (await ImportRows.ReadAsync(session, importId))!;
            var mode = await session.QuerySingleAsync<string>(ModeSql, new { tenantId, sourceId = import.SourceId });
            return (import, mode == "flat" ? ChunkingMode.Flat : ChunkingMode.Hierarchical);
        }, ct);

    /// <summary>One batch; false when nothing is pending or the import has been ended by somebody.</summary>
    private async Task<bool> StepAsync(Guid tenantId, ImportView import, ChunkingMode mode, bool careful, CancellationToken ct)
    {
        var files = await db.InTransactionAsync(tenantId, async session =>
        {
            var pending = await session.QueryAsync<PendingFile>(careful ? SuspectsSql : PendingSql, new { tenantId, importId = import.Id, sourceId = import.SourceId, take = careful ? 1 : BatchFiles });
            if (careful && pending.Count > 0)
                await session.ExecuteAsync(CountAttemptSql, new { tenantId, importId = import.Id, paths = pending.Select(f => f.Path).ToArray() });
            return pending;
        }, ct);
        var batch = new List<PendingFile>();
        foreach (var file in files)
        {
            if (batch.Count > 0 && batch.Sum(f => f.Size) + file.Size > BatchBytes)
                break;
            batch.Add(file);
        }
        if (batch.Count == 0)
            return false;
        var prepared = await PrepareAsync(tenantId, batch, mode, ct);
        return await CommitAsync(tenantId, import.Id, prepared, ct);
    }

    private async Task<PreparedFile[]> PrepareAsync(Guid tenantId, List<PendingFile> batch, ChunkingMode mode, CancellationToken ct)
    {
        var prepared = new PreparedFile[batch.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = parser.Workers, CancellationToken = ct };
        await Parallel.ForAsync(0, batch.Count, options, async (i, token) =>
            prepared[i] = batch[i].Attempts >= MaxFileAttempts
                ? new PreparedFile(batch[i], []) { Reason = "The server ended five times while this file was read. It is left out." }
                : await PreparedFile.PrepareAsync(objects, parser, tenantId, batch[i], mode, token));
        return prepared;
    }

    private async Task<bool> CommitAsync(Guid tenantId, Guid importId, PreparedFile[] files, CancellationToken ct)
    {
        try
        {
            return await WriteAsync(tenantId, importId, files, ct);
        }
        catch (PostgresException e) when (e.SqlState[..2] is "22" or "23" or "54" && e.SqlState != PostgresErrorCodes.ForeignKeyViolation)
        {
            // One file must not keep the others out.
            log.BatchRefused(importId, e.SqlState);
            return files.Length > 1
                ? await OneByOneAsync(tenantId, importId, files, ct)
                : await WriteAsync(tenantId, importId, [files[0] with { Document = null, Reason = $"The database cannot store its text ({e.SqlState})." }], ct);
        }
    }

    private async Task<bool> OneByOneAsync(Guid tenantId, Guid importId, PreparedFile[] files, CancellationToken ct)
    {
        foreach (var file in files)
        {
            if (!await CommitAsync(tenantId, importId, [file], ct))
                return false;
        }
        return true;
    }

    private Task<bool> WriteAsync(Guid tenantId, Guid importId, PreparedFile[] files, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, async session =>
        {
            if (await ImportRows.LockAsync(session, importId) is not { State: "running" } import)
                return false;
            await writer.WriteAsync(session, import, files);
            session.OnCommitted(() => Publish(tenantId, importId));
            return true;
        }, ct);

    private void Publish(Guid tenantId, Guid importId) => hub.Publish(new FeedTopic(tenantId, ImportFeed.Topic, importId));
}
