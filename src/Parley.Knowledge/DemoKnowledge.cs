using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Parley.Knowledge.Chunking;
using Parley.Knowledge.Imports;
using Parley.Platform.Data;

namespace Parley.Knowledge;

/// <summary>
/// Imports Parley's own guides into the demo tenant: at its first start, and again when a newer Parley brings other guides. Somebody who
/// deleted them does not get them back.
/// </summary>
public sealed class DemoKnowledge(TenantDb db, LocalImport import, ILogger<DemoKnowledge> log)
{
    private const string Canonical = "parley:guides";

    internal const string KnownSql = """
        select d.path, d.content_hash from documents d join knowledge_sources s on s.tenant_id = d.tenant_id and s.id = d.source_id
         where d.tenant_id = @tenantId and s.kind = 'folder' and s.canonical = @canonical
        """;

    internal const string NeverHadAnySql = "select not exists (select 1 from knowledge_state where tenant_id = @tenantId)";

    internal const string SourceIdSql = "select id from knowledge_sources where tenant_id = @tenantId and kind = 'folder' and canonical = @canonical and state <> 'deleting'";

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
        return await import.QueueAsync(tenantId, new LocalSource(Canonical, "Parley guides", "en"), [.. guides.Select(g => new LocalFile(g.Path, () => File.OpenRead(g.FullPath)))], ct);
    }

    /// <summary>Waits until an import has ended, however; true when it succeeded.</summary>
    public async Task<bool> WaitAsync(Guid tenantId, Guid importId, TimeSpan patience, CancellationToken ct)
    {
        var succeeded = (await import.WaitAsync(tenantId, importId, patience, ct)).State == "succeeded";
        if (succeeded)
            log.GuidesImported();
        return succeeded;
    }
}
