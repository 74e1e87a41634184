using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Parley.Identity;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Idempotency;

namespace Parley.Knowledge.Articles;

/// <summary>A shelf of articles.</summary>
internal sealed record CollectionView
{
    public Guid Id { get; init; }
    public string Name { get; init; } = "";
    public string Description { get; init; } = "";
    public int Position { get; init; }
    public int Articles { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <param name="Name">1 to 200 characters, unique.</param>
/// <param name="Description">At most 1,000 characters.</param>
/// <param name="Position">Where it stands among the others, the smallest first.</param>
internal sealed record CollectionRequest(string? Name, string? Description, int? Position);

internal sealed record CollectionList(IReadOnlyList<CollectionView> Items);

/// <summary>Lists, makes, changes and deletes collections. Articles of a deleted one stay, without a collection.</summary>
internal sealed class Collections(TenantDb db, AuditLog audit, TimeProvider time)
{
    private const int MaxDescription = 1000;
    private const int MaxCollections = 500;

    internal const string ListSql = """
        select c.id, c.name, c.description, c.position, c.updated_at,
               (select count(*)::int from articles a where a.tenant_id = c.tenant_id and a.collection_id = c.id) as articles
          from collections c where c.tenant_id = @tenantId and (@collectionId::uuid is null or c.id = @collectionId) order by c.position, c.name
        """;

    internal const string InsertSql = """
        insert into collections (tenant_id, id, name, description, position, created_at, updated_at)
        select @tenantId, @id, @name, @description, coalesce(@position, (select coalesce(max(position), 0) + 1 from collections where tenant_id = @tenantId)), @now, @now
         where (select count(*) from collections where tenant_id = @tenantId) < @max
        """;

    internal const string UpdateSql = """
        update collections set name = coalesce(@name, name), description = coalesce(@description, description), position = coalesce(@position, position), updated_at = @now
         where tenant_id = @tenantId and id = @id
        """;

    internal const string DeleteSql = "delete from collections where tenant_id = @tenantId and id = @id";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/collections", async (Caller caller, Collections handler, CancellationToken ct) => (await handler.ListAsync(caller.TenantId, ct)).ToHttp())
            .WithName("ListCollections").RequirePermission(Permission.KnowledgeRead);
        app.MapPost("/collections", async (CollectionRequest request, Caller caller, Collections handler, CancellationToken ct) =>
                (await handler.CreateAsync(request, caller, ct)).ToCreated(c => $"/v1/knowledge/collections/{c.Id:D}"))
            .WithName("CreateCollection").RequirePermission(Permission.KnowledgeWrite).WithIdempotency();
        app.MapPatch("/collections/{collectionId:guid}", async (Guid collectionId, CollectionRequest request, Caller caller, Collections handler, CancellationToken ct) =>
                (await handler.ChangeAsync(collectionId, request, caller, ct)).ToHttp())
            .WithName("ChangeCollection").RequirePermission(Permission.KnowledgeWrite);
        app.MapDelete("/collections/{collectionId:guid}", async (Guid collectionId, Caller caller, Collections handler, CancellationToken ct) =>
                (await handler.DeleteAsync(collectionId, caller, ct)).ToNoContent())
            .WithName("DeleteCollection").RequirePermission(Permission.KnowledgeWrite);
    }

    private async Task<Result<CollectionList>> ListAsync(Guid tenantId, CancellationToken ct) =>
        new CollectionList(await db.InTransactionAsync(tenantId, s => s.QueryAsync<CollectionView>(ListSql, new { tenantId, collectionId = (Guid?)null }), ct));

    private Task<Result<CollectionView>> CreateAsync(CollectionRequest request, Caller caller, CancellationToken ct) => WriteAsync(request, nameRequired: true, caller, async session =>
    {
        var id = Ids.New(time);
        if (await session.ExecuteAsync(InsertSql, Args(session, id, request)) == 0)
            return Error.Conflict("collection.too_many", $"A workspace holds at most {MaxCollections} collections.");
        await audit.WriteAsync(session, caller, "knowledge.collection.created", "collection", id.ToString("D"));
        return (await ReadAsync(session, id))!;
    }, ct);

    private Task<Result<CollectionView>> ChangeAsync(Guid id, CollectionRequest request, Caller caller, CancellationToken ct) => WriteAsync(request, nameRequired: false, caller, async session =>
    {
        if (await session.ExecuteAsync(UpdateSql, Args(session, id, request)) == 0)
            return ArticleRows.NoCollection;
        await audit.WriteAsync(session, caller, "knowledge.collection.changed", "collection", id.ToString("D"));
        return (await ReadAsync(session, id))!;
    }, ct);

    private Task<Result<bool>> DeleteAsync(Guid id, Caller caller, CancellationToken ct) => db.InTransactionAsync<Result<bool>>(caller.TenantId, async session =>
    {
        if (await session.ExecuteAsync(DeleteSql, new { tenantId = session.TenantId, id }) == 0)
            return ArticleRows.NoCollection;
        await audit.WriteAsync(session, caller, "knowledge.collection.deleted", "collection", id.ToString("D"));
        return true;
    }, ct);

    private async Task<Result<CollectionView>> WriteAsync(CollectionRequest request, bool nameRequired, Caller caller, Func<TenantSession, Task<Result<CollectionView>>> work, CancellationToken ct)
    {
        var invalid = Sources.SourceFields.Check(request.Name, null, null, nameRequired);
        if (request.Description is { } description && (description.Length > MaxDescription || description.Contains('\0', StringComparison.Ordinal)))
            invalid["description"] = [$"Give at most {MaxDescription:N0} characters."];
        if (request.Position is < 0)
            invalid["position"] = ["Give 0 or more."];
        if (invalid.Count > 0)
            return Error.Invalid(invalid);
        try
        {
            return await db.InTransactionAsync(caller.TenantId, work, ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return Error.Invalid("name", "There is a collection of this name.");
        }
    }

    private object Args(TenantSession session, Guid id, CollectionRequest request) => new
    {
        tenantId = session.TenantId, id, name = request.Name?.Trim(), description = request.Description ?? (request.Name is null ? null : ""), request.Position, now = time.GetUtcNow(), max = MaxCollections,
    };

    private static Task<CollectionView?> ReadAsync(TenantSession session, Guid id) =>
        session.QuerySingleOrDefaultAsync<CollectionView>(ListSql, new { tenantId = session.TenantId, collectionId = id });
}
