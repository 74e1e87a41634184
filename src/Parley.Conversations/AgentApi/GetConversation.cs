using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Conversations.Summaries;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Conversations.AgentApi;

/// <summary>A conversation with what its ledger says.</summary>
internal sealed record ConversationDetail : ConversationSummary
{
    [SetsRequiredMembers]
    internal ConversationDetail(ConversationSummary summary)
        : base(summary)
    {
    }

    public required long LastSeq { get; init; }

    public required string? RatingComment { get; init; }

    public required IReadOnlyList<ResolutionView> Resolutions { get; init; } = [];

    /// <summary>What a model wrote about it after it ended; null: none was written.</summary>
    public required WrittenSummary? Summary { get; init; }
}

internal sealed record ResolutionView
{
    public required Guid Id { get; init; }

    public required string Class { get; init; }

    public required Guid? ReversesId { get; init; }

    public required string ActorKind { get; init; }

    public required Guid? ActorId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>One conversation and its messages, notes included.</summary>
internal sealed class GetConversation(TenantDb db, ConversationSummaries summaries, ReadAudit audit)
{
    private const string ExtraSql = "select last_seq, rating_comment from conversations where tenant_id = @tenantId and id = @id";

    private const string ResolutionsSql = """
        select id, class, reverses_id, actor_kind, actor_id, created_at from resolutions
         where tenant_id = @tenantId and conversation_id = @id order by created_at, id
        """;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/{id}", async (Guid id, Caller caller, GetConversation handler, CancellationToken ct) => (await handler.HandleAsync(caller, id, ct)).ToHttp())
            .WithName("GetConversation").RequirePermission(Permission.ConversationsRead);
        group.MapGet("/{id}/messages", async (Guid id, long? after, int? limit, Caller caller, GetConversation handler, CancellationToken ct) =>
            (await handler.MessagesAsync(caller, id, after, limit, ct)).ToHttp())
            .WithName("ListMessages").RequirePermission(Permission.ConversationsRead);
    }

    private Task<Result<ConversationDetail>> HandleAsync(Caller caller, Guid id, CancellationToken ct) =>
        db.InTransactionAsync<Result<ConversationDetail>>(caller.TenantId, async s =>
        {
            if (await DetailAsync(s, summaries, id) is not { } detail)
            {
                return ConversationErrors.NotFound;
            }
            await audit.WriteAsync(s, caller, "conversation.read", "conversation", id.ToString());
            return detail;
        }, ct);

    private async Task<Result<Page<MessageView>>> MessagesAsync(Caller caller, Guid id, long? after, int? limit, CancellationToken ct)
    {
        if (MessageRange.Check(after, limit) is { } error)
        {
            return error;
        }
        var fetch = (limit ?? PageQuery.MaxLimit) + 1;
        return await db.InTransactionAsync<Result<Page<MessageView>>>(caller.TenantId, async s =>
        {
            if (await ConversationStore.ReadAsync(s, id) is null)
            {
                return ConversationErrors.NotFound;
            }
            await audit.WriteAsync(s, caller, "conversation.read", "conversation", id.ToString());
            return MessageRange.Page(await MessageReader.AfterAsync(s, id, after ?? 0, notes: true, fetch), fetch - 1);
        }, ct);
    }

    internal static async Task<ConversationDetail?> DetailAsync(TenantSession session, ConversationSummaries summaries, Guid id)
    {
        if (await summaries.ByIdAsync(session, [id]) is not [var summary])
        {
            return null;
        }
        var extra = await session.QuerySingleAsync<Extra>(ExtraSql, new { tenantId = session.TenantId, id });
        return new ConversationDetail(summary)
        {
            LastSeq = extra.LastSeq, RatingComment = extra.RatingComment,
            Resolutions = await session.QueryAsync<ResolutionView>(ResolutionsSql, new { tenantId = session.TenantId, id }), Summary = await WrittenSummaries.ReadAsync(session, id),
        };
    }

    private sealed record Extra
    {
        public long LastSeq { get; init; }

        public string? RatingComment { get; init; }
    }
}
