using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Objects;

namespace Parley.Knowledge.Imports;

internal sealed record RejectedFile(string Path, string Reason);

internal sealed record UploadedFiles(int Accepted, IReadOnlyList<RejectedFile> Rejected);

/// <summary>Adds files to an import. They stream to the object store one by one; may be called repeatedly. A path given twice is the last one given.</summary>
internal sealed class UploadFiles(TenantDb db, ObjectStore objects, KnowledgeOptions options, TimeProvider time)
{
    private const int MaxRequestBytes = 500 * 1024 * 1024;

    /// <summary>Files that are recorded together; a connection that breaks loses at most these.</summary>
    private const int BatchSize = 50;

    /// <summary>Files that are written to disk at the same time.</summary>
    private const int Parallel = 10;

    private const int SmallBytes = 128 * 1024;

    internal const string ContentType = "application/octet-stream";

    internal const string RecordObjectsSql = """
        insert into objects (tenant_id, hash, size, content_type, created_at)
        select distinct on (f.hash) @tenantId, f.hash, f.size, @contentType, @now from unnest(@hashes::bytea[], @sizes::bigint[]) as f (hash, size) where f.hash is not null
            order by f.hash
        on conflict (tenant_id, hash) do update set size = excluded.size -- holds the row against a sweep
        """;

    internal const string RecordFilesSql = """
        insert into import_files (tenant_id, import_id, path, object_hash, size, state, reason)
        select distinct on (f.path) @tenantId, @importId, f.path, f.hash, f.size, case when f.reason is null then 'pending' else 'failed' end, f.reason
          from unnest(@paths::text[], @hashes::bytea[], @sizes::bigint[], @reasons::text[]) with ordinality as f (path, hash, size, reason, place) order by f.path, f.place desc
        on conflict (tenant_id, import_id, path) do update
           set object_hash = excluded.object_hash, size = excluded.size, state = excluded.state, reason = excluded.reason
        """;

    internal const string TouchSql = """
        update imports i set active_at = @now, total = f.files, failed = f.failed
          from (select (count(*) filter (where state <> 'expanded'))::int as files, (count(*) filter (where state = 'failed'))::int as failed from import_files where tenant_id = @tenantId and import_id = @importId) f
         where i.tenant_id = @tenantId and i.id = @importId
        """;

    internal const string GoneSql = """
        update import_files set state = 'failed', reason = @reason where tenant_id = @tenantId and import_id = @importId and path = any(@paths)
        """;

    /// <param name="Content">Of a small file, until it is recorded.</param>
    private sealed record Part(string Path, byte[]? Hash, long Size, string? Reason, ArraySegment<byte>? Content = null);

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/imports/{importId:guid}/files", async (Guid importId, HttpRequest request, Caller caller, UploadFiles handler, CancellationToken ct) =>
                (await handler.HandleAsync(importId, request, caller.TenantId, ct)).ToHttp())
            .WithName("UploadFiles").RequirePermission(Permission.KnowledgeWrite)
            .WithMetadata(new RequestSizeLimitAttribute(MaxRequestBytes));

    private async Task<Result<UploadedFiles>> HandleAsync(Guid importId, HttpRequest request, Guid tenantId, CancellationToken ct)
    {
        if (await db.InTransactionAsync(tenantId, s => ImportRows.ReadAsync(s, importId), ct) is not { } import)
            return KnowledgeErrors.NoImport;
        if (import.State != "uploading")
            return KnowledgeErrors.NotUploading(import.State);
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.MediaType != "multipart/form-data"
            || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= 200 } boundary)
            return KnowledgeErrors.NotMultipart;
        var batch = new List<Task<Part>>();
        var (accepted, rejected) = (0, new List<RejectedFile>());
        try
        {
            var reader = new MultipartReader(boundary, request.Body);
            while (await reader.ReadNextSectionAsync(ct) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || !disposition.IsFileDisposition())
                    continue;
                batch.Add(await ReceiveAsync(tenantId, disposition, section.Body, ct));
                if (batch.Count % Parallel == 0)
                    await Task.WhenAll(batch);
                if (batch.Count == BatchSize && await FlushAsync() is { } error)
                    return error;
            }
        }
        catch (ObjectStoreException)
        {
            // What did find its place is kept: it need not be sent again, and no file lies in the store that no row knows.
            await ((Task)Task.WhenAll(batch)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            batch.RemoveAll(part => !part.IsCompletedSuccessfully);
            await FlushAsync();
            throw;
        }
        catch (Exception e) when (e is InvalidDataException or IOException && e is not BadHttpRequestException)
        {
            return await FlushAsync() ?? KnowledgeErrors.BadMultipart;
        }
        return await FlushAsync() ?? (Result<UploadedFiles>)new UploadedFiles(accepted, rejected);

        async Task<Error?> FlushAsync()
        {
            List<Part> parts = [.. await Task.WhenAll(batch)];
            accepted += parts.Count(p => p.Reason is null);
            rejected.AddRange(parts.Where(p => p.Reason is not null).Select(p => new RejectedFile(p.Path, p.Reason!)));
            var error = parts.Count == 0 ? null : await RecordAsync(tenantId, importId, parts, ct);
            batch.Clear();
            return error;
        }
    }

    /// <summary>Reads a part to its end. The file of a small one is still being written when this returns: the disk's waits overlap.</summary>
    private async Task<Task<Part>> ReceiveAsync(Guid tenantId, ContentDispositionHeaderValue disposition, Stream body, CancellationToken ct)
    {
        var given = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value;
        var (path, reason) = ImportPath.Normalize(given);
        if (path is not null && !ImportPath.MayBeDocument(path))
            reason = ImportPath.NotRead(path);
        if (reason is not null)
        {
            await body.CopyToAsync(Stream.Null, ct);
            return Task.FromResult(new Part(path ?? ImportPath.Shown(given), null, 0, reason));
        }
        var head = new byte[SmallBytes];
        var length = await body.ReadAtLeastAsync(head, SmallBytes, throwOnEndOfStream: false, ct);
        if (length < SmallBytes)
            return StoreSmallAsync(tenantId, path!, new ArraySegment<byte>(head, 0, length), ct);
        var stored = await StoreAsync(tenantId, path!, new PrefixedStream(head, body), ct);
        // What was too large is read to its end all the same: the next part stands behind it.
        await body.CopyToAsync(Stream.Null, ct);
        return Task.FromResult(stored);
    }

    private async Task<Part> StoreSmallAsync(Guid tenantId, string path, ArraySegment<byte> content, CancellationToken ct) =>
        await StoreAsync(tenantId, path, new MemoryStream(content.Array!, content.Offset, content.Count), ct) with { Content = content };

    private async Task<Part> StoreAsync(Guid tenantId, string path, Stream content, CancellationToken ct)
    {
        try
        {
            var stored = await objects.PutAsync(tenantId, content, ContentType, ct, options.MaxFileBytes);
            return stored.Size == 0 ? new Part(path, null, 0, "The file is empty.") : new Part(path, stored.Hash, stored.Size, null);
        }
        catch (ObjectTooLargeException)
        {
            return new Part(path, null, 0, $"The file is larger than {options.MaxFileBytes / (1024 * 1024)} MB. Split it.");
        }
    }

    private async Task<Error?> RecordAsync(Guid tenantId, Guid importId, List<Part> parts, CancellationToken ct)
    {
        if (await WriteAsync(tenantId, importId, parts, ct) is { } error)
            return error;
        // The last document with this content may have been deleted between the arrival of a file and its recording.
        var there = await Task.WhenAll(parts.Select(async p => p.Hash is not { } hash || await objects.HoldsAsync(tenantId, hash, ct)));
        var gone = parts.Where((_, i) => !there[i]).ToList();
        foreach (var part in gone.Where(p => p.Content is not null))
            await StoreSmallAsync(tenantId, part.Path, part.Content!.Value, ct);
        var lost = gone.Where(p => p.Content is null).Select(p => p.Path).ToArray();
        if (lost.Length > 0)
            await db.InTransactionAsync(tenantId, s => s.ExecuteAsync(GoneSql, new { tenantId, importId, paths = lost, reason = "Its last copy was deleted while it was uploaded. Upload it again." }), ct);
        return null;
    }

    private Task<Error?> WriteAsync(Guid tenantId, Guid importId, List<Part> parts, CancellationToken ct) =>
        db.InTransactionAsync<Error?>(tenantId, async session =>
        {
            if (await ImportRows.LockAsync(session, importId) is not { } import)
                return KnowledgeErrors.NoImport;
            if (import.State != "uploading")
                return KnowledgeErrors.NotUploading(import.State);
            if (import.Total + parts.Count > options.MaxFiles)
                return Error.Conflict("import.too_many_files", $"An import holds at most {options.MaxFiles} files. Split it into several sources.");
            var args = new
            {
                tenantId, importId, now = time.GetUtcNow(), contentType = ContentType, paths = parts.Select(p => p.Path).ToArray(),
                hashes = parts.Select(p => p.Hash).ToArray(), sizes = parts.Select(p => p.Size).ToArray(), reasons = parts.Select(p => p.Reason).ToArray(),
            };
            await session.ExecuteAsync(RecordObjectsSql, args);
            await session.ExecuteAsync(RecordFilesSql, args);
            await session.ExecuteAsync(TouchSql, args);
            return null;
        }, ct);
}
