using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Identity;

internal sealed record AddMemberRequest(string? Email, string? Name, string? Role);

internal sealed record AddedMember(Guid UserId, string TemporaryPassword);

/// <summary>Makes an account for a new member; its first password is returned once and must be changed at the first sign-in.</summary>
internal sealed class AddMember(TenantDb db, SystemDb system, Passwords passwords, TimeProvider time)
{
    private const string AddSql =
        "select member_add(@tenantId, @userId, @email, @name, @hash, @role, @actorKind, @actorId, @ip, @auditId, @now)";
    private const int MaxNameLength = 200;

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/members", async (AddMemberRequest request, Caller caller, AddMember handler, CancellationToken ct) =>
                (await handler.HandleAsync(request, caller, ct)).ToCreated(member => $"/v1/members/{member.UserId:D}"))
            .WithName("AddMember").RequirePermission(Permission.MembersWrite);

    private async Task<Result<AddedMember>> HandleAsync(AddMemberRequest request, Caller caller, CancellationToken ct)
    {
        var email = Fields.Email(request.Email);
        if (new FieldErrors().Add("email", Fields.EmailProblem(email)).Add("name", Fields.NameProblem(request.Name, MaxNameLength))
                .Add("role", string.IsNullOrEmpty(request.Role) ? "Give the key of a role, such as agent." : null).ToError() is { } invalid)
        {
            return invalid;
        }
        if (await CheckRoleAsync(request.Role!, caller, ct) is { } refused)
        {
            return refused;
        }
        var now = time.GetUtcNow();
        var userId = Guid.CreateVersion7(now);
        var password = Passwords.Generate();
        var actor = AuditActor.Of(caller);
        var outcome = await system.QuerySingleOrDefaultAsync<string>(AddSql, new
        {
            tenantId = caller.TenantId, userId, email, name = request.Name!.Trim(), hash = await passwords.HashAsync(password, ct), role = request.Role,
            actorKind = actor.Kind, actorId = actor.Id, ip = actor.Ip, auditId = Guid.CreateVersion7(now), now,
        }, ct);
        return outcome switch
        {
            "added" => new AddedMember(userId, password),
            "member" => Errors.AlreadyMember,
            "elsewhere" => Errors.HasAccount,
            _ => Error.Invalid("role", "There is no such role."),
        };
    }

    private Task<Error?> CheckRoleAsync(string role, Caller caller, CancellationToken ct) =>
        db.InTransactionAsync(caller.TenantId, async session =>
            await Roles.PermissionsAsync(session, role) is { } permissions
                ? RoleRules.MayHandle(caller, permissions)
                : Errors.NoSuchRole(await Roles.KeysAsync(session)), ct);
}
