using DiffPlex;
using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Knowledge.Documents;

/// <summary>A version of a document.</summary>
/// <param name="ReplacedAt">Null: it is the current one.</param>
internal sealed record DocumentVersionView(int Version, string Title, DateTimeOffset CreatedAt, DateTimeOffset? ReplacedAt);

internal sealed record DocumentVersionList(IReadOnlyList<DocumentVersionView> Items);

/// <summary>A line of a comparison.</summary>
/// <param name="Kind">same, removed, added; gap: that many equal lines are left out.</param>
internal sealed record DiffLine(string Kind, string Text, int? Lines = null);

/// <summary>What changed from one version to another.</summary>
/// <param name="Added">Lines.</param>
/// <param name="Removed">Lines.</param>
internal sealed record DocumentDiff(int From, int To, int Added, int Removed, IReadOnlyList<DiffLine> Lines);

/// <summary>Shows what a document said before, and what changed.</summary>
internal sealed class DocumentVersions(TenantDb db)
{
    /// <summary>Equal lines around a change.</summary>
    private const int Context = 3;

    /// <summary>Comparing takes the square of what differs.</summary>
    private const int MaxLines = 20_000;

    internal const string CurrentSql = """
        select d.version, d.title, d.updated_at as created_at
          from documents d join knowledge_sources s on s.tenant_id = d.tenant_id and s.id = d.source_id and s.state <> 'deleting'
         where d.tenant_id = @tenantId and d.id = @documentId
        """;

    internal const string EarlierSql = """
        select version, title, created_at, replaced_at from document_versions where tenant_id = @tenantId and document_id = @documentId order by version desc
        """;

    /// <summary>All sections <c>s</c> of a document as one text, to be compared with that of another version.</summary>
    internal const string SectionsText =
        @"string_agg(case when cardinality(s.heading_path) > 0 then '## ' || array_to_string(s.heading_path, ' › ') || E'\n\n' else '' end || s.text, E'\n\n' order by s.ordinal)";

    internal const string TextSql = $"""
        select v.text from document_versions v where v.tenant_id = @tenantId and v.document_id = @documentId and v.version = @version
        union all
        select coalesce({SectionsText}, '')
          from documents d left join sections s on s.tenant_id = d.tenant_id and s.document_id = d.id
         where d.tenant_id = @tenantId and d.id = @documentId and d.version = @version group by d.id
        """;

    private sealed record Row
    {
        public int Version { get; init; }
        public string Title { get; init; } = "";
        public DateTimeOffset CreatedAt { get; init; }
        public DateTimeOffset? ReplacedAt { get; init; }
    }

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/documents/{documentId:guid}/versions", async (Guid documentId, Caller caller, DocumentVersions handler, CancellationToken ct) =>
                (await handler.ListAsync(documentId, caller.TenantId, ct)).ToHttp())
            .WithName("ListDocumentVersions").RequirePermission(Permission.KnowledgeRead);
        app.MapGet("/documents/{documentId:guid}/diff", async (Guid documentId, int? from, int? to, Caller caller, DocumentVersions handler, CancellationToken ct) =>
                (await handler.DiffAsync(documentId, from, to, caller.TenantId, ct)).ToHttp())
            .WithName("DiffDocument").RequirePermission(Permission.KnowledgeRead);
    }

    private async Task<Result<DocumentVersionList>> ListAsync(Guid documentId, Guid tenantId, CancellationToken ct) =>
        await db.InTransactionAsync(tenantId, s => VersionsAsync(s, documentId), ct) is { } versions
            ? new DocumentVersionList([.. versions.Select(v => new DocumentVersionView(v.Version, v.Title, v.CreatedAt, v.ReplacedAt))]) : KnowledgeErrors.NoDocument;

    /// <summary>From the version before the current one to the current one, where nothing else is asked for.</summary>
    private async Task<Result<DocumentDiff>> DiffAsync(Guid documentId, int? from, int? to, Guid tenantId, CancellationToken ct)
    {
        var texts = await db.InTransactionAsync<Result<(int From, int To, string Before, string After)>>(tenantId, async session =>
        {
            if (await VersionsAsync(session, documentId) is not { } versions)
                return KnowledgeErrors.NoDocument;
            var last = to ?? versions[0].Version;
            var first = from ?? versions.Select(v => v.Version).Where(v => v < last).DefaultIfEmpty(last).First();
            var known = versions.Select(v => v.Version).ToHashSet();
            if (!known.Contains(first) || !known.Contains(last))
                return Error.Invalid(known.Contains(first) ? "to" : "from", "Give one of the versions that are kept: " + string.Join(", ", known.Order()) + ".");
            return (first, last, await session.QuerySingleAsync<string>(TextSql, new { tenantId, documentId, version = first }),
                await session.QuerySingleAsync<string>(TextSql, new { tenantId, documentId, version = last }));
        }, ct);
        return texts.TryGet(out var t, out var error) ? Compare(t.From, t.To, t.Before, t.After) : error;
    }

    internal static DocumentDiff Compare(int from, int to, string before, string after)
    {
        var pieces = new InlineDiffBuilder(new Differ()).BuildDiffModel(Cut(before), Cut(after)).Lines;
        var near = new bool[pieces.Count];
        for (var i = 0; i < pieces.Count; i++)
        {
            if (pieces[i].Type != ChangeType.Unchanged)
                Array.Fill(near, true, Math.Max(0, i - Context), Math.Min(pieces.Count, i + Context + 1) - Math.Max(0, i - Context));
        }
        var lines = new List<DiffLine>();
        for (var i = 0; i < pieces.Count; i++)
        {
            if (near[i])
                lines.Add(new DiffLine(pieces[i].Type switch { ChangeType.Inserted => "added", ChangeType.Deleted => "removed", _ => "same" }, pieces[i].Text));
            else if (lines is [.., { Kind: "gap" } gap])
                lines[^1] = gap with { Lines = gap.Lines + 1 };
            else
                lines.Add(new DiffLine("gap", "", 1));
        }
        return new DocumentDiff(from, to, pieces.Count(p => p.Type == ChangeType.Inserted), pieces.Count(p => p.Type == ChangeType.Deleted), lines);
    }

    private static string Cut(string text)
    {
        var end = 0;
        for (var line = 0; line < MaxLines; line++)
        {
            if (text.IndexOf('\n', end) is not (>= 0 and var next))
                return text;
            end = next + 1;
        }
        return text[..end];
    }

    private static async Task<IReadOnlyList<Row>?> VersionsAsync(TenantSession session, Guid documentId)
    {
        var args = new { tenantId = session.TenantId, documentId };
        return await session.QuerySingleOrDefaultAsync<Row>(CurrentSql, args) is { } current ? [current, .. await session.QueryAsync<Row>(EarlierSql, args)] : null;
    }
}
