using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Parley.Bench;

/// <summary>One answered message, in milliseconds from the moment the request was sent (an upper bound of "from the commit").</summary>
internal sealed record TurnTiming(double Accepted, double Sources, double FirstText, double Done, string Outcome);

/// <summary>One customer: a widget session with its feed, sending one message at a time and waiting for its turn to end.</summary>
internal sealed class LoadClient : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Pending? _pending;
    private Task _reading = Task.CompletedTask;
    private string _conversation = "";

    private LoadClient(HttpClient http) => _http = http;

    /// <summary>Messages this session has sent; the product allows 30 a minute for each end user.</summary>
    public int Sent { get; private set; }

    public static async Task<LoadClient> StartAsync(Uri server, string widgetKey, int number, CancellationToken ct)
    {
        // Every customer comes from an address of their own, as behind a real proxy: limits by address are part of what is measured.
        var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 4 }) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Add("X-Forwarded-For", $"198.51.{(number >> 8) & 255}.{number & 255}");
        var client = new LoadClient(http);
        var session = await client.PostAsync("/v1/widget/sessions", new { key = widgetKey, locale = "en" }, ct);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.GetProperty("token").GetString());
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client._reading = client.ReadFeedAsync(ready, client._stop.Token);
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(30), ct);
        client._conversation = (await client.PostAsync("/v1/widget/conversations", new { }, ct)).GetProperty("id").GetString()!;
        return client;
    }

    public async Task<TurnTiming> AskAsync(string question, CancellationToken ct)
    {
        Sent++;
        var pending = new Pending();
        lock (_gate)
        {
            _pending = pending;
        }
        await PostAsync($"/v1/widget/conversations/{_conversation}/messages", new { text = question, clientId = Guid.CreateVersion7().ToString() }, ct);
        pending.Accepted = pending.Elapsed;
        var outcome = await pending.Done.Task.WaitAsync(TimeSpan.FromSeconds(30), ct);
        return new TurnTiming(pending.Accepted, pending.Sources, pending.FirstText, pending.Elapsed, outcome);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.ContinueWith(_ => { }, TaskScheduler.Default);
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task<JsonElement> PostAsync(string path, object body, CancellationToken ct)
    {
        using var response = await _http.PostAsJsonAsync(path, body, ct);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(ct)}");
        }
        return await response.Content.ReadFromJsonAsync<JsonElement>(ct);
    }

    private async Task ReadFeedAsync(TaskCompletionSource ready, CancellationToken ct)
    {
        try
        {
            using var response = await _http.GetAsync("/v1/feed", HttpCompletionOption.ResponseHeadersRead, ct);
            response.EnsureSuccessStatusCode();
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct));
            string? type = null;
            while (await reader.ReadLineAsync(ct) is { } line)
            {
                if (line.StartsWith("event: ", StringComparison.Ordinal))
                {
                    type = line[7..];
                    ready.TrySetResult();
                }
                else if (line.StartsWith("data: ", StringComparison.Ordinal) && type is not null)
                {
                    Take(type, line);
                }
            }
            throw new IOException("The feed ended.");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            ready.TrySetException(e);
            lock (_gate)
            {
                _pending?.Done.TrySetException(e);
            }
        }
    }

    private void Take(string type, string line)
    {
        lock (_gate)
        {
            if (_pending is not { } pending)
            {
                return;
            }
            var now = pending.Elapsed;
            if (type == "sources" && pending.Sources < 0)
            {
                pending.Sources = now;
            }
            else if (type is "delta" && pending.FirstText < 0)
            {
                pending.FirstText = now;
            }
            else if (type == "message" && pending.FirstText < 0 && line.Contains("\"assistant\"", StringComparison.Ordinal))
            {
                pending.FirstText = now;
            }
            else if (type is "done" or "error")
            {
                using var json = JsonDocument.Parse(line[6..]);
                pending.Done.TrySetResult(type == "done" ? json.RootElement.GetProperty("outcome").GetString()! : "error");
                _pending = null;
            }
        }
    }

    private sealed class Pending
    {
        private readonly long _start = Stopwatch.GetTimestamp();

        public TaskCompletionSource<string> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public double Accepted { get; set; } = -1;

        public double Sources { get; set; } = -1;

        public double FirstText { get; set; } = -1;

        public double Elapsed => Stopwatch.GetElapsedTime(_start).TotalMilliseconds;
    }
}
