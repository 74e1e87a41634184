using Microsoft.Extensions.AI;
using Parley.Inference.Accounts;
using Parley.Inference.Embeddings;
using Parley.Inference.Pipeline;
using Parley.Inference.Reranking;

namespace Parley.Inference.Contracts;

/// <summary>The one door to everything paid: which models a tenant has, and calls to them that hold their money first.</summary>
public sealed class ModelGateway
{
    private readonly ModelAccounts _accounts;
    private readonly ModelPipeline _pipeline;

    private readonly EmbedCalls _embed;
    private readonly RerankCalls _rerank;

    internal ModelGateway(ModelAccounts accounts, ModelPipeline pipeline, EmbedCalls embed, RerankCalls rerank) => (_accounts, _pipeline, _embed, _rerank) = (accounts, pipeline, embed, rerank);

    /// <summary>Asks chat models through the whole stack. Its options must carry a <see cref="ModelCall"/>.</summary>
    /// <remarks>Throws <see cref="BudgetRefusedException"/> before anything is paid, <see cref="ModelException"/> when nobody answered or an answer broke off.</remarks>
    public IChatClient Chat => _pipeline.Chat;

    /// <summary>What the tenant has chosen; <see cref="ModelSetup.None"/> without a choice.</summary>
    public Task<ModelSetup> SetupAsync(Guid tenantId, CancellationToken ct) => _accounts.SetupAsync(tenantId, ct);

    /// <summary>A model of an account, chosen or not: for what was begun under an earlier choice. Null: the account is gone or switched off, or is another provider's.</summary>
    /// <param name="tenantId">Whose.</param>
    /// <param name="accountId">The tenant's own, or one of the instance.</param>
    /// <param name="model">What was known of the model then, where settings and catalogue know it no more.</param>
    /// <param name="ct">Ends the wait for the database.</param>
    public Task<ModelSeat?> SeatAsync(Guid tenantId, Guid accountId, ModelInfo model, CancellationToken ct) => _accounts.SeatAsync(tenantId, accountId, model, ct);

    /// <summary>Makes one vector for each text, in their order.</summary>
    /// <param name="call">Who pays, for <see cref="ModelFeature.Embed"/>; its seats are accounts of one model. Usage, cost and decisions are in it after the call, however that ends.</param>
    /// <param name="texts">At most as many as the model takes at once; what is longer than it takes is cut.</param>
    /// <param name="use">Question or passages.</param>
    /// <param name="ct">Ends the call; what was sent is paid.</param>
    /// <remarks>Throws <see cref="BudgetRefusedException"/> before anything is paid, <see cref="ModelException"/> when no account answered with vectors that can be used before the deadline.</remarks>
    public Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(ModelCall call, IReadOnlyList<string> texts, EmbeddingUse use, CancellationToken ct) => _embed.EmbedAsync(call, texts, use, ct);

    /// <summary>Scores how well each document answers a query, in the documents' order; the scale is the model's own.</summary>
    /// <param name="call">Who pays, for <see cref="ModelFeature.Rerank"/>.</param>
    /// <param name="query">What is asked.</param>
    /// <param name="documents">Texts.</param>
    /// <param name="ct">Ends the call; what was sent is paid.</param>
    /// <remarks>Throws as <see cref="EmbedAsync"/> does.</remarks>
    public Task<IReadOnlyList<double>> RerankAsync(ModelCall call, string query, IReadOnlyList<string> documents, CancellationToken ct) => _rerank.RerankAsync(call, query, documents, ct);
}
