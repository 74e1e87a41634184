using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Inference.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Knowledge.Vectors;

/// <summary>How questions are looked up, and how far the vectors are.</summary>
/// <param name="Version">Of the settings; 0: as shipped.</param>
/// <param name="Settings">In force.</param>
/// <param name="Vectors">Null: no embedding model is chosen.</param>
/// <param name="Reranker">The model that orders passages; null: none is chosen.</param>
internal sealed record RetrievalView(int Version, RetrievalSettings Settings, VectorProgress? Vectors, string? Reranker);

/// <summary>How far the vectors are.</summary>
/// <param name="State">waiting (nothing was made yet), making, halted or complete.</param>
/// <param name="Model">The chosen one, whose vectors are made.</param>
/// <param name="Provider">Whose it is.</param>
/// <param name="Done">Passages that are done.</param>
/// <param name="Total">Passages there are.</param>
/// <param name="Refused">Of those that are done: passages that the model does not take, found by their words alone.</param>
/// <param name="ServedBy">The model by which questions are looked up meanwhile; null: the same.</param>
/// <param name="Halted">Why nothing is made now: no_account, budget_ and a scope, a fault of the provider, no_vectors (the new model takes no passage); null: nothing is in the way.</param>
/// <param name="RetryAt">When it is tried again; null while it is halted: when other models are chosen, or somebody says so.</param>
/// <param name="Sources">Sources with passages that are not done.</param>
internal sealed record VectorProgress(
    string State, string Model, string Provider, int Done, int Total, int Refused, string? ServedBy, string? Halted, DateTimeOffset? RetryAt, IReadOnlyList<SourceProgress> Sources);

/// <summary>How far one source is.</summary>
internal sealed record SourceProgress
{
    public Guid SourceId { get; init; }
    public int Done { get; init; }
    public int Total { get; init; }
    internal int Refused { get; init; }
}

/// <summary>Reads and changes how a tenant's questions are looked up.</summary>
internal sealed class RetrievalApi(TenantDb db, ConfigurationStore configuration, ModelGateway models, EmbeddingSets sets, AuditLog audit)
{
    internal const string ProgressSql = """
        select d.source_id, count(*)::int as total, count(v.chunk_id)::int as done, (count(*) filter (where v.chunk_id is not null and v.vector is null))::int as refused
          from chunks c
          join documents d on d.tenant_id = c.tenant_id and d.id = c.document_id and d.version = c.version
          join knowledge_sources s on s.tenant_id = d.tenant_id and s.id = d.source_id and s.state <> 'deleting'
          left join chunk_vectors v on v.tenant_id = c.tenant_id and v.chunk_id = c.id and v.set_id = @setId
         where c.tenant_id = @tenantId group by d.source_id order by d.source_id
        """;

    internal const string WorkSql = "select halted, retry_at from vector_work where tenant_id = @tenantId";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/retrieval", async (Caller caller, RetrievalApi handler, CancellationToken ct) => (await handler.GetAsync(caller.TenantId, ct)).ToHttp())
            .WithName("GetRetrieval").RequirePermission(Permission.KnowledgeRead);
        app.MapPut("/retrieval", async (RetrievalSettings settings, Caller caller, RetrievalApi handler, CancellationToken ct) => (await handler.SaveAsync(caller, settings, ct)).ToHttp())
            .WithName("SaveRetrieval").RequirePermission(Permission.AssistantWrite);
        app.MapPost("/retrieval/retry", async (Caller caller, RetrievalApi handler, CancellationToken ct) => (await handler.RetryAsync(caller, ct)).ToHttp())
            .WithName("RetryVectors").RequirePermission(Permission.KnowledgeWrite);
    }

    private async Task<Result<RetrievalView>> GetAsync(Guid tenantId, CancellationToken ct)
    {
        var setup = await models.SetupAsync(tenantId, ct);
        return await db.InTransactionAsync<Result<RetrievalView>>(tenantId, session => ViewAsync(session, setup), ct);
    }

    private async Task<Result<RetrievalView>> SaveAsync(Caller caller, RetrievalSettings settings, CancellationToken ct)
    {
        if (settings.Problems() is { Count: > 0 } problems)
        {
            return Error.Invalid(problems);
        }
        var setup = await models.SetupAsync(caller.TenantId, ct);
        return await db.InTransactionAsync<Result<RetrievalView>>(caller.TenantId, async session =>
        {
            var version = await configuration.SaveAndPublishAsync(session, RetrievalSettings.ConfigurationKind, caller.TenantId, settings, caller.Kind == CallerKind.User ? caller.Id : null);
            await sets.NextNumberAsync(session);
            await audit.WriteAsync(session, caller, "knowledge.retrieval.saved", "tenant", caller.TenantId.ToString(), new { version, settings.Mode, settings.ForCustomers });
            return await ViewAsync(session, setup);
        }, ct);
    }

    /// <summary>What stood in the way is gone, says whoever asks: it is tried at once, also passages that the model did not take.</summary>
    private async Task<Result<RetrievalView>> RetryAsync(Caller caller, CancellationToken ct)
    {
        var setup = await models.SetupAsync(caller.TenantId, ct);
        return await db.InTransactionAsync<Result<RetrievalView>>(caller.TenantId, async session =>
        {
            await sets.BeginAgainAsync(session);
            await audit.WriteAsync(session, caller, "knowledge.vectors.retried", "tenant", caller.TenantId.ToString(), new { });
            return await ViewAsync(session, setup);
        }, ct);
    }

    private async Task<Result<RetrievalView>> ViewAsync(TenantSession session, ModelSetup setup)
    {
        var settings = await configuration.PublishedAsync<RetrievalSettings>(session, RetrievalSettings.ConfigurationKind, session.TenantId);
        var reranker = setup.For(ModelFeature.Rerank).Select(seat => seat.Info.Name).FirstOrDefault();
        return new RetrievalView(settings?.Version ?? 0, settings?.Body ?? new RetrievalSettings(), await ProgressAsync(session, setup), reranker);
    }

    private static async Task<VectorProgress?> ProgressAsync(TenantSession session, ModelSetup setup)
    {
        if (setup.Settings.Choices.FirstOrDefault(choice => choice.Feature == ModelFeature.Embed) is not { } choice)
        {
            return null;
        }
        var (seat, all) = (EmbedJob.Seats(setup) is [var first, ..] ? first : null, await EmbeddingSets.AllAsync(session));
        var (mine, serving) = (seat is null ? all.FirstOrDefault(set => set.Model == choice.Model) : all.FirstOrDefault(set => set.IsOf(seat)), all.FirstOrDefault(set => set.Serves));
        var sources = await session.QueryAsync<SourceProgress>(ProgressSql, new { tenantId = session.TenantId, setId = mine?.Id });
        var work = await session.QuerySingleOrDefaultAsync<WorkRow>(WorkSql, new { tenantId = session.TenantId });
        var (done, total) = (sources.Sum(source => source.Done), sources.Sum(source => source.Total));
        var state = work?.Halted is not null ? "halted" : mine is null ? "waiting" : done < total || mine.CompletedAt is null ? "making" : "complete";
        return new VectorProgress(
            state, seat?.Info.Name ?? choice.Model, seat?.Account.Provider ?? mine?.Provider ?? "", done, total, sources.Sum(source => source.Refused),
            serving is not null && mine?.Serves != true ? serving.Model : null, work?.Halted, work?.RetryAt, [.. sources.Where(source => source.Done < source.Total)]);
    }

    private sealed record WorkRow
    {
        public string? Halted { get; init; }
        public DateTimeOffset? RetryAt { get; init; }
    }
}
