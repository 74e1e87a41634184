using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Platform.Idempotency;

/// <summary>Within which a key means the same request.</summary>
internal sealed record IdempotencyScope(Guid TenantId, string Principal, string Route, string Key);

/// <summary>The answer of the first request.</summary>
internal sealed record StoredAnswer
{
    public int Status { get; init; }

    public string? ContentType { get; init; }

    public string? Location { get; init; }

    public byte[] Response { get; init; } = [];

    internal async Task WriteAsync(HttpContext http)
    {
        http.Response.StatusCode = Status;
        http.Response.ContentType = ContentType;
        http.Response.Headers["Idempotency-Replayed"] = "true";
        if (Location is not null)
        {
            http.Response.Headers.Location = Location;
        }
        if (Response.Length > 0)
        {
            await http.Response.Body.WriteAsync(Response, http.RequestAborted);
        }
    }
}

/// <summary>
/// Rows of <c>idempotency_keys</c>. The row is made before the work begins and committed, so that a second request finds it; one whose
/// process died is taken over when its lock is old, or at once where the node is known to be gone (<see cref="GoneNode"/>).
/// </summary>
internal sealed class IdempotencyStore(TenantDb db, NodeIdentity node, TimeProvider time, ILogger<IdempotencyStore> log)
{
    internal const string Header = "Idempotency-Key";
    internal const int MaxKeyLength = 200;

    internal const string BeginSql = """
        insert into idempotency_keys as k (tenant_id, principal, route, key, body_hash, locked_until, locked_by, created_at)
        values (@tenantId, @principal, @route, @key, @hash, clock_timestamp() + interval '60 seconds', @node, @now)
        on conflict (tenant_id, principal, route, key) do update
           set body_hash = excluded.body_hash, status = null, response = null, locked_until = excluded.locked_until, locked_by = excluded.locked_by, created_at = excluded.created_at
         where k.created_at <= @now - interval '24 hours' or (k.status is null and k.body_hash = excluded.body_hash and k.locked_until < clock_timestamp())
        returning locked_until
        """;

    internal const string FindSql = """
        select body_hash, status, content_type, location, response from idempotency_keys
         where tenant_id = @tenantId and principal = @principal and route = @route and key = @key
        """;

    internal const string FinishSql = """
        update idempotency_keys set status = @status, content_type = @contentType, location = @location, response = @response
         where tenant_id = @tenantId and principal = @principal and route = @route and key = @key and status is null and locked_until = @begun
        """;

    internal const string ForgetSql = """
        delete from idempotency_keys
         where tenant_id = @tenantId and principal = @principal and route = @route and key = @key and status is null and locked_until = @begun
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>Either this request may begin (and holds the row until <c>Begun</c>), or there is an answer, or an error.</summary>
    internal async Task<(DateTimeOffset Begun, StoredAnswer? Answer, Error? Error)> BeginAsync(IdempotencyScope scope, byte[] hash, CancellationToken ct)
    {
        for (var started = time.GetTimestamp(); ;)
        {
            var (begun, row) = await db.InTransactionAsync(scope.TenantId, async s =>
            {
                var args = new { scope.TenantId, scope.Principal, scope.Route, scope.Key, hash, node = node.Id, now = time.GetUtcNow() };
                var begun = await s.QuerySingleOrDefaultAsync<DateTimeOffset?>(BeginSql, args);
                return (begun, begun is null ? await s.QuerySingleOrDefaultAsync<Row>(FindSql, args) : null);
            }, ct);
            if (begun is { } held)
            {
                return (held, null, null);
            }
            if (row is not null && !row.BodyHash.AsSpan().SequenceEqual(hash))
            {
                return (default, null, new Error("idempotency.mismatch", $"This {Header} was used with another body. Use a new key for a new request.", StatusCodes.Status422UnprocessableEntity));
            }
            if (row is { Status: { } status })
            {
                return (default, new StoredAnswer { Status = status, ContentType = row.ContentType, Location = row.Location, Response = row.Response ?? [] }, null);
            }
            if (time.GetElapsedTime(started) > Patience)
            {
                return (default, null, Error.Conflict("idempotency.in_progress", "The first request with this key is still running. Try again in a moment.") with { RetryAfterSeconds = 2 });
            }
            await Task.Delay(LookAgain, time, ct);
        }
    }

    /// <summary>Stores the answer. The work is done: a failure here must not fail the request.</summary>
    internal Task FinishAsync(IdempotencyScope scope, DateTimeOffset begun, StoredAnswer answer) => QuietlyAsync(scope, FinishSql, new
    {
        scope.TenantId, scope.Principal, scope.Route, scope.Key, begun, answer.Status, answer.ContentType, answer.Location, answer.Response,
    });

    /// <summary>The request did nothing; the key may be used again.</summary>
    internal Task ForgetAsync(IdempotencyScope scope, DateTimeOffset begun) =>
        QuietlyAsync(scope, ForgetSql, new { scope.TenantId, scope.Principal, scope.Route, scope.Key, begun });

    private async Task QuietlyAsync(IdempotencyScope scope, string sql, object args)
    {
        try
        {
            await db.InTransactionAsync(scope.TenantId, s => s.ExecuteAsync(sql, args), CancellationToken.None);
        }
        catch (Exception e)
        {
            log.IdempotencyNotStored(e);
        }
    }

    private sealed record Row
    {
        public byte[] BodyHash { get; init; } = [];

        public int? Status { get; init; }

        public string? ContentType { get; init; }

        public string? Location { get; init; }

        public byte[]? Response { get; init; }
    }
}
