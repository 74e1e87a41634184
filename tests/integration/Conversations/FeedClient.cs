using System.Text.Json;

namespace Parley.Tests.Integration.Conversations;

internal sealed record Heard(string Type, string? Id, JsonElement Data)
{
    public Guid Conversation => Data.GetProperty("conversationId").GetGuid();

    public long Seq => Data.GetProperty("seq").GetInt64();
}

/// <summary>Reads the feed as a browser does: keeps the last id, may be cut off at any byte, goes on from that id.</summary>
internal sealed class FeedClient(HttpClient client) : IAsyncDisposable
{
    private HttpResponseMessage? _response;
    private StreamReader? _reader;

    public string? LastId { get; set; }

    public async Task ConnectAsync()
    {
        await DropAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/feed");
        if (LastId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", LastId);
        }
        _response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        _response.EnsureSuccessStatusCode();
        _reader = new StreamReader(await _response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event; comments are skipped. Throws when nothing comes for ten seconds.</summary>
    public async Task<Heard> NextAsync(TimeSpan? patience = null)
    {
        using var timeout = new CancellationTokenSource(patience ?? TimeSpan.FromSeconds(10));
        string? type = null, id = null, data = null;
        while (true)
        {
            var line = await _reader!.ReadLineAsync(timeout.Token) ?? throw new IOException("The feed ended.");
            if (line.Length == 0 && type is not null)
            {
                if (id is not null)
                {
                    LastId = id;
                }
                return new Heard(type, id, JsonSerializer.Deserialize<JsonElement>(data!));
            }
            if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal)) type = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
        }
    }

    /// <summary>Connects and waits until events flow.</summary>
    public async Task<Heard> ReadyAsync()
    {
        await ConnectAsync();
        return await NextOfAsync("ready");
    }

    public async Task<Heard> NextOfAsync(params string[] types)
    {
        while (true)
        {
            if (await NextAsync() is var heard && types.Contains(heard.Type))
            {
                return heard;
            }
        }
    }

    public ValueTask DropAsync()
    {
        _reader?.Dispose();
        _response?.Dispose();
        (_reader, _response) = (null, null);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => DropAsync();
}
