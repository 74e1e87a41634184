using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Parley.Identity;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Conversations.Brands;

/// <summary>The tenant's brands: list, add, change, delete.</summary>
internal sealed class BrandApi(TenantDb db, AuditLog audit, TimeProvider time)
{
    private const int Most = 500;
    private const string CountSql = "select count(*)::int from brands where tenant_id = @tenantId";
    private const string InsertSql = """
        insert into brands (tenant_id, id, name, is_default, color, support_address, privacy_url, terms_url, created_at, updated_at)
        values (@tenantId, @id, @name, false, @color, @supportAddress, @privacyUrl, @termsUrl, @now, @now)
        """;
    private const string ChangeSql = """
        update brands set name = @name, color = @color, support_address = @supportAddress, privacy_url = @privacyUrl, terms_url = @termsUrl, updated_at = @now
         where tenant_id = @tenantId and id = @id
        """;

    // Also widgets and assistants that were removed: what they did names them still.
    private const string MoveSql = """
        with home as (select id from brands where tenant_id = @tenantId and is_default),
             widgets_moved as (update widgets set brand_id = (select id from home) where tenant_id = @tenantId and brand_id = @id and archived_at is not null)
        update assistants set brand_id = (select id from home) where tenant_id = @tenantId and brand_id = @id
        """;
    private const string DeleteSql = "delete from brands where tenant_id = @tenantId and id = @id and not is_default";

    internal static readonly Error NotFound = Error.NotFound("brand");
    private static readonly Error TooMany = Error.Conflict("brand.too_many", "A workspace has 500 brands at most. Delete one that no widget shows.");
    private static readonly Error IsDefault = Error.Conflict("brand.is_default", "This is the workspace's first brand: widgets without another belong to it. Change it instead.");
    private static readonly Error InUse = Error.Conflict("brand.in_use", "Widgets belong to this brand. Give them another one first.");
    private static readonly Error Taken = new("brand.exists", "There is a brand of this name already.", 409) { Fields = new Dictionary<string, string[]> { ["name"] = ["There is a brand of this name already."] } };

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", (Caller caller, BrandApi handler, CancellationToken ct) => handler.ListAsync(caller, ct))
            .WithName("ListBrands").RequirePermission(Permission.WidgetsRead);
        group.MapPost("", async (BrandRequest request, Caller caller, BrandApi handler, CancellationToken ct) => (await handler.AddAsync(caller, request, ct)).ToCreated(b => $"/v1/brands/{b.Id}"))
            .WithName("AddBrand").RequirePermission(Permission.WidgetsWrite);
        group.MapPut("/{id}", async (Guid id, BrandRequest request, Caller caller, BrandApi handler, CancellationToken ct) => (await handler.ChangeAsync(caller, id, request, ct)).ToHttp())
            .WithName("ChangeBrand").RequirePermission(Permission.WidgetsWrite);
        group.MapDelete("/{id}", async (Guid id, Caller caller, BrandApi handler, CancellationToken ct) => (await handler.DeleteAsync(caller, id, ct)).ToNoContent())
            .WithName("DeleteBrand").RequirePermission(Permission.WidgetsWrite);
    }

    private Task<Page<BrandView>> ListAsync(Caller caller, CancellationToken ct) =>
        db.InTransactionAsync(caller.TenantId, async s => new Page<BrandView>(await BrandReader.AllAsync(s), null), ct);

    private Task<Result<BrandView>> AddAsync(Caller caller, BrandRequest given, CancellationToken ct) => SaveAsync(caller, given, async (s, request) =>
    {
        if (await s.QuerySingleAsync<int>(CountSql, new { tenantId = s.TenantId }) >= Most)
        {
            return TooMany;
        }
        var id = Ids.New(time);
        await s.ExecuteAsync(InsertSql, Values(s, id, request));
        await audit.WriteAsync(s, caller, "brand.added", "brand", id.ToString(), request);
        return (await BrandReader.OneAsync(s, id))!;
    }, ct);

    private Task<Result<BrandView>> ChangeAsync(Caller caller, Guid id, BrandRequest given, CancellationToken ct) => SaveAsync(caller, given, async (s, request) =>
    {
        if (await s.ExecuteAsync(ChangeSql, Values(s, id, request)) == 0)
        {
            return NotFound;
        }
        await audit.WriteAsync(s, caller, "brand.changed", "brand", id.ToString(), request);
        return (await BrandReader.OneAsync(s, id))!;
    }, ct);

    private Task<Result<bool>> DeleteAsync(Caller caller, Guid id, CancellationToken ct) => db.InTransactionAsync<Result<bool>>(caller.TenantId, async s =>
    {
        switch (await BrandReader.OneAsync(s, id))
        {
            case null: return NotFound;
            case { IsDefault: true }: return IsDefault;
            case { Widgets: > 0 }: return InUse;
        }
        await s.ExecuteAsync(MoveSql, new { tenantId = s.TenantId, id });
        await s.ExecuteAsync(DeleteSql, new { tenantId = s.TenantId, id });
        await audit.WriteAsync(s, caller, "brand.deleted", "brand", id.ToString());
        return true;
    }, ct);

    private async Task<Result<BrandView>> SaveAsync(Caller caller, BrandRequest given, Func<TenantSession, BrandRequest, Task<Result<BrandView>>> save, CancellationToken ct)
    {
        var request = given.Clean();
        if (request.Problems() is { Count: > 0 } problems)
        {
            return Error.Invalid(problems);
        }
        try
        {
            return await db.InTransactionAsync(caller.TenantId, s => save(s, request), ct);
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "brands_name" })
        {
            return Taken;
        }
    }

    private object Values(TenantSession s, Guid id, BrandRequest r) =>
        new { tenantId = s.TenantId, id, name = r.Name, color = r.Color, supportAddress = r.SupportAddress, privacyUrl = r.PrivacyUrl, termsUrl = r.TermsUrl, now = time.GetUtcNow() };
}
