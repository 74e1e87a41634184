using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Parley.Knowledge.Chunking;
using Parley.Knowledge.Imports;
using Parley.Platform;
using Parley.Platform.Data;
using Parley.Platform.Jobs;
using Parley.Platform.Objects;

namespace Parley.Knowledge;

/// <summary>
/// Imports Parley's own guides into the demo tenant: at its first start, and again when a newer Parley brings other guides. Somebody who
/// deleted them does not get them back.
/// </summary>
public sealed class DemoKnowledge(TenantDb db, ObjectStore objects, JobQueue jobs, TimeProvider time, ILogger<DemoKnowledge> log)
{
    private const string Canonical = "parley:guides";
    private const string ContentType = "text/markdown";

    internal const string KnownSql = """
        select d.path, d.content_hash from documents d join knowledge_sources s on s.tenant_id = d.tenant_id and s.id = d.source_id
         where d.tenant_id = @tenantId and s.kind = 'folder' and s.canonical = @canonical
        """;

    internal const string NeverHadAnySql = "select not exists (select 1 from knowledge_state where tenant_id = @tenantId)";

    internal const string SourceIdSql = "select id from knowledge_sources where tenant_id = @tenantId and kind = 'folder' and canonical = @canonical and state <> 'deleting'";

    internal const string StateSql = "select state from imports where tenant_id = @tenantId and id = @importId";

    private sealed record Known
    {
        public string Path { get; init; } = "";
        public byte[] ContentHash { get; init; } = [];
    }

    private sealed record Guide(string Path, string FullPath, byte[] ContentHash);

    /// <summary>The guides beside the program (the published archive), else those of the clone that it was built in; null where there are none.</summary>
    public static string? FindGuides()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var guides = Path.Combine(folder.FullName, "docs", "guides");
            if (Directory.Exists(guides) && (folder.FullName == new DirectoryInfo(AppContext.BaseDirectory).FullName || File.Exists(Path.Combine(folder.FullName, "Parley.slnx"))))
                return guides;
        }
        return null;
    }

    /// <summary>Queues the import where the guides differ from what the tenant has.</summary>
    /// <returns>The import's id; null when nothing is to be done.</returns>
    public async Task<Guid?> EnsureAsync(Guid tenantId, string guidesFolder, CancellationToken ct)
    {
        var guides = ImportFolder.Read(guidesFolder)!.Files.Select(f => new Guide(f.Path, f.FullPath,
            PreparedFile.HashOf(SHA256.HashData(File.ReadAllBytes(f.FullPath)), ChunkingMode.Hierarchical))).ToList();
        var (known, source, isNew) = await db.InTransactionAsync(tenantId, async s => (
            (await s.QueryAsync<Known>(KnownSql, new { tenantId, canonical = Canonical })).ToDictionary(k => k.Path, k => k.ContentHash, StringComparer.Ordinal),
            await s.QuerySingleOrDefaultAsync<Guid?>(SourceIdSql, new { tenantId, canonical = Canonical }),
            await s.QuerySingleAsync<bool>(NeverHadAnySql, new { tenantId })), ct);
        var isCurrent = known.Count == guides.Count && guides.TrueForAll(g => known.TryGetValue(g.Path, out var hash) && hash.AsSpan().SequenceEqual(g.ContentHash));
        if (guides.Count == 0 || isCurrent || (source is null && !isNew))
            return null;
        var stored = new List<(string Path, StoredObject Object)>();
        foreach (var guide in guides)
        {
            await using var content = File.OpenRead(guide.FullPath);
            stored.Add((guide.Path, await objects.PutAsync(tenantId, content, ContentType, ct)));
        }
        return await db.InTransactionAsync(tenantId, session => QueueAsync(session, source, stored), ct);
    }

    /// <summary>Waits until an import has ended, however; true when it succeeded.</summary>
    public async Task<bool> WaitAsync(Guid tenantId, Guid importId, TimeSpan patience, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < patience)
        {
            switch (await db.InTransactionAsync(tenantId, s => s.QuerySingleOrDefaultAsync<string>(StateSql, new { tenantId, importId }), ct))
            {
                case "succeeded":
                    log.GuidesImported();
                    return true;
                case null or "failed" or "cancelled":
                    return false;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, ct);
        }
        return false;
    }

    private async Task<Guid?> QueueAsync(TenantSession session, Guid? known, List<(string Path, StoredObject Object)> files)
    {
        var (now, importId, source) = (time.GetUtcNow(), Ids.New(time), known ?? Ids.New(time));
        await session.ExecuteAsync(CreateImport.InsertSourceSql, new
        {
            tenantId = session.TenantId, id = source, kind = "folder", canonical = Canonical, name = "Parley guides", language = "en", audience = "public", createdBy = (Guid?)null, now,
        });
        var opened = await session.ExecuteAsync(CreateImport.InsertSql, new { tenantId = session.TenantId, id = importId, sourceId = source, mode = "complete", requestedBy = (Guid?)null, now });
        if (opened == 0)
            return null; // one of an earlier start is still under way
        var args = new
        {
            tenantId = session.TenantId, importId, now, contentType = ContentType, paths = files.Select(f => f.Path).ToArray(), hashes = files.Select(f => f.Object.Hash).ToArray(),
            sizes = files.Select(f => f.Object.Size).ToArray(), reasons = new string?[files.Count],
        };
        await session.ExecuteAsync(UploadFiles.RecordObjectsSql, args);
        await session.ExecuteAsync(UploadFiles.RecordFilesSql, args);
        await session.ExecuteAsync(UploadFiles.TouchSql, args);
        await session.ExecuteAsync(StartImport.StartSql, new { tenantId = session.TenantId, importId });
        await jobs.EnqueueAsync(session, ImportJob.JobKind, new ImportJob.Payload(importId), aggregateKey: "source:" + source.ToString("N"));
        return importId;
    }
}
