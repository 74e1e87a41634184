using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Parley.Inference.Providers.Batches;

namespace Parley.Inference.Providers.Anthropic;

/// <summary>Anthropic's Message Batches.</summary>
/// <remarks>
/// https://platform.claude.com/docs/en/build-with-claude/batch-processing · https://platform.claude.com/docs/en/api/messages/batches. A batch takes no note and shows its
/// custom ids only with its results, when it has ended. Errored, expired and cancelled requests are not billed.
/// </remarks>
internal sealed class AnthropicBatches(ModelEndpoint at) : IBatchEndpoint
{
    private const string Batches = "v1/messages/batches";

    /// <summary>As the SDK of the chat client says it.</summary>
    private const string Version = "2026-10-21";

    private const int MostPages = 20;

    /// <summary>Clocks differ, but not by more.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    private readonly BatchHttp _http = new(at with { BaseUrl = AnthropicProvider.Root(at.BaseUrl) }, request =>
    {
        request.Headers.Add("x-api-key", at.Account.Key);
        request.Headers.Add("anthropic-version", Version);
    });

    public async Task<string> SubmitAsync(Guid key, IReadOnlyList<(Guid Id, string Body)> requests, CancellationToken ct)
    {
        var body = new StringBuilder("{\"requests\":[");
        body.AppendJoin(',', requests.Select(each => $$"""{"custom_id":"{{each.Id:N}}","params":{{each.Body}}}""")).Append("]}");
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToString())) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return BatchHttp.Must(await _http.SendAsync(HttpMethod.Post, Batches, content, ct), "id");
    }

    public async Task<BatchSearch> FindAsync(Guid key, IReadOnlySet<Guid> items, DateTimeOffset since, IReadOnlySet<string> known, CancellationToken ct)
    {
        var (unclear, after) = (false, "");
        for (var page = 0; page < MostPages; page++)
        {
            var list = await _http.SendAsync(HttpMethod.Get, $"{Batches}?limit=100{after}", null, ct);
            var recent = BatchHttp.Items(list, "data").Where(each => CreatedAt(each) >= since - Slack).ToList();
            foreach (var each in recent.Where(each => !known.Contains(BatchHttp.Must(each, "id")) && Requests(each) == items.Count))
            {
                var standing = Standing(each);
                if (!standing.Ended)
                {
                    unclear = true;
                }
                else if (await IsOursAsync(standing, items, ct))
                {
                    return new BatchSearch(standing.Id);
                }
            }
            // The newest come first.
            if (recent.Count == 0 || BatchHttp.Part(list, "has_more").ValueKind != JsonValueKind.True)
            {
                break;
            }
            after = $"&after_id={Uri.EscapeDataString(BatchHttp.Must(list, "last_id"))}";
        }
        return new BatchSearch(null, unclear);
    }

    public async Task<BatchStanding> LookAsync(string id, CancellationToken ct) => Standing(await _http.SendAsync(HttpMethod.Get, Path(id), null, ct));

    public async IAsyncEnumerable<BatchLine> ResultsAsync(BatchStanding standing, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var line in _http.LinesAsync($"{Path(standing.Id)}/results", ct))
        {
            yield return BatchHttp.Parse(line) is { } json ? Line(json) : new BatchLine(null, BatchLineKind.Unreadable);
        }
    }

    public Task CancelAsync(string id, CancellationToken ct) => _http.SendAsync(HttpMethod.Post, $"{Path(id)}/cancel", null, ct);

    public Task ClearAsync(BatchStanding standing, CancellationToken ct) => _http.DeleteAsync(Path(standing.Id), ct);

    private static string Path(string id) => $"{Batches}/{Uri.EscapeDataString(id)}";

    private async Task<bool> IsOursAsync(BatchStanding standing, IReadOnlySet<Guid> items, CancellationToken ct)
    {
        await foreach (var line in ResultsAsync(standing, ct))
        {
            if (line.ItemId is { } id)
            {
                return items.Contains(id);
            }
        }
        return false;
    }

    private static BatchStanding Standing(JsonElement batch) => new(BatchHttp.Must(batch, "id"), BatchHttp.Must(batch, "processing_status") == "ended", AllAnswered: true);

    private static BatchLine Line(JsonElement json)
    {
        var result = BatchHttp.Part(json, "result");
        return (BatchHttp.IdOf(json), BatchHttp.Text(result, "type")) switch
        {
            (null, _) => new BatchLine(null, BatchHttp.Text(json, "custom_id") is null ? BatchLineKind.Unreadable : BatchLineKind.Errored),
            (var id, "succeeded") => new BatchLine(id, BatchLineKind.Answered, BatchHttp.Part(result, "message") is { ValueKind: JsonValueKind.Object } message ? message.GetRawText() : ""),
            (var id, "errored") => new BatchLine(id, BatchLineKind.Errored, BatchHttp.Part(result, "error") is { ValueKind: JsonValueKind.Object } error ? error.GetRawText() : "") { Status = StatusOf(result) },
            (var id, "expired" or "canceled") => new BatchLine(id, BatchLineKind.Expired),
            _ => new BatchLine(null, BatchLineKind.Unreadable),
        };
    }

    /// <remarks>https://platform.claude.com/docs/en/api/errors</remarks>
    private static int StatusOf(JsonElement result) => BatchHttp.Text(BatchHttp.Part(BatchHttp.Part(result, "error"), "error"), "type") switch
    {
        "invalid_request_error" => 400, "authentication_error" => 401, "billing_error" => 402, "permission_error" => 403, "not_found_error" => 404, "request_too_large" => 413,
        "rate_limit_error" => 429, "timeout_error" => 504, "overloaded_error" => 529, _ => 500,
    };

    private static DateTimeOffset CreatedAt(JsonElement batch) =>
        DateTimeOffset.TryParse(BatchHttp.Text(batch, "created_at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : DateTimeOffset.MaxValue;

    private static long Requests(JsonElement batch) =>
        BatchHttp.Part(batch, "request_counts") is { ValueKind: JsonValueKind.Object } counts ? counts.EnumerateObject().Sum(each => each.Value.TryGetInt64(out var n) ? n : 0) : 0;
}
