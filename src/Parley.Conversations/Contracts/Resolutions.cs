using System.Text.Json;
using Parley.Platform;
using Parley.Platform.Data;

namespace Parley.Conversations.Contracts;

/// <summary>How a conversation ended.</summary>
public static class ResolutionClass
{
    /// <summary>The customer said that it is solved.</summary>
    public const string Confirmed = "confirmed";

    /// <summary>A tool showed that it is solved.</summary>
    public const string ToolVerified = "tool_verified";

    /// <summary>The assistant answered and nobody followed up for 24 hours.</summary>
    public const string Silent = "silent";

    /// <summary>A person solved it.</summary>
    public const string ByPerson = "by_person";

    /// <summary>Somebody said that it is not solved.</summary>
    public const string Unresolved = "unresolved";

    /// <summary>The customer left without an answer.</summary>
    public const string Abandoned = "abandoned";

    /// <summary>An earlier entry no longer holds.</summary>
    public const string Reversed = "reversed";
}

/// <summary>A ledger entry to append.</summary>
/// <param name="ConversationId">Where.</param>
/// <param name="Class">See <see cref="ResolutionClass"/>; not <c>reversed</c>.</param>
/// <param name="Actor">Who or what decided.</param>
/// <param name="Evidence">What it rests on: event numbers, turn ids, a rating. Serialised as JSON; never texts.</param>
public sealed record ResolutionDraft(Guid ConversationId, string Class, Actor Actor, object Evidence);

/// <summary>The resolution ledger: append-only. What no longer holds is reversed by a further entry.</summary>
public sealed class Resolutions(TimeProvider time, ConversationEvents events)
{
    /// <summary>A reopening within this time reverses the resolution.</summary>
    public static readonly TimeSpan Reversible = TimeSpan.FromDays(7);

    private const string InsertSql = """
        insert into resolutions (tenant_id, id, conversation_id, class, reverses_id, actor_kind, actor_id, evidence, created_at)
        values (@tenantId, @id, @conversationId, @class, @reversesId, @actorKind, @actorId, @evidence::jsonb, @now)
        """;

    // The class that stands is kept with the conversation, for lists that are narrowed by it. After a reversal an earlier entry may stand again.
    private const string StandsSql = """
        update conversations c
           set resolution = (select r.class from resolutions r
                              where r.tenant_id = c.tenant_id and r.conversation_id = c.id and r.class <> 'reversed'
                                and not exists (select 1 from resolutions x where x.tenant_id = r.tenant_id and x.reverses_id = r.id)
                              order by r.created_at desc, r.id desc limit 1)
         where c.tenant_id = @tenantId and c.id = @conversationId
        """;

    private const string StandingSql = """
        select r.id, r.created_at from resolutions r
         where r.tenant_id = @tenantId and r.conversation_id = @conversationId and r.class <> 'reversed'
           and not exists (select 1 from resolutions x where x.tenant_id = r.tenant_id and x.reverses_id = r.id)
         order by r.created_at desc, r.id desc limit 1
        """;

    /// <summary>Appends an entry and its internal event; returns its id. The caller holds the conversation's row lock.</summary>
    public Task<Guid> AppendAsync(TenantSession session, ResolutionDraft draft)
    {
        if (draft.Class == ResolutionClass.Reversed)
        {
            throw new ArgumentException("Only a reopening reverses an entry.", nameof(draft));
        }
        return InsertAsync(session, draft, reversesId: null);
    }

    /// <summary>Reverses the entry that stands, if it is younger than <see cref="Reversible"/>; returns the reversed entry's id. The caller holds the row lock.</summary>
    public async Task<Guid?> ReverseAsync(TenantSession session, Guid conversationId, Actor actor, object evidence)
    {
        var standing = await session.QuerySingleOrDefaultAsync<Standing>(StandingSql, new { tenantId = session.TenantId, conversationId });
        if (standing is null || time.GetUtcNow() - standing.CreatedAt > Reversible)
        {
            return null;
        }
        await InsertAsync(session, new ResolutionDraft(conversationId, ResolutionClass.Reversed, actor, evidence), standing.Id);
        return standing.Id;
    }

    private async Task<Guid> InsertAsync(TenantSession session, ResolutionDraft draft, Guid? reversesId)
    {
        var now = time.GetUtcNow();
        var id = Ids.New(time);
        await session.ExecuteAsync(InsertSql, new
        {
            tenantId = session.TenantId, id, draft.ConversationId, draft.Class, reversesId, actorKind = draft.Actor.Kind, actorId = draft.Actor.Id,
            evidence = JsonSerializer.Serialize(draft.Evidence, ConversationJson.Options), now,
        });
        await session.ExecuteAsync(StandsSql, new { tenantId = session.TenantId, draft.ConversationId });
        await events.AppendAsync(session, draft.ConversationId, new EventDraft(new ResolutionRecorded(id, draft.Class, reversesId), draft.Actor));
        return id;
    }

    private sealed record Standing
    {
        public Guid Id { get; init; }

        public DateTimeOffset CreatedAt { get; init; }
    }
}
