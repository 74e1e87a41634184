using Microsoft.Extensions.AI;
using Parley.Inference.Accounts;
using Parley.Inference.Pipeline;

namespace Parley.Inference.Contracts;

/// <summary>The one door to everything paid: which models a tenant has, and calls to them that hold their money first.</summary>
public sealed class ModelGateway
{
    private readonly ModelAccounts _accounts;
    private readonly ModelPipeline _pipeline;

    internal ModelGateway(ModelAccounts accounts, ModelPipeline pipeline) => (_accounts, _pipeline) = (accounts, pipeline);

    /// <summary>Asks chat models through the whole stack. Its options must carry a <see cref="ModelCall"/>.</summary>
    /// <remarks>Throws <see cref="BudgetRefusedException"/> before anything is paid, <see cref="ModelException"/> when nobody answered or an answer broke off.</remarks>
    public IChatClient Chat => _pipeline.Chat;

    /// <summary>What the tenant has chosen; <see cref="ModelSetup.None"/> without a choice.</summary>
    public Task<ModelSetup> SetupAsync(Guid tenantId, CancellationToken ct) => _accounts.SetupAsync(tenantId, ct);
}
