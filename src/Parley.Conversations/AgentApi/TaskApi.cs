using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;
using Parley.Platform.Idempotency;

namespace Parley.Conversations.AgentApi;

/// <summary>A task as people see it.</summary>
internal sealed record TaskItem
{
    public Guid Id { get; init; }
    public string Title { get; init; } = "";
    public string State { get; init; } = "";
    public Guid? OwnerId { get; init; }
    public string? OwnerName { get; init; }
    public DateTimeOffset? DueAt { get; init; }
    public Guid? ConversationId { get; init; }
    public string? ConversationSubject { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <param name="Title">What is to do.</param>
/// <param name="ConversationId">What it is about.</param>
/// <param name="OwnerId">The member who sees to it.</param>
/// <param name="DueAt">When it must be done.</param>
internal sealed record AddTaskRequest(string? Title, Guid? ConversationId, Guid? OwnerId, DateTimeOffset? DueAt);

/// <param name="Title">What is to do.</param>
/// <param name="State">open, in_progress, done or cancelled.</param>
/// <param name="OwnerId">The member who sees to it.</param>
/// <param name="DueAt">When it must be done.</param>
/// <param name="NoOwner">True: nobody has it any more.</param>
/// <param name="NoDueAt">True: it has no time any more.</param>
internal sealed record ChangeTaskRequest(string? Title, string? State, Guid? OwnerId, DateTimeOffset? DueAt, bool? NoOwner, bool? NoDueAt);

/// <summary>Which tasks, in which order.</summary>
internal sealed record TaskQuery
{
    /// <summary>One state, or several with commas between: <c>open,in_progress</c>.</summary>
    public string? State { get; init; }

    /// <summary>Only the tasks of this member.</summary>
    public Guid? OwnerId { get; init; }

    /// <summary>Only the tasks about this conversation.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>True: only what is not done and should be by now.</summary>
    public bool? Overdue { get; init; }

    /// <summary><c>due</c>: what is due first comes first, what has no time last. Otherwise the newest first.</summary>
    public string? Order { get; init; }

    internal string[]? States => State?.Split(',', StringSplitOptions.TrimEntries);
}

/// <summary>Tasks of the tenant's people: what they noted for themselves, and what a request for a person left where nobody came.</summary>
internal sealed class TaskApi(TenantDb db, Tasks tasks, AuditLog audit, TimeProvider time)
{
    private const int MaxTitle = 300;

    /// <summary>Where a task without a time stands in the order by time: behind all others.</summary>
    private static readonly DateTimeOffset Never = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const string TaskSelect = """
        select t.id, t.title, t.state, t.owner_id, m.name as owner_name, t.due_at, t.conversation_id, c.subject as conversation_subject, t.created_at, t.updated_at
          from tasks t
          left join v_members m on m.tenant_id = t.tenant_id and m.user_id = t.owner_id
          left join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
        """;

    private const string Filter = """

         where t.tenant_id = @tenantId and (@states::text[] is null or t.state = any (@states)) and (@ownerId::uuid is null or t.owner_id = @ownerId)
           and (@conversationId::uuid is null or t.conversation_id = @conversationId)
           and (not @overdue::boolean or (t.due_at < @now::timestamptz and t.state in ('open', 'in_progress')))
        """;

    private const string PageSql = TaskSelect + Filter + """

           and (@at::timestamptz is null or (t.created_at, t.id) < (@at, @id::uuid))
         order by t.created_at desc, t.id desc limit @take
        """;

    private const string ByDueSql = TaskSelect + Filter + """

           and (@at::timestamptz is null or (coalesce(t.due_at, timestamptz '9999-01-01 00:00:00+00'), t.id) > (@at, @id::uuid))
         order by coalesce(t.due_at, timestamptz '9999-01-01 00:00:00+00'), t.id limit @take
        """;

    private const string ByIdSql = TaskSelect + " where t.tenant_id = @tenantId and t.id = @id";
    private const string MemberSql = "select exists (select 1 from v_members where tenant_id = @tenantId and user_id = @id and not disabled)";
    private const string ConversationSql = "select exists (select 1 from conversations where tenant_id = @tenantId and id = @id)";

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", async ([AsParameters] TaskQuery query, [AsParameters] PageQuery page, Caller caller, TaskApi handler, CancellationToken ct) =>
                (await handler.ListAsync(caller, query, page, ct)).ToHttp())
            .WithName("ListTasks").RequirePermission(Permission.ConversationsRead);
        group.MapPost("", async (AddTaskRequest request, Caller caller, TaskApi handler, CancellationToken ct) =>
                (await handler.AddAsync(caller, request, ct)).ToCreated(task => $"/v1/tasks/{task.Id}"))
            .WithName("AddTask").RequirePermission(Permission.ConversationsWrite).WithIdempotency();
        group.MapPatch("/{id}", async (Guid id, ChangeTaskRequest request, Caller caller, TaskApi handler, CancellationToken ct) =>
                (await handler.ChangeAsync(caller, id, request, ct)).ToHttp())
            .WithName("ChangeTask").RequirePermission(Permission.ConversationsWrite);
    }

    private async Task<Result<Page<TaskItem>>> ListAsync(Caller caller, TaskQuery query, PageQuery page, CancellationToken ct)
    {
        if (query.States is { } states && !states.All(TaskState.All.Contains))
        {
            return WrongState();
        }
        if (query.Order is not (null or "due" or "newest"))
        {
            return Error.Invalid("order", "'order' must be due or newest.");
        }
        if (!page.Read().TryGet(out var part, out var error))
        {
            return error;
        }
        var byDue = query.Order == "due";
        var rows = await db.InTransactionAsync(caller.TenantId, s => s.QueryAsync<TaskItem>(byDue ? ByDueSql : PageSql, new
        {
            tenantId = s.TenantId, states = query.States, query.OwnerId, query.ConversationId, overdue = query.Overdue ?? false, now = time.GetUtcNow(),
            at = part.After?.At, id = part.After?.Id, take = part.Limit + 1,
        }), ct);
        return PageCursor.PageOf(rows, part.Limit, task => new PageCursor(byDue ? task.DueAt ?? Never : task.CreatedAt, task.Id));
    }

    private Task<Result<TaskItem>> AddAsync(Caller caller, AddTaskRequest request, CancellationToken ct) => db.InTransactionAsync<Result<TaskItem>>(caller.TenantId, async s =>
    {
        if (string.IsNullOrWhiteSpace(request.Title) || request.Title.Length > MaxTitle)
        {
            return WrongTitle();
        }
        if (await WrongOwnerAsync(s, request.OwnerId) is { } owner)
        {
            return owner;
        }
        if (request.ConversationId is { } about && !await s.QuerySingleAsync<bool>(ConversationSql, new { tenantId = s.TenantId, id = about }))
        {
            return Error.NotFound("conversation");
        }
        var id = await tasks.AddAsync(s, new TaskDraft(request.Title.Trim())
        {
            ConversationId = request.ConversationId, OwnerId = request.OwnerId, DueAt = request.DueAt, CreatedBy = caller.Kind == CallerKind.User ? caller.Id : null,
        });
        await audit.WriteAsync(s, caller, "task.added", "task", id.ToString(), new { conversationId = request.ConversationId, ownerId = request.OwnerId });
        return await s.QuerySingleAsync<TaskItem>(ByIdSql, new { tenantId = s.TenantId, id });
    }, ct);

    private Task<Result<TaskItem>> ChangeAsync(Caller caller, Guid id, ChangeTaskRequest request, CancellationToken ct) => db.InTransactionAsync<Result<TaskItem>>(caller.TenantId, async s =>
    {
        if (request.Title is not null && (string.IsNullOrWhiteSpace(request.Title) || request.Title.Length > MaxTitle))
        {
            return WrongTitle();
        }
        if (request.State is not null && !TaskState.All.Contains(request.State))
        {
            return WrongState();
        }
        if (await WrongOwnerAsync(s, request.OwnerId) is { } owner)
        {
            return owner;
        }
        if (!await tasks.ChangeAsync(s, id, new TaskChange
        {
            Title = request.Title?.Trim(), State = request.State, OwnerId = request.OwnerId, DueAt = request.DueAt, NoOwner = request.NoOwner ?? false, NoDueAt = request.NoDueAt ?? false,
        }))
        {
            return Error.NotFound("task");
        }
        await audit.WriteAsync(s, caller, "task.changed", "task", id.ToString(), new { request.State, request.OwnerId, request.DueAt, request.NoOwner, request.NoDueAt });
        return await s.QuerySingleAsync<TaskItem>(ByIdSql, new { tenantId = s.TenantId, id });
    }, ct);

    private static async Task<Error?> WrongOwnerAsync(TenantSession s, Guid? owner) =>
        owner is { } id && !await s.QuerySingleAsync<bool>(MemberSql, new { tenantId = s.TenantId, id }) ? Error.Invalid("ownerId", "There is no such member, or the account is disabled.") : null;

    private static Error WrongTitle() => Error.Invalid("title", $"'title' must be text of 1 to {MaxTitle} characters.");

    private static Error WrongState() => Error.Invalid("state", $"'state' must be one of {string.Join(", ", TaskState.All)}.");
}
