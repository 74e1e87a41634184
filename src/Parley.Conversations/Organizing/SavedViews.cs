using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Conversations.Search;
using Parley.Identity;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;
using Parley.Platform.Idempotency;

namespace Parley.Conversations.Organizing;

/// <summary>A saved filter of the conversations.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">1 to 60 characters.</param>
/// <param name="Shared">Everybody of the team has it.</param>
/// <param name="Own">Made by who asks.</param>
/// <param name="Default">The list of who asks opens with it.</param>
/// <param name="Filter">What it narrows to.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
internal sealed record ConversationView(Guid Id, string Name, bool Shared, bool Own, bool Default, SearchFilter Filter, DateTimeOffset UpdatedAt);

/// <param name="Name">1 to 60 characters.</param>
/// <param name="Filter">What it narrows to.</param>
/// <param name="Shared">For everybody of the team.</param>
/// <param name="Default">One's own list opens with it.</param>
internal sealed record CreateViewRequest(string? Name, SearchFilter? Filter, bool? Shared, bool? Default);

/// <param name="Name">1 to 60 characters.</param>
/// <param name="Filter">What it narrows to.</param>
/// <param name="Shared">For everybody of the team.</param>
/// <param name="Default">One's own list opens with it, or no longer does.</param>
internal sealed record ChangeViewRequest(string? Name, SearchFilter? Filter, bool? Shared, bool? Default);

/// <summary>Views of one's own and of the team. Who may change conversations may make them and change the team's; who may read them uses the team's and chooses with which their own list opens.</summary>
internal sealed class SavedViews(TenantDb db, AuditLog audit, TimeProvider time)
{
    private const int MaxName = 60;
    private const int MaxViews = 100;

    private static readonly Error NoView = Error.NotFound("view");

    private const string ViewSelect = """
        select v.id, v.name, v.shared, v.owner_id = @me as own, d.view_id is not null as is_default, v.filter::text as filter, v.updated_at
          from conversation_views v
          left join conversation_view_defaults d on d.tenant_id = v.tenant_id and d.view_id = v.id and d.user_id = @me
         where v.tenant_id = @tenantId and (v.shared or v.owner_id = @me)
        """;

    private const string ListSql = ViewSelect + " order by v.shared, lower(v.name), v.id";
    private const string ByIdSql = ViewSelect + " and v.id = @id";
    private const string CountSql = "select count(*)::int from conversation_views where tenant_id = @tenantId and owner_id = @me";
    private const string KnownSql = """
        select (select count(*) from tags where tenant_id = @tenantId and id = any (@tags)) = cardinality(@tags) as tags,
               @agentId::uuid is null or exists (select 1 from v_members where tenant_id = @tenantId and user_id = @agentId) as agent
        """;

    private const string InsertSql = """
        insert into conversation_views (tenant_id, id, name, owner_id, shared, filter, created_at, updated_at) values (@tenantId, @id, @name, @me, @shared, @filter::jsonb, @now, @now)
        """;

    private const string ChangeSql = """
        update conversation_views set name = coalesce(@name, name), shared = coalesce(@shared, shared), filter = coalesce(@filter::jsonb, filter), updated_at = @now
         where tenant_id = @tenantId and id = @id
        """;

    private const string DeleteSql = "delete from conversation_views where tenant_id = @tenantId and id = @id";

    // A view that is no longer shared is nobody else's default.
    private const string OnlyOwnersSql = """
        delete from conversation_view_defaults d using conversation_views v
         where d.tenant_id = @tenantId and d.view_id = @id and v.tenant_id = d.tenant_id and v.id = d.view_id and not v.shared and d.user_id <> v.owner_id
        """;

    private const string SetDefaultSql = """
        insert into conversation_view_defaults (tenant_id, user_id, view_id) values (@tenantId, @me, @id) on conflict (tenant_id, user_id) do update set view_id = excluded.view_id
        """;

    private const string EndDefaultSql = "delete from conversation_view_defaults where tenant_id = @tenantId and user_id = @me and view_id = @id";

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/views", async (Caller caller, SavedViews handler, CancellationToken ct) => TypedResults.Ok(await handler.ListAsync(caller, ct)))
            .WithName("ListConversationViews").RequirePermission(Permission.ConversationsRead);
        group.MapPost("/views", async (CreateViewRequest request, Caller caller, SavedViews handler, CancellationToken ct) =>
                (await handler.CreateAsync(caller, request, ct)).ToCreated(view => $"/v1/conversations/views/{view.Id}"))
            .WithName("CreateConversationView").RequirePermission(Permission.ConversationsWrite).WithIdempotency();
        group.MapPatch("/views/{id}", async (Guid id, ChangeViewRequest request, Caller caller, SavedViews handler, CancellationToken ct) => (await handler.ChangeAsync(caller, id, request, ct)).ToHttp())
            .WithName("ChangeConversationView").RequirePermission(Permission.ConversationsWrite);
        group.MapDelete("/views/{id}", async (Guid id, Caller caller, SavedViews handler, CancellationToken ct) => (await handler.DeleteAsync(caller, id, ct)).ToNoContent())
            .WithName("DeleteConversationView").RequirePermission(Permission.ConversationsWrite);
        group.MapPut("/views/{id}/default", async (Guid id, Caller caller, SavedViews handler, CancellationToken ct) => (await handler.SetDefaultAsync(caller, id, true, ct)).ToNoContent())
            .WithName("SetDefaultConversationView").RequirePermission(Permission.ConversationsRead);
        group.MapDelete("/views/{id}/default", async (Guid id, Caller caller, SavedViews handler, CancellationToken ct) => (await handler.SetDefaultAsync(caller, id, false, ct)).ToNoContent())
            .WithName("EndDefaultConversationView").RequirePermission(Permission.ConversationsRead);
    }

    private async Task<Page<ConversationView>> ListAsync(Caller caller, CancellationToken ct) =>
        new([.. (await db.InTransactionAsync(caller.TenantId, s => s.QueryAsync<Row>(ListSql, new { tenantId = s.TenantId, me = caller.Id }), ct)).Select(r => r.ToView())], null);

    private async Task<Result<ConversationView>> CreateAsync(Caller caller, CreateViewRequest request, CancellationToken ct)
    {
        if (!ReadName(request.Name).TryGet(out var name, out var error))
        {
            return error;
        }
        if (request.Filter is null)
        {
            return Error.Invalid("filter", "'filter' must say what the view narrows to.");
        }
        return await db.InTransactionAsync<Result<ConversationView>>(caller.TenantId, async s =>
        {
            if (await ProblemAsync(s, request.Filter) is { } wrong)
            {
                return wrong;
            }
            if (await s.QuerySingleAsync<int>(CountSql, new { tenantId = s.TenantId, me = caller.Id }) >= MaxViews)
            {
                return Error.Conflict("view.too_many", $"You have {MaxViews} views already. Delete some that you do not use.");
            }
            var id = Ids.New(time);
            await s.ExecuteAsync(InsertSql, new { tenantId = s.TenantId, id, name, me = caller.Id, shared = request.Shared ?? false, filter = Json(request.Filter), now = time.GetUtcNow() });
            await audit.WriteAsync(s, caller, "view.created", "view", id.ToString(), new { shared = request.Shared ?? false });
            return await DefaultAsync(s, caller, id, request.Default);
        }, ct);
    }

    private async Task<Result<ConversationView>> ChangeAsync(Caller caller, Guid id, ChangeViewRequest request, CancellationToken ct)
    {
        string? name = null;
        if (request.Name is not null && !ReadName(request.Name).TryGet(out name, out var error))
        {
            return error;
        }
        return await db.InTransactionAsync<Result<ConversationView>>(caller.TenantId, async s =>
        {
            if (await FindAsync(s, caller, id) is not { } row)
            {
                return NoView;
            }
            if (request.Filter is { } filter && await ProblemAsync(s, filter) is { } wrong)
            {
                return wrong;
            }
            if (request.Name is not null || request.Filter is not null || request.Shared is not null)
            {
                await s.ExecuteAsync(ChangeSql, new { tenantId = s.TenantId, id, name, shared = request.Shared, filter = request.Filter is { } f ? Json(f) : null, now = time.GetUtcNow() });
                await s.ExecuteAsync(OnlyOwnersSql, new { tenantId = s.TenantId, id });
                await audit.WriteAsync(s, caller, "view.changed", "view", id.ToString(), new { request.Shared });
            }
            // Whoever takes another's view from the team has it no longer themselves.
            return await FindAsync(s, caller, id) is null ? row.ToView() with { Shared = false, Default = false } : await DefaultAsync(s, caller, id, request.Default);
        }, ct);
    }

    private Task<Result<bool>> DeleteAsync(Caller caller, Guid id, CancellationToken ct) => db.InTransactionAsync<Result<bool>>(caller.TenantId, async s =>
    {
        if (await FindAsync(s, caller, id) is not { } row)
        {
            return NoView;
        }
        await s.ExecuteAsync(DeleteSql, new { tenantId = s.TenantId, id });
        await audit.WriteAsync(s, caller, "view.deleted", "view", id.ToString(), new { row.Shared });
        return true;
    }, ct);

    private Task<Result<bool>> SetDefaultAsync(Caller caller, Guid id, bool isDefault, CancellationToken ct) => db.InTransactionAsync<Result<bool>>(caller.TenantId, async s =>
    {
        if (await FindAsync(s, caller, id) is null)
        {
            return NoView;
        }
        await DefaultAsync(s, caller, id, isDefault);
        return true;
    }, ct);

    private static Task<Row?> FindAsync(TenantSession s, Caller caller, Guid id) => s.QuerySingleOrDefaultAsync<Row>(ByIdSql, new { tenantId = s.TenantId, me = caller.Id, id });

    private static async Task<ConversationView> DefaultAsync(TenantSession s, Caller caller, Guid id, bool? isDefault)
    {
        if (isDefault is { } set)
        {
            await s.ExecuteAsync(set ? SetDefaultSql : EndDefaultSql, new { tenantId = s.TenantId, me = caller.Id, id });
        }
        return (await FindAsync(s, caller, id))!.ToView();
    }

    /// <summary>A view is used for as long as it is there: it is saved only when it can be.</summary>
    private static async Task<Error?> ProblemAsync(TenantSession s, SearchFilter filter)
    {
        var problem = filter.Problem() ?? (filter.Q is { Length: > 200 } || filter.Q?.Contains('\0', StringComparison.Ordinal) == true ? Error.Invalid("q", "'q' must be text of at most 200 characters.") : null);
        if (problem is not null)
        {
            return Error.Invalid(problem.Fields.ToDictionary(f => "filter." + f.Key, f => f.Value));
        }
        var known = await s.QuerySingleAsync<Known>(KnownSql, new { tenantId = s.TenantId, tags = (filter.TagId ?? []).Distinct().ToArray(), filter.AgentId });
        return !known.Tags ? Error.Invalid("filter.tagId", "There is no such tag.") : !known.Agent ? Error.Invalid("filter.agentId", "There is no such member.") : null;
    }

    private static Result<string> ReadName(string? name) => MessageText.Read(name, "name", MaxName).TryGet(out var text, out var error)
        ? text.Contains('\n', StringComparison.Ordinal) ? Error.Invalid("name", "'name' must be on one line.") : text
        : error;

    private static string Json(SearchFilter filter) => JsonSerializer.Serialize(filter, ConversationJson.Options);

    private sealed record Known
    {
        public bool Tags { get; init; }

        public bool Agent { get; init; }
    }

    private sealed record Row
    {
        public Guid Id { get; init; }

        public string Name { get; init; } = "";

        public bool Shared { get; init; }

        public bool Own { get; init; }

        public bool IsDefault { get; init; }

        public string Filter { get; init; } = "{}";

        public DateTimeOffset UpdatedAt { get; init; }

        internal ConversationView ToView() => new(Id, Name, Shared, Own, IsDefault, JsonSerializer.Deserialize<SearchFilter>(Filter, ConversationJson.Options)!, UpdatedAt);
    }
}
