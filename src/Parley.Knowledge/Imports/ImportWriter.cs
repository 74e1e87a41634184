using System.Text.Json;
using Parley.Knowledge.Documents;
using Parley.Knowledge.Readers;
using Parley.Platform;
using Parley.Platform.Data;

namespace Parley.Knowledge.Imports;

/// <summary>Writes prepared files: documents with their sections and chunks, whole or not at all, many to a statement.</summary>
internal sealed class ImportWriter(KnowledgeChanges changes, TimeProvider time)
{
    internal const string StillPendingSql =
        "select path from import_files where tenant_id = @tenantId and import_id = @importId and state = 'pending' and path = any(@paths)";

    internal const string KnownSql =
        "select id, path, version from documents where tenant_id = @tenantId and source_id = @sourceId and path = any(@paths)";

    internal const string InsertDocumentsSql = """
        insert into documents (tenant_id, id, source_id, path, title, url, content_hash, text_hash, version, language, object_hash, byte_size, chunks, metadata, change_number, created_at, updated_at)
        select @tenantId, d.id, @sourceId, d.path, d.title, d.url, d.content_hash, d.text_hash, d.version,
               -- What the document says, then what its source is said to be, then what the words tell.
               coalesce(d.language, case when s.language is null then d.detected end), d.object_hash, d.byte_size, d.chunks, d.metadata::jsonb, @change, @now, @now
          from unnest(@ids::uuid[], @paths::text[], @titles::text[], @urls::text[], @contentHashes::bytea[], @textHashes::bytea[], @versions::int[], @languages::text[], @detected::text[],
                      @objectHashes::bytea[], @sizes::bigint[], @chunkCounts::int[], @metadata::text[])
            as d (id, path, title, url, content_hash, text_hash, version, language, detected, object_hash, byte_size, chunks, metadata)
          join knowledge_sources s on s.tenant_id = @tenantId and s.id = @sourceId
        on conflict (tenant_id, source_id, path) do update
           set title = excluded.title, url = excluded.url, content_hash = excluded.content_hash, text_hash = excluded.text_hash, version = excluded.version, language = excluded.language,
               object_hash = excluded.object_hash, byte_size = excluded.byte_size, chunks = excluded.chunks, metadata = excluded.metadata,
               change_number = excluded.change_number, updated_at = excluded.updated_at
        """;

    internal const string SameTextSql = """
        update documents d set content_hash = f.content_hash, object_hash = f.object_hash, byte_size = f.size
          from unnest(@paths::text[], @contentHashes::bytea[], @objectHashes::bytea[], @sizes::bigint[]) as f (path, content_hash, object_hash, size)
         where d.tenant_id = @tenantId and d.source_id = @sourceId and d.path = f.path
        """;

    internal const string ArchiveSql = $"""
        insert into document_versions (tenant_id, document_id, version, title, text, created_at, replaced_at)
        select d.tenant_id, d.id, d.version, d.title,
               coalesce((select left({DocumentVersions.SectionsText}, 1000000)
                           from sections s where s.tenant_id = d.tenant_id and s.document_id = d.id), ''), d.updated_at, @now
          from documents d where d.tenant_id = @tenantId and d.id = any(@ids)
        on conflict (tenant_id, document_id, version) do nothing
        """;

    internal const string ForgetSql = """
        delete from document_versions v using documents d
         where d.tenant_id = @tenantId and d.id = any(@ids) and v.tenant_id = d.tenant_id and v.document_id = d.id and v.version <= d.version - @keep
        """;

    /// <summary>Earlier versions that are kept of a document.</summary>
    private const int KeepVersions = 10;

    // Chunks go with their sections.
    internal const string DeleteSectionsSql = "delete from sections where tenant_id = @tenantId and document_id = any(@ids)";

    // An array of arrays cannot be unnested: headings travel joined by the unit separator, which no text holds.
    internal const string InsertSectionsSql = """
        insert into sections (tenant_id, id, document_id, version, ordinal, heading_path, anchor, text, tokens)
        select @tenantId, s.id, s.document_id, s.version, s.ordinal, string_to_array(s.headings, chr(31)), s.anchor, s.text, s.tokens
          from unnest(@ids::uuid[], @documentIds::uuid[], @versions::int[], @ordinals::int[], @headings::text[], @anchors::text[], @texts::text[], @tokens::int[])
            as s (id, document_id, version, ordinal, headings, anchor, text, tokens)
        """;

    internal const string InsertChunksSql = """
        insert into chunks (tenant_id, id, document_id, section_id, version, ordinal, kind, heading_path, anchor, text, tokens)
        select @tenantId, c.id, c.document_id, c.section_id, c.version, c.ordinal, c.kind, string_to_array(c.headings, chr(31)), c.anchor, c.text, c.tokens
          from unnest(@ids::uuid[], @documentIds::uuid[], @sectionIds::uuid[], @versions::int[], @ordinals::int[], @kinds::text[], @headings::text[],
                      @anchors::text[], @texts::text[], @tokens::int[])
            as c (id, document_id, section_id, version, ordinal, kind, headings, anchor, text, tokens)
        """;

    internal const string FinishFilesSql = """
        update import_files f set state = r.state, reason = r.reason, document_id = r.document_id, chunks = r.chunks, archive = r.archive
          from unnest(@paths::text[], @states::text[], @reasons::text[], @documentIds::uuid[], @chunks::int[], @archives::boolean[]) as r (path, state, reason, document_id, chunks, archive)
         where f.tenant_id = @tenantId and f.import_id = @importId and f.path = r.path
        """;

    // What the user gave beside the archive under the same path goes before what is in it.
    internal const string UnpackSql = """
        insert into import_files (tenant_id, import_id, path, object_hash, size, state, reason, depth)
        select distinct on (f.path) @tenantId, @importId, f.path, f.hash, f.size, case when f.reason is null then 'pending' else 'failed' end, f.reason, f.depth
          from unnest(@paths::text[], @hashes::bytea[], @sizes::bigint[], @reasons::text[], @depths::int[]) with ordinality as f (path, hash, size, reason, depth, place)
         order by f.path, f.reason is not null, f.place
        on conflict (tenant_id, import_id, path) do nothing
        """;

    internal const string CountSql = """
        update imports set added = added + @added, changed = changed + @changed, unchanged = unchanged + @unchanged, failed = failed + @failed, chunks = chunks + @chunks
         where tenant_id = @tenantId and id = @importId
        """;

    private sealed record KnownRow
    {
        public Guid Id { get; init; }
        public string Path { get; init; } = "";
        public int Version { get; init; }
    }

    private sealed record Written(PreparedFile Prepared, Guid Id, int Version)
    {
        internal bool IsNew => Version == 1;
    }

    /// <summary>Writes those files that are still pending. The caller holds the import's row, so no file is ever written twice.</summary>
    internal async Task WriteAsync(TenantSession session, ImportView import, IReadOnlyList<PreparedFile> files)
    {
        var paths = files.Select(f => f.File.Path).ToArray();
        var pending = (await session.QueryAsync<string>(StillPendingSql, new { tenantId = session.TenantId, importId = import.Id, paths })).ToHashSet(StringComparer.Ordinal);
        var change = files.Any(f => f.Document is not null) ? await changes.NextAsync(session) : 0;
        var known = (await session.QueryAsync<KnownRow>(KnownSql, new { tenantId = session.TenantId, sourceId = import.SourceId, paths }))
            .ToDictionary(k => k.Path, StringComparer.Ordinal);
        var mine = files.Where(f => pending.Contains(f.File.Path) && (!f.IsUnchanged || known.ContainsKey(f.File.Path))).ToList();
        // A document that was deleted while its unchanged file was looked at stays pending and is read in the next batch.
        var written = mine.Where(f => f.Document is not null).Select(f => known.TryGetValue(f.File.Path, out var k)
            ? new Written(f, k.Id, k.Version + 1)
            : new Written(f, Ids.New(time), 1)).ToList();
        if (written.Count > 0)
            await WriteDocumentsAsync(session, import.SourceId, written, change);
        if (mine.FindAll(f => f.IsSameText) is { Count: > 0 } same)
        {
            await session.ExecuteAsync(SameTextSql, new
            {
                tenantId = session.TenantId, sourceId = import.SourceId, paths = same.Select(f => f.File.Path).ToArray(), contentHashes = same.Select(f => f.ContentHash).ToArray(),
                objectHashes = same.Select(f => f.File.ObjectHash).ToArray(), sizes = same.Select(f => f.File.Size).ToArray(),
            });
        }
        await FinishAsync(session, import.Id, mine, written, known);
        await UnpackAsync(session, import.Id, [.. mine.Where(f => f.Unpacked is not null)]);
    }

    /// <summary>The files of archives become files of the import, to be read like any other.</summary>
    private async Task UnpackAsync(TenantSession session, Guid importId, List<PreparedFile> archives)
    {
        var files = archives.SelectMany(a => a.Unpacked!.Select(f => (File: f, Depth: a.File.Depth + 1))).ToList();
        if (archives.Count == 0)
            return;
        var args = new
        {
            tenantId = session.TenantId, importId, now = time.GetUtcNow(), contentType = UploadFiles.ContentType, paths = files.Select(f => f.File.Path).ToArray(),
            hashes = files.Select(f => f.File.Hash).ToArray(), sizes = files.Select(f => f.File.Size).ToArray(), reasons = files.Select(f => f.File.Reason).ToArray(),
            depths = files.Select(f => f.Depth).ToArray(),
        };
        await session.ExecuteAsync(UploadFiles.RecordObjectsSql, args);
        await session.ExecuteAsync(UnpackSql, args);
        await session.ExecuteAsync(UploadFiles.TouchSql, args);
    }

    private async Task WriteDocumentsAsync(TenantSession session, Guid sourceId, List<Written> written, long change)
    {
        if (written.Exists(w => !w.IsNew))
        {
            var args = new { tenantId = session.TenantId, ids = written.Where(w => !w.IsNew).Select(w => w.Id).ToArray(), now = time.GetUtcNow(), keep = KeepVersions };
            await session.ExecuteAsync(ArchiveSql, args);
            await session.ExecuteAsync(ForgetSql, args);
            await session.ExecuteAsync(DeleteSectionsSql, args);
        }
        await session.ExecuteAsync(InsertDocumentsSql, new
        {
            tenantId = session.TenantId, sourceId, change, now = time.GetUtcNow(),
            ids = written.Select(w => w.Id).ToArray(),
            paths = written.Select(w => w.Prepared.File.Path).ToArray(),
            titles = written.Select(w => w.Prepared.Document!.Title).ToArray(),
            urls = written.Select(w => w.Prepared.Document!.Url).ToArray(),
            contentHashes = written.Select(w => w.Prepared.ContentHash).ToArray(),
            textHashes = written.Select(w => w.Prepared.TextHash).ToArray(),
            versions = written.Select(w => w.Version).ToArray(),
            languages = written.Select(w => w.Prepared.Document!.Language).ToArray(),
            detected = written.Select(w => w.Prepared.Document!.DetectedLanguage).ToArray(),
            objectHashes = written.Select(w => w.Prepared.File.ObjectHash).ToArray(),
            sizes = written.Select(w => w.Prepared.File.Size).ToArray(),
            chunkCounts = written.Select(w => w.Prepared.ChunkCount).ToArray(),
            metadata = written.Select(w => JsonSerializer.Serialize(w.Prepared.Document!.Metadata)).ToArray(),
        });
        await WriteSectionsAsync(session, written);
    }

    private async Task WriteSectionsAsync(TenantSession session, List<Written> written)
    {
        var sections = written.SelectMany(w => w.Prepared.Sections.Select((section, ordinal) => (w.Id, w.Version, Ordinal: ordinal, Section: section, SectionId: Ids.New(time)))).ToList();
        await session.ExecuteAsync(InsertSectionsSql, new
        {
            tenantId = session.TenantId,
            ids = sections.Select(s => s.SectionId).ToArray(),
            documentIds = sections.Select(s => s.Id).ToArray(),
            versions = sections.Select(s => s.Version).ToArray(),
            ordinals = sections.Select(s => s.Ordinal).ToArray(),
            headings = sections.Select(s => Joined(s.Section.HeadingPath)).ToArray(),
            anchors = sections.Select(s => s.Section.Anchor).ToArray(),
            texts = sections.Select(s => s.Section.Text).ToArray(),
            tokens = sections.Select(s => s.Section.Tokens).ToArray(),
        });
        var chunks = sections.GroupBy(s => s.Id).SelectMany(document => document
            .SelectMany(s => s.Section.Chunks.Select(c => (s.Id, s.SectionId, s.Version, Chunk: c)))
            .Select((c, ordinal) => (c.Id, c.SectionId, c.Version, c.Chunk, Ordinal: ordinal))).ToList();
        await session.ExecuteAsync(InsertChunksSql, new
        {
            tenantId = session.TenantId,
            ids = chunks.Select(_ => Ids.New(time)).ToArray(),
            documentIds = chunks.Select(c => c.Id).ToArray(),
            sectionIds = chunks.Select(c => c.SectionId).ToArray(),
            versions = chunks.Select(c => c.Version).ToArray(),
            ordinals = chunks.Select(c => c.Ordinal).ToArray(),
            kinds = chunks.Select(c => KindName(c.Chunk.Kind)).ToArray(),
            headings = chunks.Select(c => Joined(c.Chunk.HeadingPath)).ToArray(),
            anchors = chunks.Select(c => c.Chunk.Anchor).ToArray(),
            texts = chunks.Select(c => c.Chunk.Text).ToArray(),
            tokens = chunks.Select(c => c.Chunk.Tokens).ToArray(),
        });
    }

    private static async Task FinishAsync(TenantSession session, Guid importId, List<PreparedFile> files, List<Written> written, Dictionary<string, KnownRow> known)
    {
        if (files.Count == 0)
            return;
        var byPath = written.ToDictionary(w => w.Prepared.File.Path, StringComparer.Ordinal);
        await session.ExecuteAsync(FinishFilesSql, new
        {
            tenantId = session.TenantId, importId,
            paths = files.Select(f => f.File.Path).ToArray(),
            archives = files.Select(f => f.IsArchive).ToArray(),
            states = files.Select(f => f.Reason is not null ? "failed" : f.Unpacked is not null ? "expanded" : f.IsUnchanged ? "unchanged" : byPath[f.File.Path].IsNew ? "added" : "changed").ToArray(),
            reasons = files.Select(f => f.Reason).ToArray(),
            documentIds = files.Select(f => byPath.TryGetValue(f.File.Path, out var w) ? w.Id : known.GetValueOrDefault(f.File.Path)?.Id).ToArray(),
            chunks = files.Select(f => f.ChunkCount).ToArray(),
        });
        await session.ExecuteAsync(CountSql, new
        {
            tenantId = session.TenantId, importId, added = written.Count(w => w.IsNew), changed = written.Count(w => !w.IsNew),
            unchanged = files.Count(f => f.IsUnchanged), failed = files.Count(f => f.Reason is not null), chunks = files.Sum(f => f.ChunkCount),
        });
    }

    private static string Joined(IReadOnlyList<string> headings) => string.Join('\u001f', headings);

    private static string KindName(BlockKind kind) => kind switch
    {
        BlockKind.Code => "code",
        BlockKind.Table => "table",
        BlockKind.List => "list",
        _ => "text",
    };
}
