using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;

namespace Parley.Testkit.Faults;

/// <summary>A message that was answered 202.</summary>
public sealed record Acknowledged(string Text, Guid MessageId, Guid? TurnId);

/// <summary>
/// A visitor as the widget is one: repeats a request whose answer did not come with the same id, and goes on in the feed where it was cut
/// off. Keeps what it was promised and what it heard.
/// </summary>
public sealed class FaultCustomer : IAsyncDisposable
{
    private readonly FaultInstance _instance;
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _ended = new();
    private readonly HashSet<long> _seen = [];
    private Task _listening = Task.CompletedTask;

    private FaultCustomer(FaultInstance instance, Uri node)
    {
        _instance = instance;
        _http = ParleyHost.NewClient(node);
    }

    public Guid Conversation { get; private set; }

    /// <summary>In the order in which they were sent.</summary>
    public List<Acknowledged> Said { get; } = [];

    /// <summary>Numbers of the durable events, as they came; what was heard before is dropped, as the widget does.</summary>
    public List<long> Heard { get; } = [];

    /// <summary>Text of each turn as its deltas built it, up to the last one.</summary>
    public ConcurrentDictionary<Guid, string> Drafts { get; } = new();

    /// <param name="instance">Whose customer.</param>
    /// <param name="node">The node that it talks to; null: the first one.</param>
    public static async Task<FaultCustomer> StartAsync(FaultInstance instance, Uri? node = null)
    {
        var customer = new FaultCustomer(instance, node ?? instance.Address);
        var session = await customer.PostAsync("/v1/widget/sessions", new { key = instance.WidgetKey, locale = "en" });
        customer._http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.GetProperty("token").GetString());
        var started = await customer.PostAsync("/v1/widget/conversations", new { clientId = Guid.CreateVersion7().ToString() });
        customer.Conversation = started.GetProperty("id").GetGuid();
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        customer._listening = customer.ListenAsync(ready);
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return customer;
    }

    public async Task<Acknowledged> SayAsync(string text)
    {
        var sent = await PostAsync($"/v1/widget/conversations/{Conversation}/messages", new { text, clientId = Guid.CreateVersion7().ToString() });
        var turn = sent.GetProperty("turnId") is { ValueKind: JsonValueKind.String } id ? id.GetGuid() : (Guid?)null;
        var acknowledged = new Acknowledged(text, sent.GetProperty("messageId").GetGuid(), turn);
        Said.Add(acknowledged);
        return acknowledged;
    }

    /// <summary>Says something and waits until the feed tells the end of its turn.</summary>
    public async Task AskAsync(string text)
    {
        var said = await SayAsync(text);
        await Ended(said.TurnId.ShouldNotBeNull("the assistant answers this conversation")).Task.WaitAsync(TimeSpan.FromSeconds(90));
    }

    /// <summary>Repeats until it is acknowledged.</summary>
    public async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await Patience.SendAsync(() => _instance.SendAsync(_http, new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) }));
        var answer = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBeInRange(200, 299, $"{path}: {answer}");
        return answer.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(answer);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _listening;
        _http.Dispose();
        _stop.Dispose();
    }

    private TaskCompletionSource Ended(Guid turn) => _ended.GetOrAdd(turn, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task ListenAsync(TaskCompletionSource ready)
    {
        string? last = null;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/feed");
                if (last is not null) request.Headers.TryAddWithoutValidation("Last-Event-ID", last);
                using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _stop.Token);
                _instance.Count(response.StatusCode);
                response.StatusCode.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable);
                if (response.IsSuccessStatusCode)
                {
                    using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(_stop.Token));
                    string? type = null, id = null;
                    while (await reader.ReadLineAsync(_stop.Token) is { } line)
                    {
                        if (line.StartsWith("event: ", StringComparison.Ordinal)) type = line[7..];
                        else if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
                        else if (line.StartsWith("data: ", StringComparison.Ordinal)) Take(type!, JsonSerializer.Deserialize<JsonElement>(line[6..]));
                        else if (line.Length == 0) (last, type, id) = (id ?? last, null, null);
                        if (last is not null) ready.TrySetResult();
                    }
                }
            }
            catch (Exception e) when (Patience.IsAway(e))
            {
                // It comes back where it was.
            }
            catch (Exception e)
            {
                ready.TrySetException(e);
                foreach (var waiting in _ended.Values) waiting.TrySetException(e);
                return;
            }
            await Task.Delay(30, CancellationToken.None);
        }
    }

    private void Take(string type, JsonElement data)
    {
        if (type == "delta")
        {
            var (turn, offset) = (data.GetProperty("turnId").GetGuid(), data.GetProperty("offset").GetInt32());
            var before = Drafts.GetValueOrDefault(turn, "");
            offset.ShouldBeLessThanOrEqualTo(before.Length, "a delta leaves a gap in its text");
            Drafts[turn] = before[..offset] + data.GetProperty("text").GetString();
        }
        else if (data.TryGetProperty("seq", out var seq) && data.GetProperty("conversationId").GetGuid() == Conversation)
        {
            if (_seen.Add(seq.GetInt64())) Heard.Add(seq.GetInt64());
            if (type == "replaced") Drafts.TryRemove(data.GetProperty("turnId").GetGuid(), out _);
            if (type is "done" or "error" && data.GetProperty("turnId") is { ValueKind: JsonValueKind.String } turn) Ended(turn.GetGuid()).TrySetResult();
        }
    }
}
