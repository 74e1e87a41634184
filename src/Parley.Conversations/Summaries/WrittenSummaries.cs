using Parley.Conversations.Contracts;
using Parley.Inference.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Feed;

namespace Parley.Conversations.Summaries;

/// <summary>What a model wrote about a conversation that ended; customers never see it.</summary>
internal sealed record WrittenSummary
{
    public required string Text { get; init; }

    /// <summary>Which model wrote it.</summary>
    public required string Model { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset WrittenAt { get; init; }

    /// <summary>The last message that it knows.</summary>
    public required long ThroughSeq { get; init; }
}

/// <summary>Asks for a summary of each conversation that ends, by the batch lane, where the tenant has chosen a model for it; keeps what comes.</summary>
internal sealed class WrittenSummaries(BatchWork batch, TimeProvider time)
{
    internal const string AskSql = """
        insert into conversation_summaries (tenant_id, id, conversation_id, through_seq, asked_at) values (@tenantId, @id, @conversationId, @seq, @now)
        """;

    internal const string ReadSql = """
        select text, model, written_at, through_seq from conversation_summaries
         where tenant_id = @tenantId and conversation_id = @id and text is not null order by through_seq desc, written_at desc limit 1
        """;

    /// <summary>In the transaction that ends it. The caller holds the conversation's row lock.</summary>
    internal async Task AskAsync(TenantSession session, ConversationState conversation)
    {
        if (!await BatchWork.IsChosenAsync(session, ModelFeature.Summarise))
        {
            return;
        }
        var messages = await MessageReader.RecentAsync(session, conversation.Id, SummaryPrompt.Most);
        if (SummaryPrompt.Of(messages) is not { } prompt)
        {
            return;
        }
        // Not on the customer's account: it is the tenant that wants it.
        var who = new Spender { TenantId = session.TenantId, Feature = ModelFeature.Summarise, AssistantId = conversation.AssistantId, ConversationId = conversation.Id };
        var id = await batch.AddAsync(session, new BatchRequest(who, SummaryHandler.Name, conversation.Id, prompt, SummaryPrompt.Options));
        await session.ExecuteAsync(AskSql, new { tenantId = session.TenantId, id, conversationId = conversation.Id, seq = messages[^1].Seq, now = time.GetUtcNow() });
    }

    /// <summary>Null: none was written.</summary>
    internal static Task<WrittenSummary?> ReadAsync(TenantSession session, Guid conversationId) => session.QuerySingleOrDefaultAsync<WrittenSummary>(ReadSql, new { tenantId = session.TenantId, id = conversationId });
}

/// <summary>Keeps what was written in the place of what was written before.</summary>
internal sealed class SummaryHandler(TimeProvider time, FeedHub feed) : IBatchHandler
{
    internal const string Name = "conversations.summary";

    internal const string WriteSql = """
        with written as (
          update conversation_summaries set text = @text, provider = @provider, model = @model, written_at = @now where tenant_id = @tenantId and id = @id returning conversation_id, through_seq)
        delete from conversation_summaries s using written w where s.tenant_id = @tenantId and s.conversation_id = w.conversation_id and s.through_seq <= w.through_seq and s.id <> @id and s.text is not null
        """;

    internal const string DropSql = "delete from conversation_summaries where tenant_id = @tenantId and id = @id";

    private const int MostCharacters = 2_000;

    public Task HandleAsync(TenantSession session, BatchOutcome outcome)
    {
        var text = ConversationSummaries.Shorten(outcome.Text?.Replace("\0", "", StringComparison.Ordinal).Trim() ?? "", MostCharacters);
        // It comes long after the conversation's last event: who has it open sees it now.
        session.OnCommitted(() => feed.PublishChange(session.TenantId, "conversations", outcome.SubjectId));
        return text.Length == 0
            ? session.ExecuteAsync(DropSql, new { tenantId = session.TenantId, outcome.Id })
            : session.ExecuteAsync(WriteSql, new { tenantId = session.TenantId, outcome.Id, text, outcome.Provider, outcome.Model, now = time.GetUtcNow() });
    }
}
