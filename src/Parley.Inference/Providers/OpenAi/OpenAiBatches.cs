using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Parley.Inference.Contracts;
using Parley.Inference.Providers.Batches;

namespace Parley.Inference.Providers.OpenAi;

/// <summary>OpenAI's batches: a file of requests, a batch that names it, a file of answers and one of errors. Servers that are compatible have the same.</summary>
/// <remarks>
/// https://developers.openai.com/api/docs/guides/batch · https://developers.openai.com/api/reference/resources/batches · https://developers.openai.com/api/reference/resources/files.
/// The batch carries our id as metadata, by which it is found again. Requests that failed or expired are not billed.
/// </remarks>
internal sealed class OpenAiBatches(ModelEndpoint at) : IBatchEndpoint
{
    private const string Note = "parley_batch";

    private const int MostPages = 20;

    private readonly BatchHttp _http = new(at, request => BatchHttp.Bearer(request, at));

    public async Task<string> SubmitAsync(Guid key, IReadOnlyList<(Guid Id, string Body)> requests, CancellationToken ct)
    {
        var file = BatchHttp.Must(await UploadAsync(key, requests, ct), "id");
        using var content = JsonContent.Create(new Dictionary<string, object>
        {
            ["input_file_id"] = file, ["endpoint"] = "/v1/chat/completions", ["completion_window"] = "24h", ["metadata"] = new Dictionary<string, string> { [Note] = key.ToString("N") },
        });
        await content.LoadIntoBufferAsync(ct);
        try
        {
            return BatchHttp.Must(await _http.SendAsync(HttpMethod.Post, "batches", content, ct), "id");
        }
        catch (ModelException e) when (e.Status is >= 400 and < 500)
        {
            // Nothing names the file, and what is in it is personal data.
            await _http.DeleteAsync(Path("files", file), ct);
            throw;
        }
    }

    public async Task<BatchSearch> FindAsync(Guid key, IReadOnlySet<Guid> items, DateTimeOffset since, IReadOnlySet<string> known, CancellationToken ct)
    {
        await foreach (var batch in PagesAsync("batches?limit=100", ct))
        {
            if (BatchHttp.Text(BatchHttp.Part(batch, "metadata"), Note) == key.ToString("N"))
            {
                return new BatchSearch(BatchHttp.Must(batch, "id"));
            }
        }
        // Files that were sent for it and that no batch names.
        await foreach (var file in PagesAsync("files?purpose=batch&limit=100", ct))
        {
            if (BatchHttp.Text(file, "filename") == FileName(key))
            {
                await _http.DeleteAsync(Path("files", BatchHttp.Must(file, "id")), ct);
            }
        }
        return new BatchSearch(null);
    }

    public async Task<BatchStanding> LookAsync(string id, CancellationToken ct)
    {
        var batch = await _http.SendAsync(HttpMethod.Get, Path("batches", id), null, ct);
        var status = BatchHttp.Must(batch, "status");
        string[] results = [.. new[] { "output_file_id", "error_file_id" }.Select(name => BatchHttp.Text(batch, name)).OfType<string>().Where(name => name.Length > 0)];
        return new BatchStanding(BatchHttp.Must(batch, "id"), status is "completed" or "failed" or "expired" or "cancelled", AllAnswered: status == "completed")
        {
            Results = results, Kept = [.. results, .. BatchHttp.Text(batch, "input_file_id") is { Length: > 0 } input ? [input] : Array.Empty<string>()],
        };
    }

    public async IAsyncEnumerable<BatchLine> ResultsAsync(BatchStanding standing, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var file in standing.Results)
        {
            await foreach (var line in _http.LinesAsync(Path("files", file) + "/content", ct))
            {
                yield return BatchHttp.Parse(line) is { } json ? Line(json) : new BatchLine(null, BatchLineKind.Unreadable);
            }
        }
    }

    public Task CancelAsync(string id, CancellationToken ct) => _http.SendAsync(HttpMethod.Post, Path("batches", id) + "/cancel", null, ct);

    public async Task ClearAsync(BatchStanding standing, CancellationToken ct)
    {
        foreach (var file in standing.Kept)
        {
            await _http.DeleteAsync(Path("files", file), ct);
        }
    }

    private static string Path(string what, string id) => $"{what}/{Uri.EscapeDataString(id)}";

    private static string FileName(Guid key) => $"parley-{key:N}.jsonl";

    private async Task<JsonElement> UploadAsync(Guid key, IReadOnlyList<(Guid Id, string Body)> requests, CancellationToken ct)
    {
        var lines = string.Join('\n', requests.Select(each => $$"""{"custom_id":"{{each.Id:N}}","method":"POST","url":"/v1/chat/completions","body":{{each.Body}}}"""));
        using var file = new ByteArrayContent(Encoding.UTF8.GetBytes(lines + "\n")) { Headers = { ContentType = new MediaTypeHeaderValue("application/jsonl") } };
        using var purpose = new StringContent("batch");
        using var form = new MultipartFormDataContent { { purpose, "purpose" }, { file, "file", FileName(key) } };
        return await _http.SendAsync(HttpMethod.Post, "files", form, ct);
    }

    private async IAsyncEnumerable<JsonElement> PagesAsync(string path, [EnumeratorCancellation] CancellationToken ct)
    {
        var after = "";
        for (var page = 0; page < MostPages; page++)
        {
            var list = await _http.SendAsync(HttpMethod.Get, path + after, null, ct);
            var items = BatchHttp.Items(list, "data").ToList();
            foreach (var item in items)
            {
                yield return item;
            }
            if (items.Count == 0 || BatchHttp.Part(list, "has_more").ValueKind != JsonValueKind.True)
            {
                break;
            }
            after = $"&after={Uri.EscapeDataString(BatchHttp.Must(items[^1], "id"))}";
        }
    }

    private static BatchLine Line(JsonElement json)
    {
        if (BatchHttp.IdOf(json) is not { } id)
        {
            return new BatchLine(null, BatchHttp.Text(json, "custom_id") is null ? BatchLineKind.Unreadable : BatchLineKind.Errored);
        }
        var response = BatchHttp.Part(json, "response");
        var status = BatchHttp.Part(response, "status_code") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var code) ? code : 0;
        var body = BatchHttp.Part(response, "body") is { ValueKind: JsonValueKind.Object } given ? given.GetRawText() : "";
        return BatchHttp.Text(BatchHttp.Part(json, "error"), "code") switch
        {
            "batch_expired" or "batch_cancelled" => new BatchLine(id, BatchLineKind.Expired),
            null when status is >= 200 and < 300 => new BatchLine(id, BatchLineKind.Answered, body),
            null when status == 0 => new BatchLine(null, BatchLineKind.Unreadable),
            _ => new BatchLine(id, BatchLineKind.Errored, body) { Status = status is >= 400 ? status : 500 },
        };
    }
}
