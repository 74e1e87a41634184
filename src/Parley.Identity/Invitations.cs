using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Identity;

internal sealed record InviteRequest(string? Email, string? Role);

internal sealed record Invitation
{
    public Guid Id { get; init; }
    public string Email { get; init; } = "";
    public string Role { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>A new invitation; <see cref="Code"/> is shown this once and goes to the person by whatever way their inviter trusts.</summary>
internal sealed record CreatedInvitation(Guid Id, string Email, string Role, string Code, DateTimeOffset ExpiresAt);

/// <summary>Invites a person who has an account on this instance already. Whether there is such an account is not told.</summary>
internal sealed class Invitations(TenantDb db, AuditLog audit, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private const string MemberSql = "select exists (select 1 from v_members where email = @email)";
    private const string UpsertSql = """
        insert into invitations (tenant_id, id, email, role, code_hash, created_by, created_at, expires_at)
        values (@tenantId, @id, @email, @role, @hash, @createdBy, @now, @expiresAt)
        on conflict (tenant_id, email) do update set id = @id, role = @role, code_hash = @hash, created_by = @createdBy, created_at = @now, expires_at = @expiresAt
        """;
    private const string ListSql = """
        select id, email, role, created_at, expires_at from invitations
         where expires_at > @now and (@at::timestamptz is null or (created_at, id) < (@at, @id))
         order by created_at desc, id desc limit @take
        """;
    private const string DeleteSql = "delete from invitations where tenant_id = @tenantId and id = @id";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/invitations", async (InviteRequest request, Caller caller, Invitations handler, CancellationToken ct) =>
                (await handler.InviteAsync(request, caller, ct)).ToCreated(invitation => $"/v1/invitations/{invitation.Id:D}"))
            .WithName("InviteMember").RequirePermission(Permission.MembersWrite);
        app.MapGet("/invitations", async ([AsParameters] PageQuery page, Caller caller, Invitations handler, CancellationToken ct) =>
                (await handler.ListAsync(page, caller.TenantId, ct)).ToHttp())
            .WithName("ListInvitations").RequirePermission(Permission.MembersRead);
        app.MapDelete("/invitations/{id:guid}", async (Guid id, Caller caller, Invitations handler, CancellationToken ct) =>
                (await handler.WithdrawAsync(id, caller, ct)).ToNoContent())
            .WithName("WithdrawInvitation").RequirePermission(Permission.MembersWrite);
    }

    private async Task<Result<CreatedInvitation>> InviteAsync(InviteRequest request, Caller caller, CancellationToken ct)
    {
        var email = Fields.Email(request.Email);
        if (new FieldErrors().Add("email", Fields.EmailProblem(email))
                .Add("role", string.IsNullOrEmpty(request.Role) ? "Give the key of a role, such as agent." : null).ToError() is { } invalid)
        {
            return invalid;
        }
        var now = time.GetUtcNow();
        var code = BearerToken.Create("pi_");
        var made = new CreatedInvitation(Guid.CreateVersion7(now), email, request.Role!, code, now + Lifetime);
        return await db.InTransactionAsync<Result<CreatedInvitation>>(caller.TenantId, async session =>
        {
            if (await Roles.PermissionsAsync(session, made.Role) is not { } permissions)
            {
                return Errors.NoSuchRole(await Roles.KeysAsync(session));
            }
            if (RoleRules.MayHandle(caller, permissions) is { } exceeds)
            {
                return exceeds;
            }
            if (await session.QuerySingleAsync<bool>(MemberSql, new { email }))
            {
                return Errors.AlreadyMember;
            }
            await session.ExecuteAsync(UpsertSql, new
            {
                tenantId = session.TenantId, made.Id, email, made.Role, hash = BearerToken.Hash(code),
                createdBy = caller.Kind == CallerKind.User ? caller.Id : (Guid?)null, now, made.ExpiresAt,
            });
            await audit.WriteAsync(session, caller, "member.invited", "invitation", made.Id.ToString("D"), new { role = made.Role });
            return made;
        }, ct);
    }

    private async Task<Result<Page<Invitation>>> ListAsync(PageQuery page, Guid tenantId, CancellationToken ct)
    {
        if (!page.Read().TryGet(out var part, out var error))
        {
            return error;
        }
        var rows = await db.InTransactionAsync(tenantId, session => session.QueryAsync<Invitation>(ListSql,
            new { now = time.GetUtcNow(), at = part.After?.At, id = part.After?.Id, take = part.Limit + 1 }), ct);
        return PageCursor.PageOf(rows, part.Limit, invitation => new PageCursor(invitation.CreatedAt, invitation.Id));
    }

    private Task<Result<bool>> WithdrawAsync(Guid id, Caller caller, CancellationToken ct) =>
        db.InTransactionAsync<Result<bool>>(caller.TenantId, async session =>
        {
            if (await session.ExecuteAsync(DeleteSql, new { tenantId = session.TenantId, id }) == 0)
            {
                return Error.NotFound("invitation");
            }
            await audit.WriteAsync(session, caller, "member.invitation_withdrawn", "invitation", id.ToString("D"));
            return true;
        }, ct);
}
