using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Identity;

internal sealed record Member
{
    public Guid UserId { get; init; }
    public string Email { get; init; } = "";
    public string Name { get; init; } = "";
    public string Role { get; init; } = "";
    public bool Disabled { get; init; }

    /// <summary>Signs in with a second factor.</summary>
    public bool SecondFactor { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The tenant's members, in the order they joined.</summary>
internal sealed class ListMembers(TenantDb db)
{
    private const string Sql = """
        select user_id, email, name, role, disabled, second_factor, created_at from v_members
         where @at::timestamptz is null or (created_at, user_id) > (@at, @id)
         order by created_at, user_id limit @take
        """;

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/members", async ([AsParameters] PageQuery page, Caller caller, ListMembers handler, CancellationToken ct) =>
                (await handler.HandleAsync(page, caller.TenantId, ct)).ToHttp())
            .WithName("ListMembers").RequirePermission(Permission.MembersRead);

    private async Task<Result<Page<Member>>> HandleAsync(PageQuery page, Guid tenantId, CancellationToken ct)
    {
        if (!page.Read().TryGet(out var part, out var error))
        {
            return error;
        }
        var rows = await db.InTransactionAsync(tenantId, session => session.QueryAsync<Member>(Sql,
            new { at = part.After?.At, id = part.After?.Id, take = part.Limit + 1 }), ct);
        return PageCursor.PageOf(rows, part.Limit, member => new PageCursor(member.CreatedAt, member.UserId));
    }
}
