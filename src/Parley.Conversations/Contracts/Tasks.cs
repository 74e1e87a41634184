using Parley.Platform;
using Parley.Platform.Data;

namespace Parley.Conversations.Contracts;

/// <summary>States of a task, as stored.</summary>
public static class TaskState
{
    /// <summary>Nobody has begun.</summary>
    public const string Open = "open";

    /// <summary>Somebody is at it.</summary>
    public const string InProgress = "in_progress";

    /// <summary>Done.</summary>
    public const string Done = "done";

    /// <summary>No longer wanted.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Open, InProgress, Done, Cancelled];
}

/// <summary>A task to write down.</summary>
/// <param name="Title">What is to do, 1 to 300 characters.</param>
public sealed record TaskDraft(string Title)
{
    /// <summary>What it is about.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>The member who sees to it; null: nobody yet.</summary>
    public Guid? OwnerId { get; init; }

    /// <summary>When it must be done.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The member who asked for it; null: Parley itself.</summary>
    public Guid? CreatedBy { get; init; }
}

/// <summary>What changes of a task; null: stays.</summary>
public sealed record TaskChange
{
    /// <summary>What is to do.</summary>
    public string? Title { get; init; }

    /// <summary>See <see cref="TaskState"/>.</summary>
    public string? State { get; init; }

    /// <summary>The member who sees to it.</summary>
    public Guid? OwnerId { get; init; }

    /// <summary>When it must be done.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Nobody has it any more, whatever <see cref="OwnerId"/> says.</summary>
    public bool NoOwner { get; init; }

    /// <summary>It has no time any more, whatever <see cref="DueAt"/> says.</summary>
    public bool NoDueAt { get; init; }
}

/// <summary>What people of the tenant have to do about conversations.</summary>
public sealed class Tasks(TimeProvider time)
{
    private const string AddSql = """
        insert into tasks (tenant_id, id, conversation_id, end_user_id, title, owner_id, due_at, created_by, created_at, updated_at)
        values (@tenantId, @id, @ConversationId, (select c.end_user_id from conversations c where c.tenant_id = @tenantId and c.id = @ConversationId), @Title, @OwnerId, @DueAt, @CreatedBy, @now, @now)
        """;

    private const string ChangeSql = """
        update tasks set title = coalesce(@Title, title), state = coalesce(@State, state), owner_id = case when @NoOwner then null else coalesce(@OwnerId, owner_id) end,
                         due_at = case when @NoDueAt then null else coalesce(@DueAt, due_at) end, updated_at = @now
         where tenant_id = @tenantId and id = @id
        """;

    /// <summary>Adds an open task; returns its id.</summary>
    public async Task<Guid> AddAsync(TenantSession session, TaskDraft draft)
    {
        var id = Ids.New(time);
        await session.ExecuteAsync(AddSql, new { tenantId = session.TenantId, id, draft.ConversationId, draft.Title, draft.OwnerId, draft.DueAt, draft.CreatedBy, now = time.GetUtcNow() });
        return id;
    }

    /// <summary>False: there is no such task.</summary>
    public async Task<bool> ChangeAsync(TenantSession session, Guid id, TaskChange change) =>
        await session.ExecuteAsync(ChangeSql, new { tenantId = session.TenantId, id, change.Title, change.State, change.OwnerId, change.DueAt, change.NoOwner, change.NoDueAt, now = time.GetUtcNow() }) > 0;
}
