using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Parley.Platform.Feed;

/// <summary>Writes server-sent events. A flush waits for a slow client, but not for ever.</summary>
internal sealed class SseWriter(HttpContext http, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly PipeWriter _pipe = http.Response.BodyWriter;
    private bool _dirty;

    internal void Retry(int milliseconds) => Line($"retry: {milliseconds}\n\n");

    internal void Comment(string text) => Line($": {text}\n\n");

    /// <param name="type">The event's name.</param>
    /// <param name="data">One line of JSON: JSON escapes line ends.</param>
    /// <param name="id">The cursor after it; null: not durable.</param>
    internal void Event(string type, JsonElement data, string? id)
    {
        if (id is not null)
        {
            Line($"id: {id}\n");
        }
        Line($"event: {type}\ndata: ");
        using (var json = new Utf8JsonWriter((IBufferWriter<byte>)_pipe))
        {
            data.WriteTo(json);
        }
        Line("\n\n");
    }

    /// <exception cref="TimeoutException">The client reads nothing: it is given up and comes back with its cursor.</exception>
    internal async Task FlushAsync(CancellationToken ct)
    {
        if (!_dirty)
        {
            return;
        }
        _dirty = false;
        var flush = _pipe.FlushAsync(ct);
        var result = flush.IsCompleted ? await flush : await flush.AsTask().WaitAsync(Patience, time, ct);
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new OperationCanceledException("The client has gone.");
        }
    }

    private void Line(string text)
    {
        Encoding.UTF8.GetBytes(text, _pipe);
        _dirty = true;
    }
}
