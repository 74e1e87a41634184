using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Platform.Idempotency;

/// <summary>Marks an endpoint whose effect a client may ask for again with the same <c>Idempotency-Key</c>.</summary>
internal sealed class IdempotentEndpoint
{
    internal static IdempotentEndpoint Instance { get; } = new();
}

/// <summary>Registration.</summary>
public static class IdempotencyExtensions
{
    /// <summary>
    /// A request with a key that was used before in 24 hours, by the same principal at the same address, gets the stored answer and does
    /// nothing; with another body it gets 422. Answers other than 2xx are not stored: nothing has happened. Where a double effect after a
    /// crash would hurt, the row itself carries the client's id under a unique key as well.
    /// </summary>
    public static TBuilder WithIdempotency<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(IdempotentEndpoint.Instance);

    /// <summary>Goes after the access rules.</summary>
    public static void UseIdempotency(this IApplicationBuilder app) => app.Use((http, next) =>
        http.GetEndpoint()?.Metadata.GetMetadata<IdempotentEndpoint>() is not null
            && http.Request.Headers.TryGetValue(IdempotencyStore.Header, out var key) && Caller.Of(http) is { } caller
            ? RunAsync(http, next, caller, key.ToString())
            : next(http));

    private static async Task RunAsync(HttpContext http, RequestDelegate next, Caller caller, string key)
    {
        if (key.Length is 0 or > IdempotencyStore.MaxKeyLength || key.Any(c => c is < ' ' or > '~'))
        {
            await Error.Invalid(IdempotencyStore.Header, $"{IdempotencyStore.Header} must be 1 to {IdempotencyStore.MaxKeyLength} printable ASCII characters, for example a UUID.").ToProblem().ExecuteAsync(http);
            return;
        }
        var store = http.RequestServices.GetRequiredService<IdempotencyStore>();
        var scope = new IdempotencyScope(caller.TenantId, caller.Principal, $"{http.Request.Method} {http.Request.Path}", key);
        http.Request.EnableBuffering();
        var hash = await SHA256.HashDataAsync(http.Request.Body, http.RequestAborted);
        http.Request.Body.Position = 0;
        var (begun, answer, error) = await store.BeginAsync(scope, hash, http.RequestAborted);
        if (error is not null)
        {
            await error.ToProblem().ExecuteAsync(http);
        }
        else if (answer is not null)
        {
            await answer.WriteAsync(http);
        }
        else
        {
            await ExecuteAsync(http, next, store, scope, begun);
        }
    }

    private static async Task ExecuteAsync(HttpContext http, RequestDelegate next, IdempotencyStore store, IdempotencyScope scope, DateTimeOffset begun)
    {
        var original = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var copy = new MemoryStream();
        var buffered = new StreamResponseBodyFeature(copy, original);
        http.Features.Set<IHttpResponseBodyFeature>(buffered);
        var stored = false;
        try
        {
            await next(http);
            await buffered.CompleteAsync();
            if (http.Response.StatusCode is >= 200 and < 300)
            {
                await store.FinishAsync(scope, begun, new StoredAnswer
                {
                    Status = http.Response.StatusCode, ContentType = http.Response.ContentType, Location = http.Response.Headers.Location.ToString() is { Length: > 0 } location ? location : null,
                    Response = copy.ToArray(),
                });
                stored = true;
            }
        }
        finally
        {
            http.Features.Set(original);
            if (!stored)
            {
                await store.ForgetAsync(scope, begun);
            }
        }
        copy.Position = 0;
        await copy.CopyToAsync(http.Response.Body, http.RequestAborted);
    }
}
