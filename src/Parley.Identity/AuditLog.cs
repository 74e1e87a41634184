using System.Text.Json;
using Parley.Platform.Authorization;
using Parley.Platform.Data;

namespace Parley.Identity;

/// <summary>Who did what an audit row records.</summary>
/// <param name="Kind">As stored: user, api_key, end_user, assistant, system, operator.</param>
/// <param name="Id">The user, key, end user or assistant; null for the system and the operator's command line.</param>
/// <param name="Ip">Where from, if from outside.</param>
public sealed record AuditActor(string Kind, Guid? Id = null, string? Ip = null)
{
    /// <summary>Parley itself: jobs, schedules.</summary>
    public static AuditActor System { get; } = new("system");

    /// <summary>The caller of a request.</summary>
    public static AuditActor Of(Caller caller) => new(
        caller.Kind switch
        {
            CallerKind.User => "user",
            CallerKind.ApiKey => "api_key",
            CallerKind.EndUser => "end_user",
            CallerKind.Operator => "operator",
            _ => throw new ArgumentOutOfRangeException(nameof(caller), caller.Kind, "An unknown kind of caller."),
        },
        caller.Id == Guid.Empty ? null : caller.Id, caller.Ip);
}

/// <summary>
/// The append-only audit log of a tenant. Write in the transaction of what is recorded: both happen or neither. The database hashes
/// the payload with a salt; a worker chains the rows (<see cref="AuditChain"/>).
/// </summary>
public sealed class AuditLog(TimeProvider time)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private const string InsertSql = """
        insert into audit (tenant_id, id, at, actor_kind, actor_id, action, target_kind, target_id, payload, ip)
        values (@tenantId, @id, @at, @actorKind, @actorId, @action, @targetKind, @targetId, @payload::jsonb, @ip)
        """;

    /// <summary>Records what a caller does.</summary>
    /// <param name="session">The transaction of the change.</param>
    /// <param name="caller">Who.</param>
    /// <param name="action"><c>resource.verb</c>, past tense: <c>knowledge.source.deleted</c>.</param>
    /// <param name="targetKind">What kind of thing.</param>
    /// <param name="targetId">Which one.</param>
    /// <param name="payload">What changed, small, never a secret; serialised as JSON.</param>
    public Task WriteAsync(TenantSession session, Caller caller, string action, string? targetKind, string? targetId, object? payload = null) =>
        WriteAsync(session, AuditActor.Of(caller), action, targetKind, targetId, payload);

    /// <summary>Records what somebody does who made no request: the assistant, the system.</summary>
    public Task WriteAsync(TenantSession session, AuditActor actor, string action, string? targetKind, string? targetId, object? payload = null)
    {
        var now = time.GetUtcNow();
        return session.ExecuteAsync(InsertSql, new
        {
            tenantId = session.TenantId, id = Guid.CreateVersion7(now), at = now, actorKind = actor.Kind, actorId = actor.Id, action, targetKind, targetId,
            payload = payload is null ? null : JsonSerializer.Serialize(payload, Json), ip = actor.Ip,
        });
    }
}
