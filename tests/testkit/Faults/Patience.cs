using System.Diagnostics;
using System.Net;
using Npgsql;
using Shouldly;

namespace Parley.Testkit.Faults;

/// <summary>How a client behaves whose server may be away: it tries again for a minute, and takes nothing but success, 503 or no connection.</summary>
public static class Patience
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Repeats until there is an answer that is not "later": no connection, 503, or a request with the same key that is still running.</summary>
    public static async Task<HttpResponseMessage> SendAsync(Func<Task<HttpResponseMessage>> send)
    {
        for (var waited = Stopwatch.StartNew(); ;)
        {
            HttpResponseMessage? response = null;
            try
            {
                response = await send();
            }
            catch (Exception e) when (IsAway(e))
            {
            }
            if (response is not null && !await IsLaterAsync(response)) return response;
            response?.Dispose();
            waited.Elapsed.ShouldBeLessThan(Limit, "the server is away");
            await Task.Delay(20);
        }
    }

    public static async Task EventuallyAsync(Func<Task<bool>> holds, string what, int pause = 30)
    {
        for (var waited = Stopwatch.StartNew(); !await holds(); await Task.Delay(pause))
        {
            waited.Elapsed.ShouldBeLessThan(Limit, what);
        }
    }

    /// <summary>No connection, or one that ended with its server or database.</summary>
    public static bool IsAway(Exception e) => e is HttpRequestException or IOException or OperationCanceledException or NpgsqlException;

    private static async Task<bool> IsLaterAsync(HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
            return true;
        }
        return response.StatusCode == HttpStatusCode.Conflict && (await response.Content.ReadAsStringAsync()).Contains("idempotency.in_progress", StringComparison.Ordinal);
    }
}
