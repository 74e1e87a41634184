using Parley.Inference.Contracts;

namespace Parley.Inference.Budget;

/// <summary>A reservation as it is stored.</summary>
internal sealed record HeldRow
{
    public Guid Id { get; init; }

    public decimal Amount { get; init; }

    public DateTimeOffset At { get; init; }

    public string Service { get; init; } = "";

    public string Provider { get; init; } = "";

    public string Model { get; init; } = "";

    public string Feature { get; init; } = "";

    public Guid? AssistantId { get; init; }

    public Guid? ConversationId { get; init; }

    public Guid? EndUserId { get; init; }

    public Guid? TurnId { get; init; }

    public bool Anonymous { get; init; }

    public Guid? CallId { get; init; }

    public string? Tier { get; init; }

    public Guid? AccountId { get; init; }

    internal Reservation Reservation(Guid tenantId) => new(Id, new Spender
    {
        TenantId = tenantId, Feature = Feature, Service = Service, AssistantId = AssistantId, ConversationId = ConversationId, EndUserId = EndUserId, TurnId = TurnId, Anonymous = Anonymous, CallId = CallId,
    }, At, Provider, Model, Amount) { Tier = Tier is null ? null : Enum.Parse<ModelTier>(Tier, ignoreCase: true), AccountId = AccountId };
}
