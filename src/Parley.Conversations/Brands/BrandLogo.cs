using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.WidgetApi;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Objects;

namespace Parley.Conversations.Brands;

/// <param name="Image">PNG or JPEG, 128 kB and 2048 pixels at most; base64.</param>
internal sealed record SetLogoRequest(byte[]? Image);

/// <summary>A brand's picture: looked at before it is stored, and served to everybody who sees its widgets.</summary>
internal sealed class BrandLogo(TenantDb db, ObjectStore objects, WidgetDirectory widgets, AuditLog audit, TimeProvider time)
{
    private const string SetSql = """
        update brands b set logo_hash = @hash, logo_type = @type, updated_at = @now from (select id, logo_hash from brands where tenant_id = @tenantId and id = @id for update) old
         where b.tenant_id = @tenantId and b.id = old.id
        returning coalesce(old.logo_hash, '')
        """;
    private const string ReleaseSql = """
        delete from objects o where o.tenant_id = @tenantId and o.hash = @hash
           and not exists (select 1 from brands b where b.tenant_id = o.tenant_id and b.logo_hash = o.hash)
           and not exists (select 1 from message_parts p where p.tenant_id = o.tenant_id and p.object_hash = o.hash)
           and not exists (select 1 from documents d where d.tenant_id = o.tenant_id and d.object_hash = o.hash)
           and not exists (select 1 from import_files f where f.tenant_id = o.tenant_id and f.object_hash = o.hash)
        """;
    private const string OfWidgetSql = """
        select b.logo_hash as hash, b.logo_type as type from widgets w join brands b on b.tenant_id = w.tenant_id and b.id = w.brand_id
         where w.tenant_id = @tenantId and w.id = @id and b.logo_hash is not null
        """;
    private const string OfBrandSql = "select logo_hash as hash, logo_type as type from brands where tenant_id = @tenantId and id = @id and logo_hash is not null";

    internal static readonly PictureLimits Limits = new(128 * 1024, MinSide: 1, MaxSide: 2048);
    private static readonly Error None = Error.NotFound("logo");

    internal static void Map(RouteGroupBuilder brands, RouteGroupBuilder widget)
    {
        brands.MapPut("/{id}/logo", async (Guid id, SetLogoRequest request, Caller caller, BrandLogo handler, CancellationToken ct) => (await handler.SetAsync(caller, id, request, ct)).ToHttp())
            .WithName("SetBrandLogo").RequirePermission(Permission.WidgetsWrite);
        brands.MapDelete("/{id}/logo", async (Guid id, Caller caller, BrandLogo handler, CancellationToken ct) => (await handler.PutAsync(caller, id, null, null, ct)).ToNoContent())
            .WithName("RemoveBrandLogo").RequirePermission(Permission.WidgetsWrite);
        brands.MapGet("/{id}/logo", async Task<Results<FileStreamHttpResult, ProblemHttpResult>> (Guid id, Caller caller, HttpContext http, BrandLogo handler, CancellationToken ct) =>
                await handler.ServeAsync(http, caller.TenantId, OfBrandSql, id, ct))
            .WithName("GetBrandLogo").Produces<byte[]>(StatusCodes.Status200OK, "image/png").RequirePermission(Permission.WidgetsRead);
        widget.MapGet("/logo", async Task<Results<FileStreamHttpResult, ProblemHttpResult>> (string? key, HttpContext http, BrandLogo handler, CancellationToken ct) =>
                await handler.OfWidgetAsync(http, key, ct))
            .WithName("GetWidgetLogo").Produces<byte[]>(StatusCodes.Status200OK, "image/png").AllowPublic();
    }

    private async Task<Result<BrandView>> SetAsync(Caller caller, Guid id, SetLogoRequest request, CancellationToken ct)
    {
        var (picture, problem) = CleanPicture.Of(request.Image, Limits);
        if (picture is null)
        {
            return Error.Invalid("image", problem);
        }
        if (await db.InTransactionAsync(caller.TenantId, s => BrandReader.OneAsync(s, id), ct) is null)
        {
            return BrandApi.NotFound;
        }
        using var content = new MemoryStream(picture.Content);
        return await PutAsync(caller, id, await objects.PutAsync(caller.TenantId, content, picture.MediaType, ct), picture.MediaType, ct);
    }

    /// <summary>Null takes it away.</summary>
    private async Task<Result<BrandView>> PutAsync(Caller caller, Guid id, StoredObject? logo, string? type, CancellationToken ct)
    {
        var (result, gone) = await db.InTransactionAsync<(Result<BrandView>, byte[]?)>(caller.TenantId, async s =>
        {
            if (logo is not null)
            {
                await objects.RecordAsync(s, logo, type!);
            }
            if (await s.QuerySingleOrDefaultAsync<byte[]>(SetSql, new { tenantId = s.TenantId, id, hash = logo?.Hash, type, now = time.GetUtcNow() }) is not { } old)
            {
                return (BrandApi.NotFound, null);
            }
            await audit.WriteAsync(s, caller, "brand.logo_changed", "brand", id.ToString(), new { removed = logo is null });
            var released = old.Length > 0 && await s.ExecuteAsync(ReleaseSql, new { tenantId = s.TenantId, hash = old }) > 0;
            return ((await BrandReader.OneAsync(s, id))!, released ? old : null);
        }, ct);
        if (gone is not null)
        {
            await objects.RemoveAsync(caller.TenantId, gone, ct);
        }
        return result;
    }

    private async Task<Results<FileStreamHttpResult, ProblemHttpResult>> OfWidgetAsync(HttpContext http, string? key, CancellationToken ct) =>
        await widgets.FindAsync(key, ct) is { } address ? await ServeAsync(http, address.TenantId, OfWidgetSql, address.WidgetId, ct) : WidgetDirectory.Unknown.ToProblem();

    /// <summary>Nothing in it can run, whatever it pretends to be.</summary>
    private async Task<Results<FileStreamHttpResult, ProblemHttpResult>> ServeAsync(HttpContext http, Guid tenantId, string sql, Guid id, CancellationToken ct)
    {
        if (await db.InTransactionAsync(tenantId, s => s.QuerySingleOrDefaultAsync<Logo>(sql, new { tenantId, id }), ct) is not { } logo
            || await objects.OpenAsync(tenantId, logo.Hash, ct) is not { } content)
        {
            return None.ToProblem();
        }
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        // Its address carries the picture's mark, which changes with it.
        http.Response.Headers.CacheControl = "private, max-age=86400";
        return TypedResults.File(content, logo.Type);
    }

    private sealed record Logo
    {
        public byte[] Hash { get; init; } = [];

        public string Type { get; init; } = "";
    }
}
