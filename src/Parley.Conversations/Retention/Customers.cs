using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.AgentApi;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.Retention;

/// <summary>What is held about a customer, and how much would go with them.</summary>
internal sealed record Customer
{
    public required Guid Id { get; init; }

    public required string? Name { get; init; }

    public required string? Email { get; init; }

    /// <summary>The company's own id of them.</summary>
    public required string? ExternalId { get; init; }

    /// <summary>A company's server said who they are.</summary>
    public required bool Verified { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset SeenAt { get; init; }

    public required int Conversations { get; init; }

    public required int Messages { get; init; }
}

/// <summary>One customer: what is held about them, and their end.</summary>
internal sealed class Customers(TenantDb db, Erasure erasure, ReadAudit audit)
{
    private const string OneSql = """
        select u.id, u.name, u.email, u.external_id, u.verified, u.created_at, u.seen_at,
               (select count(*)::int from conversations c where c.tenant_id = u.tenant_id and c.end_user_id = u.id) as conversations,
               (select count(*)::int from conversations c join messages m on m.tenant_id = c.tenant_id and m.conversation_id = c.id
                 where c.tenant_id = u.tenant_id and c.end_user_id = u.id) as messages
          from end_users u where u.tenant_id = @tenantId and u.id = @id
        """;

    private static readonly Error NotFound = Error.NotFound("customer");

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/{id}", async (Guid id, Caller caller, Customers handler, CancellationToken ct) => (await handler.GetAsync(caller, id, ct)).ToHttp())
            .WithName("GetCustomer").RequirePermission(Permission.ConversationsRead);
        group.MapPost("/{id}/erase", async (Guid id, EraseRequest request, Caller caller, Customers handler, CancellationToken ct) =>
            (await handler.EraseAsync(caller, id, request, ct)).ToHttp())
            .WithName("EraseCustomer").RequirePermission(Permission.PrivacyWrite);
    }

    private Task<Result<Customer>> GetAsync(Caller caller, Guid id, CancellationToken ct) => db.InTransactionAsync<Result<Customer>>(caller.TenantId, async s =>
    {
        if (await s.QuerySingleOrDefaultAsync<Customer>(OneSql, new { tenantId = s.TenantId, id }) is not { } customer)
        {
            return NotFound;
        }
        await audit.WriteAsync(s, caller, "customer.read", "end_user", id.ToString());
        return customer;
    }, ct);

    private async Task<Result<Erased>> EraseAsync(Caller caller, Guid id, EraseRequest request, CancellationToken ct)
    {
        if (request.Confirm != EraseConversation.Word)
        {
            return EraseConversation.Unconfirmed;
        }
        return await erasure.EraseEndUserAsync(caller.TenantId, id, AuditActor.Of(caller), ct) is { } erased ? new Erased(erased) : NotFound;
    }
}
