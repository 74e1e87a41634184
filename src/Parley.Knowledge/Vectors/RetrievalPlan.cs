using Parley.Inference.Contracts;
using Parley.Platform.Configuration;
using Parley.Platform.Data;

namespace Parley.Knowledge.Vectors;

/// <summary>How a tenant's questions are looked up now: what an index knows besides passages. Read again whenever the tenant's vector number moves.</summary>
/// <param name="Number">Of which state.</param>
/// <param name="Settings">As published, or as shipped.</param>
/// <param name="Version">Of the settings; 0: as shipped.</param>
/// <param name="Set">The set that serves.</param>
/// <param name="Reranks">A reranker is chosen.</param>
internal sealed record RetrievalPlan(long Number, RetrievalSettings Settings, int Version, EmbeddingSet? Set, bool Reranks)
{
    internal static RetrievalPlan Shipped { get; } = new(0, new RetrievalSettings(), 0, null, false);

    /// <summary>Something may be asked of a model for a question.</summary>
    internal bool Pays => (Set is not null && Settings.Mode != RetrievalMode.Keyword) || (Reranks && Settings.Rerank);
}

/// <summary>Reads plans and the vectors that go with them.</summary>
internal sealed class VectorLoader(TenantDb db, ConfigurationStore configuration)
{
    private const int PageRows = 2_000;

    internal const string RowsSql = """
        select chunk_id, version, number, vector from chunk_vectors
         where tenant_id = @tenantId and set_id = @setId and vector is not null and (number, chunk_id) > (@number, @after) and number <= @until
         order by number, chunk_id limit @take
        """;

    internal async Task<(RetrievalPlan Plan, VectorRows? Rows)> LoadAsync(Guid tenantId, long number, VectorRows? known, CancellationToken ct)
    {
        var plan = await db.InTransactionAsync(tenantId, async session =>
        {
            var settings = await configuration.PublishedAsync<RetrievalSettings>(session, RetrievalSettings.ConfigurationKind, tenantId);
            var models = await configuration.PublishedAsync<ModelSettings>(session, ModelSettings.Kind, tenantId);
            var sets = number == 0 ? [] : await EmbeddingSets.AllAsync(session);
            return new RetrievalPlan(number, settings?.Body ?? new RetrievalSettings(), settings?.Version ?? 0, sets.FirstOrDefault(set => set.Serves),
                models?.Body.Choices.Any(choice => choice.Feature == ModelFeature.Rerank) ?? false);
        }, ct);
        return (plan, plan.Set is { } set ? await RowsAsync(tenantId, set, number, known, ct) : null);
    }

    /// <summary>In pages: no transaction is open while a page is put into memory.</summary>
    private async Task<VectorRows> RowsAsync(Guid tenantId, EmbeddingSet set, long until, VectorRows? known, CancellationToken ct)
    {
        var rows = known is not null && known.SetId == set.Id && known.Number <= until ? known : VectorRows.None(set.Id, set.Dimensions);
        var (number, after) = (rows.Number, new Guid(Enumerable.Repeat(byte.MaxValue, 16).ToArray()));
        while (true)
        {
            var page = await db.InTransactionAsync(tenantId, session => session.QueryAsync<Row>(RowsSql, new { tenantId, setId = set.Id, number, after, until, take = PageRows }), ct);
            rows = rows.With(page.Select(row => (row, Vector: QuantizedVector.Read(row.Vector, set.Dimensions))).Where(each => each.Vector is not null)
                .Select(each => new StoredVector(each.row.ChunkId, each.row.Version, each.Vector!.Value)), page.Count < PageRows ? until : page[^1].Number);
            if (page.Count < PageRows)
            {
                return rows;
            }
            (number, after) = (page[^1].Number, page[^1].ChunkId);
        }
    }

    private sealed record Row
    {
        public Guid ChunkId { get; init; }
        public int Version { get; init; }
        public long Number { get; init; }
        public byte[] Vector { get; init; } = [];
    }
}
