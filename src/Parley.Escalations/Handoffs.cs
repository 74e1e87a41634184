using Parley.Conversations.Contracts;
using Parley.Escalations.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Escalations;

/// <summary>Requests for a person, as conversations and the assistant make them.</summary>
internal sealed class Handoffs(HandoffFlow flow, EscalationSettings settings, TimeProvider time) : IHandoffs
{
    /// <inheritdoc/>
    public async Task<Result<HandoffView>> RequestAsync(TenantSession session, HandoffRequest request)
    {
        if (await ConversationStore.LockAsync(session, request.ConversationId) is not { } conversation)
        {
            return HandoffErrors.NoConversation;
        }
        if (!conversation.IsOpen)
        {
            return HandoffErrors.ConversationClosed;
        }
        var live = await HandoffStore.LiveAsync(session, [conversation.Id]);
        var row = live is [var existing]
            ? await RaiseAsync(session, existing, request)
            : await CreateAsync(session, conversation, request);
        return await ViewAsync(session, row);
    }

    /// <inheritdoc/>
    public async Task<Result<bool>> CancelAsync(TenantSession session, Guid conversationId, Actor actor)
    {
        if (await HandoffStore.LiveAsync(session, [conversationId]) is not [var row])
        {
            return HandoffErrors.NothingToCancel;
        }
        if (!row.IsWaiting)
        {
            return HandoffErrors.AcceptedAlready;
        }
        await flow.ApplyAsync(session, row, [new HandoffMove(HandoffTrigger.Cancel, actor, Reason: "cancelled")]);
        return true;
    }

    /// <inheritdoc/>
    public async Task EndAsync(TenantSession session, Guid conversationId, Actor actor, bool? resolved)
    {
        if (await HandoffStore.LiveAsync(session, [conversationId]) is [var row])
        {
            await flow.ApplyAsync(session, row, [new HandoffMove(HandoffTrigger.Close, actor, Reason: resolved switch { true => "resolved", false => "unresolved", null => "ended" })]);
        }
    }

    /// <inheritdoc/>
    public async Task<Result<bool>> AssignAsync(TenantSession session, ConversationState conversation, Guid agentId)
    {
        if (!conversation.IsOpen)
        {
            return HandoffErrors.ConversationClosed;
        }
        if (await HandoffStore.MemberNameAsync(session, agentId) is null)
        {
            return Error.Invalid("agentId", "There is no such member, or the account is disabled.");
        }
        var agent = Actor.Agent(agentId);
        if (await HandoffStore.LiveAsync(session, [conversation.Id]) is not [var live])
        {
            await flow.ApplyAsync(session, await NewAsync(session, conversation, new HandoffRequest(conversation.Id, agent, [EscalationReasons.Takeover])),
                [new HandoffMove(HandoffTrigger.Request, agent), new HandoffMove(HandoffTrigger.Accept, agent, agentId)]);
            return true;
        }
        if (live.At == HandoffState.Accepted)
        {
            return live.AgentId == agentId ? true : HandoffErrors.Taken(await HandoffStore.MemberNameAsync(session, live.AgentId!.Value));
        }
        await flow.ApplyAsync(session, live, [new HandoffMove(HandoffTrigger.Accept, agent, agentId)]);
        return true;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<Guid, HandoffView>> CurrentAsync(TenantSession session, IReadOnlyCollection<Guid> conversationIds) =>
        HandoffReader.LiveAsync(session, conversationIds);

    /// <summary>The row of a new request, not written yet.</summary>
    internal async Task<HandoffRow> NewAsync(TenantSession session, ConversationState conversation, HandoffRequest request)
    {
        var now = time.GetUtcNow();
        var (_, rules) = await settings.ReadAsync(session);
        var messages = await MessageReader.RecentAsync(session, conversation.Id, HandoffSummary.Messages);
        var reasons = Reasons(request, messages, rules);
        return new HandoffRow
        {
            Id = Guid.CreateVersion7(now), ConversationId = conversation.Id, RequestedBy = request.RequestedBy.Kind, CreatedAt = now, UpdatedAt = now, WaitingSince = now,
            Priority = Names.Of(PriorityOf(reasons, rules)), Reasons = reasons, Summary = HandoffSummary.Of(messages, request.Comment),
            Language = request.Language ?? conversation.Locale,
        };
    }

    private async Task<HandoffRow> CreateAsync(TenantSession session, ConversationState conversation, HandoffRequest request)
    {
        var (hours, _) = await settings.ReadAsync(session);
        var open = hours.IsOpen(time.GetUtcNow());
        return await flow.ApplyAsync(session, await NewAsync(session, conversation, request),
        [
            new HandoffMove(HandoffTrigger.Request, request.RequestedBy),
            new HandoffMove(HandoffTrigger.Acknowledge, Actor.System),
            new HandoffMove(open ? HandoffTrigger.Queue : HandoffTrigger.Wait, Actor.System, Reason: open ? "service_hours" : "outside_service_hours"),
        ]);
    }

    // Two requests are one; what the second one adds is kept.
    private async Task<HandoffRow> RaiseAsync(TenantSession session, HandoffRow row, HandoffRequest request)
    {
        var (_, rules) = await settings.ReadAsync(session);
        var reasons = row.Reasons.Union(request.Reasons).ToArray();
        var priority = (HandoffPriority)Math.Max((int)row.Rank, (int)PriorityOf(reasons, rules));
        if (reasons.Length == row.Reasons.Length && priority == row.Rank)
        {
            return row;
        }
        return await flow.ApplyAsync(session, row with { Reasons = reasons, Priority = Names.Of(priority) },
            [new HandoffMove(HandoffTrigger.Raise, request.RequestedBy, Reason: string.Join(' ', request.Reasons))]);
    }

    // The requester's reasons, and the topics that the customer's last words are about: they set the priority.
    private static string[] Reasons(HandoffRequest request, IReadOnlyList<MessageView> messages, EscalationRules rules)
    {
        var words = messages.Where(m => m.AuthorKind == ActorKind.EndUser).TakeLast(2).Select(m => m.PlainText()).Append(request.Comment ?? "");
        var topics = TopicReader.Read(string.Join('\n', words), request.Language, rules);
        return [.. request.Reasons.Union(topics.OwnAccount.Select(EscalationReasons.OwnAccount)).Union(topics.Mentioned.Select(EscalationReasons.Topic))];
    }

    internal static HandoffPriority PriorityOf(IEnumerable<string> reasons, EscalationRules rules) =>
        reasons.Select(reason => reason switch
        {
            EscalationReasons.ExplicitRequest or EscalationReasons.Frustrated => HandoffPriority.High,
            EscalationReasons.DisputedAmount => HandoffPriority.Urgent,
            EscalationReasons.LongConversation => HandoffPriority.Low,
            _ when reason.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot && rules.Topics.TryGetValue(reason[(dot + 1)..], out var topic) => topic.Priority,
            _ => HandoffPriority.Medium,
        }).DefaultIfEmpty(HandoffPriority.Medium).Max();

    private static async Task<HandoffView> ViewAsync(TenantSession session, HandoffRow row) =>
        HandoffReader.View(row, await HandoffStore.PositionsAsync(session, [row]));
}
