using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Idempotency;

namespace Parley.Conversations.WidgetApi;

/// <param name="Text">The first message; null: an empty conversation.</param>
/// <param name="ClientId">The client's own id: a retry with it finds the same conversation and message.</param>
internal sealed record StartConversationRequest(string? Text = null, string? ClientId = null);

/// <summary>Begins a conversation, with its first message if one is given.</summary>
internal sealed class StartConversation(TenantDb db, ConversationGate gate, ConversationEvents events, CustomerMessages messages, OwnConversation own, TimeProvider time)
{
    private const string InsertSql = """
        insert into conversations (tenant_id, id, end_user_id, company_id, assistant_id, widget_id, locale, external_id, created_at, updated_at)
        select e.tenant_id, @id::uuid, e.id, e.company_id, w.assistant_id, w.id, e.locale, @externalId::text, @now::timestamptz, @now
          from end_users e join widgets w on w.tenant_id = e.tenant_id and w.id = @widgetId
         where e.tenant_id = @tenantId and e.id = @endUserId
        on conflict (tenant_id, end_user_id, external_id) do nothing
        """;

    private const string EarlierSql =
        "select id from conversations where tenant_id = @tenantId and end_user_id = @endUserId and external_id = @externalId";

    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/conversations", async (
                StartConversationRequest request, [FromHeader(Name = "Idempotency-Key")] string? key, Caller caller, StartConversation handler, CancellationToken ct) =>
            (await handler.HandleAsync(caller, request, key, ct)).ToCreated(c => $"/v1/widget/conversations/{c.Id}"))
            .WithName("StartWidgetConversation").RequirePermission(Permission.WidgetTalk).WithIdempotency();

    private async Task<Result<WidgetConversation>> HandleAsync(Caller caller, StartConversationRequest request, string? key, CancellationToken ct)
    {
        var text = request.Text is null ? "" : null;
        if (!ClientId.Read(request.ClientId, key).TryGet(out var clientId, out var error) || (text is null && !MessageText.Read(request.Text).TryGet(out text, out error)))
        {
            return error;
        }
        if (await gate.ConversationAsync(caller, ct) is { } limited)
        {
            return limited;
        }
        if (text.Length > 0 && await gate.MessageAsync(caller, ct) is { } tooMany)
        {
            return tooMany;
        }
        return await db.InTransactionAsync<Result<WidgetConversation>>(caller.TenantId, async s =>
        {
            if (await InsertAsync(s, caller, clientId.Value) is not { } id)
            {
                return WidgetDirectory.Unknown;
            }
            if (text.Length > 0)
            {
                var sent = await messages.AcceptAsync(s, (await OwnConversation.LockAsync(s, caller, id))!, text, clientId.Value);
                if (sent.Error is { } failed)
                {
                    return failed;
                }
            }
            return (await own.ViewAsync(s, caller, id))!;
        }, ct);
    }

    // Null: the widget was removed a moment ago.
    private async Task<Guid?> InsertAsync(TenantSession session, Caller caller, string? externalId)
    {
        var now = time.GetUtcNow();
        var id = Ids.New(time);
        var inserted = await session.ExecuteAsync(InsertSql, new
        {
            tenantId = session.TenantId, id, endUserId = caller.Id, widgetId = caller.WidgetId, externalId, now,
        });
        if (inserted == 0)
        {
            return await session.QuerySingleOrDefaultAsync<Guid?>(EarlierSql, new { tenantId = session.TenantId, endUserId = caller.Id, externalId });
        }
        await events.AppendAsync(session, id, new EventDraft(new ConversationStarted("widget", caller.WidgetId), Actor.Of(caller)));
        return id;
    }
}
