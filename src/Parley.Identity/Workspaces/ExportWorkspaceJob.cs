using Parley.Platform.Data;
using Parley.Platform.Jobs;
using Parley.Platform.Objects;

namespace Parley.Identity.Workspaces;

/// <summary>
/// Writes an archive into a file that goes with the process, then into the object store. A job that was killed begins again: nothing that it
/// left can be seen.
/// </summary>
internal sealed class ExportWorkspaceJob(TenantDb db, ObjectStore objects, TimeProvider time) : IJobHandler
{
    internal static readonly JobKind Kind = new("identity.export_workspace", MaxAttempts: 3);
    internal const string ContentType = "application/zip";
    internal static readonly TimeSpan Kept = TimeSpan.FromDays(7);
    private const int FilesAtOnce = 200;

    private const string NameSql = "select name from tenants";
    private const string BeginSql = "update workspace_exports set state = 'running', done = 0, total = @total where tenant_id = @tenantId and id = @id and state in ('queued', 'running')";
    private const string ProgressSql = "update workspace_exports set done = @done, rows = @rows, files = @files where tenant_id = @tenantId and id = @id";
    private const string ReadySql = """
        update workspace_exports set state = 'ready', done = total, rows = @rows, files = @files, size = @size, object_hash = @hash, finished_at = @now, expires_at = @expires
         where tenant_id = @tenantId and id = @id
        """;
    private const string FailedSql = "update workspace_exports set state = 'failed', error = @error, finished_at = @now where tenant_id = @tenantId and id = @id and state in ('queued', 'running')";

    // Names that a session may read, as the application's role; what the catalogue leaves out is left out by it.
    private const string ColumnsSql = """
        select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
         where a.attrelid = @table::regclass and a.attnum > 0 and not a.attisdropped and a.attname <> all (@without)
        """;
    private const string FilesSql = """
        select o.hash from objects o
         where o.tenant_id = @tenantId and o.hash > @after and not exists (select 1 from workspace_exports e where e.tenant_id = o.tenant_id and e.object_hash = o.hash)
         order by o.hash limit @take
        """;

    internal sealed record Payload(Guid ExportId);

    public async Task HandleAsync(JobContext job, CancellationToken ct)
    {
        var id = job.Payload<Payload>().ExportId;
        try
        {
            await WriteAsync(job, id, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException && job.IsLastAttempt)
        {
            // The reason is with the failed work, for who may see it; a person who waits for the archive learns that it does not come.
            await db.InTransactionAsync(job.TenantId, s => s.ExecuteAsync(FailedSql, new { tenantId = s.TenantId, id, error = "failed", now = time.GetUtcNow() }), CancellationToken.None);
            throw;
        }
    }

    private async Task WriteAsync(JobContext job, Guid id, CancellationToken ct)
    {
        var tables = ExportCatalogue.Tables;
        var name = await db.InTransactionAsync(job.TenantId, async s =>
            await s.ExecuteAsync(BeginSql, new { tenantId = s.TenantId, id, total = tables.Count + 1 }) > 0 ? await s.QuerySingleAsync<string>(NameSql) : null, ct);
        if (name is null)
        {
            return; // finished by an attempt before this one
        }
        await using var file = TemporaryFile();
        long rows, files;
        await using (var archive = new ExportArchive(file, time.GetUtcNow()))
        {
            for (var i = 0; i < tables.Count; i++)
            {
                var table = tables[i];
                await db.InTransactionAsync(job.TenantId, s => AddTableAsync(s, archive, table, ct), ct);
                await TellAsync(job.TenantId, id, i + 1, archive, ct);
            }
            await AddFilesAsync(job.TenantId, archive, ct);
            await archive.FinishAsync(name, ct);
            (rows, files) = (archive.Rows, archive.Files);
        }
        file.Position = 0;
        var stored = await objects.PutAsync(job.TenantId, file, ContentType, ct);
        var now = time.GetUtcNow();
        await db.InTransactionAsync(job.TenantId, async s =>
        {
            await objects.RecordAsync(s, stored, ContentType);
            await s.ExecuteAsync(ReadySql, new { tenantId = s.TenantId, id, rows, files, size = stored.Size, hash = stored.Hash, now, expires = now + Kept });
            await job.CompleteAsync(s);
        }, ct);
    }

    /// <summary>Row by row from the database into the archive.</summary>
    private static async Task AddTableAsync(TenantSession session, ExportArchive archive, ExportedTable table, CancellationToken ct)
    {
        var columns = await session.QuerySingleAsync<string>(ColumnsSql, new { table = table.Name, without = table.Without });
        // Names of the catalogue in code and of the database's own.
        await archive.AddLinesAsync($"data/{table.Name}.jsonl", session.StreamAsync($"select row_to_json(r)::text from (select {columns} from \"{table.Name}\" where tenant_id = @tenantId) r", new { tenantId = session.TenantId }), ct);
    }

    private async Task AddFilesAsync(Guid tenantId, ExportArchive archive, CancellationToken ct)
    {
        for (byte[] after = []; ;)
        {
            var hashes = await db.InTransactionAsync(tenantId, s => s.QueryAsync<byte[]>(FilesSql, new { tenantId, after, take = FilesAtOnce }), ct);
            foreach (var hash in hashes)
            {
                await using var content = await objects.OpenAsync(tenantId, hash, ct);
                if (content is not null) // deleted meanwhile
                {
                    await archive.AddFileAsync("files/" + Convert.ToHexStringLower(hash), content, ct);
                }
            }
            if (hashes.Count < FilesAtOnce)
            {
                return;
            }
            after = hashes[^1];
        }
    }

    private Task TellAsync(Guid tenantId, Guid id, int done, ExportArchive archive, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, s => s.ExecuteAsync(ProgressSql, new { tenantId, id, done, rows = archive.Rows, files = archive.Files }), ct);

    private static FileStream TemporaryFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        return new FileStream(Path.Combine(Path.GetTempPath(), "parley-export-" + Guid.CreateVersion7().ToString("N")), options);
    }
}
