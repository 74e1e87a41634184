using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Identity;

internal sealed record AuditEntry
{
    public Guid Id { get; init; }
    public DateTimeOffset At { get; init; }
    public string ActorKind { get; init; } = "";
    public Guid? ActorId { get; init; }
    public string? ActorName { get; init; }
    public string Action { get; init; } = "";
    public string? TargetKind { get; init; }
    public string? TargetId { get; init; }
    public JsonElement? Payload { get; init; }
}

/// <summary>What is looked for in the log.</summary>
/// <param name="Q">Part of an action, of what it was done to, of a name, or of the details.</param>
/// <param name="Action">An action such as <c>member.added</c>, or how it begins: <c>member.</c>.</param>
/// <param name="MemberId">Who did it.</param>
/// <param name="Since">Not before.</param>
/// <param name="Until">Before.</param>
internal readonly record struct AuditFilter(string? Q, string? Action, Guid? MemberId, DateTimeOffset? Since, DateTimeOffset? Until)
{
    private const int MaxTextLength = 200;

    internal Error? Problem() => new FieldErrors().Add("q", TextProblem(Q)).Add("action", TextProblem(Action))
        .Add("until", Until <= Since ? "Give a time after `since`." : null).ToError();

    /// <summary>Half of a pattern for LIKE: what was typed means itself.</summary>
    internal static string? Literal(string? text) => string.IsNullOrWhiteSpace(text) ? null
        : text.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);

    private static string? TextProblem(string? text) => text?.Length > MaxTextLength ? $"Give at most {MaxTextLength} characters."
        : text?.Contains('\0') == true ? "Do not use the character U+0000." : null;
}

/// <summary>The tenant's audit log, the newest first.</summary>
internal sealed class ListAudit(TenantDb db)
{
    private const string Sql = """
        select a.id, a.at, a.actor_kind, a.actor_id, coalesce(m.name, k.name) as actor_name, a.action, a.target_kind, a.target_id, a.payload::text as payload
          from audit a
          left join v_members m on a.actor_kind = 'user' and m.tenant_id = a.tenant_id and m.user_id = a.actor_id
          left join api_keys k on a.actor_kind = 'api_key' and k.tenant_id = a.tenant_id and k.id = a.actor_id
         where (@at::timestamptz is null or (a.at, a.id) < (@at, @id))
           and (@since::timestamptz is null or a.at >= @since) and (@until::timestamptz is null or a.at < @until)
           and (@memberId::uuid is null or (a.actor_kind = 'user' and a.actor_id = @memberId))
           and (@action::text is null or a.action like @action || '%')
           and (@q::text is null or a.action ilike '%' || @q || '%' or a.target_id ilike '%' || @q || '%' or coalesce(m.name, k.name) ilike '%' || @q || '%'
                or a.payload::text ilike '%' || @q || '%'
                or (a.target_kind = 'user' and exists (select 1 from v_members t where t.user_id::text = a.target_id and (t.name ilike '%' || @q || '%' or t.email ilike '%' || @q || '%'))))
         order by a.at desc, a.id desc limit @take
        """;

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/audit", async ([AsParameters] PageQuery page, [AsParameters] AuditFilter filter, Caller caller, ListAudit handler, CancellationToken ct) =>
                (await handler.HandleAsync(page, filter, caller.TenantId, ct)).ToHttp())
            .WithName("ListAudit").RequirePermission(Permission.AuditRead);

    /// <summary>One part of what matches.</summary>
    internal Task<IReadOnlyList<AuditEntry>> ReadAsync(Guid tenantId, AuditFilter filter, PageCursor? after, int take, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, session => session.QueryAsync<AuditEntry>(Sql, new
        {
            at = after?.At, id = after?.Id, take, since = filter.Since?.ToUniversalTime(), until = filter.Until?.ToUniversalTime(), memberId = filter.MemberId,
            action = AuditFilter.Literal(filter.Action), q = AuditFilter.Literal(filter.Q),
        }), ct);

    private async Task<Result<Page<AuditEntry>>> HandleAsync(PageQuery page, AuditFilter filter, Guid tenantId, CancellationToken ct)
    {
        if (!page.Read().TryGet(out var part, out var error))
        {
            return error;
        }
        if (filter.Problem() is { } invalid)
        {
            return invalid;
        }
        return PageCursor.PageOf(await ReadAsync(tenantId, filter, part.After, part.Limit + 1, ct), part.Limit, entry => new PageCursor(entry.At, entry.Id));
    }
}
