using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Escalations;

/// <summary>A handoff with everything that happened to it.</summary>
internal sealed record HandoffDetail : HandoffItem
{
    internal HandoffDetail(HandoffItem item)
        : base(item)
    {
    }

    public IReadOnlyList<HandoffTransition> Transitions { get; init; } = [];
}

/// <summary>One step of a handoff.</summary>
internal sealed record HandoffTransition
{
    public int Ordinal { get; init; }

    public string? FromState { get; init; }

    public string ToState { get; init; } = "";

    public string ActorKind { get; init; } = "";

    public Guid? ActorId { get; init; }

    public string? Reason { get; init; }

    public DateTimeOffset At { get; init; }
}

/// <summary>One handoff.</summary>
internal sealed class GetHandoff(TenantDb db, HandoffItems items)
{
    private const string TransitionsSql = """
        select ordinal, from_state, to_state, actor_kind, actor_id, reason, at from handoff_transitions
         where tenant_id = @tenantId and handoff_id = @id order by ordinal
        """;

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/handoffs/{id}", async (Guid id, Caller caller, GetHandoff handler, CancellationToken ct) => (await handler.HandleAsync(caller, id, ct)).ToHttp())
            .WithName("GetHandoff").RequirePermission(Permission.HandoffsRead);

    private Task<Result<HandoffDetail>> HandleAsync(Caller caller, Guid id, CancellationToken ct) =>
        db.InTransactionAsync<Result<HandoffDetail>>(caller.TenantId, async s =>
            await HandoffStore.FindAsync(s, id) is { } row
                ? new HandoffDetail(await items.OfAsync(s, row)) { Transitions = await s.QueryAsync<HandoffTransition>(TransitionsSql, new { tenantId = s.TenantId, id }) }
                : HandoffErrors.NotFound, ct);
}
