using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Objects;

namespace Parley.Assistant.Profile;

/// <param name="Data">A PNG or JPEG file in base64: at most 256 KiB, each side 16 to 1,024 pixels.</param>
internal sealed record AddAvatarRequest(string? Data);

/// <summary>A picture that a profile may name.</summary>
internal sealed record AvatarView(Guid Id, string MediaType, int Width, int Height);

/// <summary>
/// Takes an assistant's pictures in and shows them. A picture never changes once it is in; which one is shown, the profile says, and so
/// pictures go live and back with its versions.
/// </summary>
internal sealed class Avatars(TenantDb db, AuditLog audit, TimeProvider time)
{
    /// <summary>Pictures that no version names are kept so long: somebody may be about to save one.</summary>
    private static readonly TimeSpan Unused = TimeSpan.FromDays(1);

    private const int MaxPictures = 200;

    // In base64, and a little more, so that what is too large hears which field it is.
    private const int MaxBytes = 256 * 1024;
    private const long MaxRequestBytes = 2 * MaxBytes;
    private static readonly PictureLimits Limits = new(MaxBytes, MinSide: 16, MaxSide: 1024);

    internal const string AssistantSql = "select assistant_id from v_assistants where tenant_id = @tenantId and assistant_id = @id";

    internal const string SweepSql = """
        delete from assistant_avatars a
         where a.tenant_id = @tenantId and a.assistant_id = @id and a.created_at < @before
           and not exists (select 1 from configurations c where c.tenant_id = a.tenant_id and c.kind = 'assistant' and c.subject_id = a.assistant_id and c.body ->> 'avatarId' = a.id::text)
        """;

    internal const string CountSql = "select count(*)::int from assistant_avatars where tenant_id = @tenantId and assistant_id = @id";

    // The same file again is the same picture.
    internal const string AddSql = """
        insert into assistant_avatars (tenant_id, id, assistant_id, media_type, width, height, sha256, content, created_at)
        values (@tenantId, @avatarId, @id, @mediaType, @width, @height, @sha256, @content, @now)
        on conflict (tenant_id, assistant_id, sha256) do update set created_at = excluded.created_at
        returning id
        """;

    internal const string ReadSql = "select media_type, content from assistant_avatars where tenant_id = @tenantId and assistant_id = @assistantId and id = @avatarId";

    internal const string KnownSql = "select exists (select 1 from assistant_avatars where tenant_id = @tenantId and assistant_id = @assistantId and id = @avatarId)";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/assistants/{id:guid}/avatars", async (Guid id, AddAvatarRequest request, Caller caller, Avatars handler, CancellationToken ct) =>
                (await handler.AddAsync(caller, id, request, ct)).ToCreated(a => $"/v1/assistants/{id}/avatars/{a.Id}"))
            .WithMetadata(new RequestSizeLimitAttribute(MaxRequestBytes)).WithName("AddAssistantAvatar").RequirePermission(Permission.AssistantWrite);
        app.MapGet("/assistants/{id:guid}/avatars/{avatarId:guid}",
                async Task<Results<FileContentHttpResult, ProblemHttpResult>> (Guid id, Guid avatarId, HttpContext http, Caller caller, Avatars handler, CancellationToken ct) =>
                    await handler.FindAsync(caller, id, avatarId, ct) is { } picture ? picture.Show(http) : Error.NotFound("picture").ToProblem())
            .WithName("GetAssistantAvatar").RequirePermission(Permission.AssistantRead);
    }

    internal static Task<AssistantPicture?> ReadAsync(TenantSession s, Guid assistantId, Guid avatarId) =>
        s.QuerySingleOrDefaultAsync<AssistantPicture>(ReadSql, new { tenantId = s.TenantId, assistantId, avatarId });

    private Task<AssistantPicture?> FindAsync(Caller caller, Guid id, Guid avatarId, CancellationToken ct) =>
        db.InTransactionAsync(caller.TenantId, s => ReadAsync(s, id, avatarId), ct);

    private async Task<Result<AvatarView>> AddAsync(Caller caller, Guid id, AddAvatarRequest request, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(request.Data))
        {
            return Error.Invalid("data", "Give a PNG or JPEG file in base64.");
        }
        var file = new byte[MaxBytes + 3];
        if (!Convert.TryFromBase64String(request.Data, file, out var length))
        {
            return Error.Invalid("data", $"It is no base64, or the file has more than {MaxBytes:N0} bytes.");
        }
        var (image, problem) = CleanPicture.Of(file.AsSpan(0, length), Limits);
        if (image is null)
        {
            return Error.Invalid("data", problem);
        }
        return await db.InTransactionAsync<Result<AvatarView>>(caller.TenantId, async s =>
        {
            var (tenantId, now) = (s.TenantId, time.GetUtcNow());
            if (await s.QuerySingleOrDefaultAsync<Guid?>(AssistantSql, new { tenantId, id }) is null)
            {
                return Error.NotFound("assistant");
            }
            await s.ExecuteAsync(SweepSql, new { tenantId, id, before = now - Unused });
            if (await s.QuerySingleAsync<int>(CountSql, new { tenantId, id }) >= MaxPictures)
            {
                return Error.Conflict("too_many_pictures", $"An assistant's versions hold at most {MaxPictures} pictures. Use one of them.");
            }
            var added = await s.QuerySingleAsync<Guid>(AddSql, new
            {
                tenantId, avatarId = Guid.CreateVersion7(now), id, mediaType = image.MediaType, width = image.Width, height = image.Height,
                sha256 = SHA256.HashData(image.Content), content = image.Content, now,
            });
            await audit.WriteAsync(s, caller, "assistant.avatar.added", "assistant", id.ToString(), new { avatarId = added });
            return new AvatarView(added, image.MediaType, image.Width, image.Height);
        }, ct);
    }
}
