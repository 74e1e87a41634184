using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Shouldly;

namespace Parley.Testkit.Faults;

/// <summary>
/// Customers talk while somebody's program is told of it, and the server is killed at a random moment, also between a request and the note
/// that it was made. Every event arrives; what arrives twice is what was on its way at that moment, with the same id and body.
/// </summary>
public sealed class WebhookFault : IAsyncDisposable
{
    private const string EventsSql = "select replace(id::text, '-', '') from events where type not in ('sources', 'replaced') and conversation_id = any (@conversations)";
    private const int OnTheirWay = 4; // requests that a receiver gets at once
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly string[] Told =
    [
        "conversation.started", "message.created", "turn.finished", "turn.failed", "handoff.changed", "conversation.assigned", "conversation.rated", "conversation.closed",
        "conversation.reopened", "resolution.recorded",
    ];

    private readonly WebhookReceiver _receiver;
    private readonly ConcurrentBag<string> _accepted = [];
    private string _secret = "";

    private WebhookFault(WebhookReceiver receiver, FaultInstance instance) => (_receiver, Instance) = (receiver, instance);

    public FaultInstance Instance { get; }

    public static async Task<WebhookFault> StartAsync()
    {
        var receiver = await WebhookReceiver.StartAsync();
        var fault = new WebhookFault(receiver, await FaultInstance.StartAsync(new FaultSetting { Environment = [("PARLEY_PRIVATE_HOSTS", receiver.HostAndPort)] }));
        using var made = await fault.Instance.SendAsync(HttpMethod.Post, "/v1/webhooks", new { url = new Uri(receiver.Address, "/hook").AbsoluteUri, events = Told });
        ((int)made.StatusCode).ShouldBe(201, await made.Content.ReadAsStringAsync());
        fault._secret = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
        return fault;
    }

    public async Task<FaultRound> RunAsync(Random random, int conversations)
    {
        _receiver.Forget();
        _accepted.Clear();
        var count = 0;
        _receiver.Answer(async (http, received) =>
        {
            // Long enough that the kill falls into some; and a few fail of themselves.
            await Task.Delay(30);
            if (Interlocked.Increment(ref count) % 9 == 0) http.Response.StatusCode = 500;
            else _accepted.Add(received.Id);
        });
        var customers = new List<FaultCustomer>();
        try
        {
            for (var i = 0; i < conversations; i++) customers.Add(await FaultCustomer.StartAsync(Instance));
            var talking = Task.WhenAll(customers.Select(TalkAsync));
            var after = random.Next(50, 2500);
            await Task.Delay(after);
            await Instance.KillAsync();
            await talking;
            var events = (await Instance.QueryAsync<string>(EventsSql, new { conversations = customers.Select(c => c.Conversation).ToArray() })).Select(id => "evt_" + id).ToHashSet();
            await EverythingAsync(events);
            var twice = _accepted.CountBy(id => id).Count(id => id.Value > 1);
            twice.ShouldBeLessThanOrEqualTo(OnTheirWay, "only what was on its way when the server was killed is sent again");
            _receiver.Received.ShouldAllBe(r => r.IsSignedBy(_secret));
            _receiver.Received.GroupBy(r => r.Id).ShouldAllBe(one => one.Select(r => r.Body).Distinct().Count() == 1);
            return FaultRound.Of($"killed after {after} ms, {events.Count} events arrived, {twice} of them twice", ("events", events.Count), ("twice", twice));
        }
        finally
        {
            foreach (var customer in customers) await customer.DisposeAsync();
        }
    }

    private static async Task TalkAsync(FaultCustomer customer)
    {
        for (var i = 0; i < 4; i++) await customer.AskAsync(TurnFault.Questions[i % TurnFault.Questions.Count]);
        await customer.PostAsync($"/v1/widget/conversations/{customer.Conversation}/end", new { resolved = true });
    }

    private async Task EverythingAsync(HashSet<string> events)
    {
        using var patience = new CancellationTokenSource(Patience);
        for (List<string> missing; (missing = [.. events.Except(_accepted)]).Count > 0;)
        {
            patience.IsCancellationRequested.ShouldBeFalse($"{missing.Count} of {events.Count} events did not arrive\n{Instance.Tail()}");
            await Task.Delay(100);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Instance.DisposeAsync();
        await _receiver.DisposeAsync();
    }
}
