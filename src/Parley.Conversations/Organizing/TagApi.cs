using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;
using Parley.Platform.Idempotency;

namespace Parley.Conversations.Organizing;

/// <summary>A tag with how often it is used.</summary>
internal sealed record TagItem
{
    public Guid Id { get; init; }
    public string Name { get; init; } = "";
    public string Color { get; init; } = "";

    /// <summary>Conversations that have it.</summary>
    public long Conversations { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <param name="Name">1 to 40 characters; no two differ in case only.</param>
/// <param name="Color">gray, red, orange, yellow, green, teal, blue, violet or pink; gray where none is given.</param>
internal sealed record CreateTagRequest(string? Name, string? Color);

/// <param name="Name">1 to 40 characters.</param>
/// <param name="Color">gray, red, orange, yellow, green, teal, blue, violet or pink.</param>
internal sealed record ChangeTagRequest(string? Name, string? Color);

/// <summary>The tenant's tags, and which conversation has which.</summary>
internal sealed class TagApi(TenantDb db, AuditLog audit, TimeProvider time)
{
    private const int MaxName = 40;

    /// <summary>More than these nobody finds one's way in.</summary>
    private const int MaxTags = 500;

    private static readonly string[] Colors = ["gray", "red", "orange", "yellow", "green", "teal", "blue", "violet", "pink"];
    private static readonly Error NoTag = Error.NotFound("tag");

    private const string TagSelect = """
        select g.id, g.name, g.color, g.created_at,
               (select count(*) from conversation_tags t where t.tenant_id = g.tenant_id and t.tag_id = g.id) as conversations
          from tags g where g.tenant_id = @tenantId
        """;

    private const string ListSql = TagSelect + " order by lower(g.name), g.id";
    private const string ByIdSql = TagSelect + " and g.id = @id";
    private const string CountSql = "select count(*)::int from tags where tenant_id = @tenantId";
    private const string InsertSql = "insert into tags (tenant_id, id, name, color, created_by, created_at) values (@tenantId, @id, @name, @color, @createdBy, @now) on conflict do nothing";
    private const string TakenSql = "select exists (select 1 from tags where tenant_id = @tenantId and lower(name) = lower(@name) and id <> @id)";
    private const string ChangeSql = "update tags set name = coalesce(@name, name), color = coalesce(@color, color) where tenant_id = @tenantId and id = @id";
    private const string DeleteSql = "delete from tags where tenant_id = @tenantId and id = @id";

    internal static void Map(RouteGroupBuilder tags, RouteGroupBuilder conversations)
    {
        tags.MapGet("", async (Caller caller, TagApi handler, CancellationToken ct) => TypedResults.Ok(await handler.ListAsync(caller, ct)))
            .WithName("ListTags").RequirePermission(Permission.ConversationsRead);
        tags.MapPost("", async (CreateTagRequest request, Caller caller, TagApi handler, CancellationToken ct) =>
                (await handler.CreateAsync(caller, request, ct)).ToCreated(tag => $"/v1/tags/{tag.Id}"))
            .WithName("CreateTag").RequirePermission(Permission.ConversationsWrite).WithIdempotency();
        tags.MapPatch("/{id}", async (Guid id, ChangeTagRequest request, Caller caller, TagApi handler, CancellationToken ct) => (await handler.ChangeAsync(caller, id, request, ct)).ToHttp())
            .WithName("ChangeTag").RequirePermission(Permission.ConversationsWrite);
        tags.MapDelete("/{id}", async (Guid id, Caller caller, TagApi handler, CancellationToken ct) => (await handler.DeleteAsync(caller, id, ct)).ToNoContent())
            .WithName("DeleteTag").RequirePermission(Permission.ConversationsWrite);
        conversations.MapPut("/{id}/tags/{tagId}", async (Guid id, Guid tagId, Caller caller, TagApi handler, CancellationToken ct) => (await handler.AssignAsync(caller, id, tagId, ct)).ToNoContent())
            .WithName("TagConversation").RequirePermission(Permission.ConversationsWrite);
        conversations.MapDelete("/{id}/tags/{tagId}", async (Guid id, Guid tagId, Caller caller, TagApi handler, CancellationToken ct) => (await handler.UnassignAsync(caller, id, tagId, ct)).ToNoContent())
            .WithName("UntagConversation").RequirePermission(Permission.ConversationsWrite);
    }

    private async Task<Page<TagItem>> ListAsync(Caller caller, CancellationToken ct) =>
        new(await db.InTransactionAsync(caller.TenantId, s => s.QueryAsync<TagItem>(ListSql, new { tenantId = s.TenantId }), ct), null);

    private async Task<Result<TagItem>> CreateAsync(Caller caller, CreateTagRequest request, CancellationToken ct)
    {
        if (!ReadName(request.Name).TryGet(out var name, out var error))
        {
            return error;
        }
        var color = request.Color ?? Colors[0];
        return Colors.Contains(color) ? await db.InTransactionAsync<Result<TagItem>>(caller.TenantId, async s =>
        {
            if (await s.QuerySingleAsync<int>(CountSql, new { tenantId = s.TenantId }) >= MaxTags)
            {
                return Error.Conflict("tag.too_many", $"There are {MaxTags} tags already. Delete some that are not used.");
            }
            var id = Ids.New(time);
            if (await s.ExecuteAsync(InsertSql, new { tenantId = s.TenantId, id, name, color, createdBy = caller.Id, now = time.GetUtcNow() }) == 0)
            {
                return Taken();
            }
            await audit.WriteAsync(s, caller, "tag.created", "tag", id.ToString(), new { name, color });
            return await s.QuerySingleAsync<TagItem>(ByIdSql, new { tenantId = s.TenantId, id });
        }, ct) : WrongColor();
    }

    private async Task<Result<TagItem>> ChangeAsync(Caller caller, Guid id, ChangeTagRequest request, CancellationToken ct)
    {
        string? name = null;
        if (request.Name is not null && !ReadName(request.Name).TryGet(out name, out var error))
        {
            return error;
        }
        return request.Color is null || Colors.Contains(request.Color) ? await db.InTransactionAsync<Result<TagItem>>(caller.TenantId, async s =>
        {
            if (name is not null && await s.QuerySingleAsync<bool>(TakenSql, new { tenantId = s.TenantId, id, name }))
            {
                return Taken();
            }
            if (await s.ExecuteAsync(ChangeSql, new { tenantId = s.TenantId, id, name, color = request.Color }) == 0)
            {
                return NoTag;
            }
            await audit.WriteAsync(s, caller, "tag.changed", "tag", id.ToString(), new { name, request.Color });
            return await s.QuerySingleAsync<TagItem>(ByIdSql, new { tenantId = s.TenantId, id });
        }, ct) : WrongColor();
    }

    private Task<Result<bool>> DeleteAsync(Caller caller, Guid id, CancellationToken ct) => db.InTransactionAsync<Result<bool>>(caller.TenantId, async s =>
    {
        if (await s.QuerySingleOrDefaultAsync<TagItem>(ByIdSql, new { tenantId = s.TenantId, id }) is not { } tag)
        {
            return NoTag;
        }
        await s.ExecuteAsync(DeleteSql, new { tenantId = s.TenantId, id });
        await audit.WriteAsync(s, caller, "tag.deleted", "tag", id.ToString(), new { tag.Name, tag.Conversations });
        return true;
    }, ct);

    private Task<Result<bool>> AssignAsync(Caller caller, Guid id, Guid tagId, CancellationToken ct) =>
        db.InTransactionAsync(caller.TenantId, s => Tagging.SetAsync(s, audit, time, caller, id, tagId, has: true), ct);

    private Task<Result<bool>> UnassignAsync(Caller caller, Guid id, Guid tagId, CancellationToken ct) =>
        db.InTransactionAsync(caller.TenantId, s => Tagging.SetAsync(s, audit, time, caller, id, tagId, has: false), ct);

    private static Result<string> ReadName(string? name) => MessageText.Read(name, "name", MaxName).TryGet(out var text, out var error)
        ? text.Contains('\n', StringComparison.Ordinal) ? Error.Invalid("name", "'name' must be on one line.") : text
        : error;

    private static Error Taken() => Error.Invalid("name", "There is a tag of this name already.");

    private static Error WrongColor() => Error.Invalid("color", $"'color' must be one of {string.Join(", ", Colors)}.");
}

/// <summary>Gives a tag to a conversation or takes it away, whoever asks for it.</summary>
internal static class Tagging
{
    private const string KnownSql = """
        select exists (select 1 from conversations where tenant_id = @tenantId and id = @id) as conversation, exists (select 1 from tags where tenant_id = @tenantId and id = @tagId) as tag
        """;

    private const string AddSql = """
        insert into conversation_tags (tenant_id, conversation_id, tag_id, added_by, added_at) values (@tenantId, @id, @tagId, @by, @now) on conflict do nothing
        """;

    private const string RemoveSql = "delete from conversation_tags where tenant_id = @tenantId and conversation_id = @id and tag_id = @tagId";

    /// <summary>Twice is as once, and is written down once.</summary>
    internal static async Task<Result<bool>> SetAsync(TenantSession s, AuditLog audit, TimeProvider time, Caller caller, Guid id, Guid tagId, bool has)
    {
        var known = await s.QuerySingleAsync<Known>(KnownSql, new { tenantId = s.TenantId, id, tagId });
        if (!known.Conversation || !known.Tag)
        {
            return known.Conversation ? Error.NotFound("tag") : ConversationErrors.NotFound;
        }
        var changed = await s.ExecuteAsync(has ? AddSql : RemoveSql, new { tenantId = s.TenantId, id, tagId, by = caller.Id, now = time.GetUtcNow() });
        if (changed > 0)
        {
            await audit.WriteAsync(s, caller, has ? "conversation.tagged" : "conversation.untagged", "conversation", id.ToString(), new { tagId });
        }
        return true;
    }

    private sealed record Known
    {
        public bool Conversation { get; init; }

        public bool Tag { get; init; }
    }
}
