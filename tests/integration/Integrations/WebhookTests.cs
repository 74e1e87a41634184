using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Parley.Conversations.Contracts;
using Parley.Integrations.Webhooks;
using Parley.Testkit;
using Parley.Tests.Integration.Conversations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Integrations;

/// <summary>Webhooks at the wire: what a receiver gets, and what becomes of its answers.</summary>
public sealed class WebhookTests(WebhookWorld world) : IClassFixture<WebhookWorld>, IAsyncLifetime
{
    private const string Message = "message.created";
    private Hooked _hooked = null!;
    private Visitor _visitor = null!;

    private ShiftableTime Time => world.Host.Time;

    public async ValueTask InitializeAsync()
    {
        world.Receiver.Answer(200);
        _hooked = await Hooked.CreateAsync(world);
        _visitor = await _hooked.Tenant.VisitorAsync();
    }

    public async ValueTask DisposeAsync() => await _hooked.RemoveAllAsync();

    [Fact]
    public async Task What_happens_arrives_signed_by_the_secret_and_as_the_catalogue_describes_it()
    {
        var hook = await _hooked.AddAsync("conversation.started", Message);
        var conversation = await _visitor.StartAsync("Where is my invoice, für März?");
        var received = await hook.ReceivedAsync(2);
        foreach (var one in received)
        {
            one.IsSignedBy(hook.Secret).ShouldBeTrue(one.Body);
            one.IsSignedBy(WebhookSignature.NewSecret()).ShouldBeFalse();
            one.Json.GetProperty("id").GetString().ShouldBe(one.Id);
            (DateTimeOffset.FromUnixTimeSeconds(long.Parse(one.Timestamp)) - Time.GetUtcNow()).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(1));
            one.Json.GetProperty("tenantId").GetGuid().ShouldBe(_hooked.Tenant.Tenant.Id);
            one.Json.GetProperty("data").GetProperty("conversation").GetProperty("id").GetGuid().ShouldBe(conversation);
        }
        var said = received.Single(r => r.Type == Message).Json.GetProperty("data");
        said.GetProperty("message").GetProperty("text").GetString().ShouldBe("Where is my invoice, für März?");
        said.GetProperty("actor").GetProperty("id").GetGuid().ShouldBe(_visitor.EndUserId);
        said.GetProperty("seq").GetInt64().ShouldBeGreaterThan(received.Single(r => r.Type == "conversation.started").Json.GetProperty("data").GetProperty("seq").GetInt64());
        // Exactly the properties that the published schema names.
        var schema = (await _hooked.Owner.GetJsonAsync("/v1/webhooks/events")).GetProperty("items").EnumerateArray().Single(t => t.GetProperty("type").GetString() == Message).GetProperty("schema");
        schema.GetProperty("properties").GetProperty("data").GetProperty("properties").EnumerateObject().Select(p => p.Name).ShouldBe(said.EnumerateObject().Select(p => p.Name), ignoreOrder: true);
        var deliveries = await hook.UntilAsync(all => all.Count == 2 && all.All(d => d.String("state") == "delivered"));
        deliveries.ShouldAllBe(d => d.GetProperty("attempts").GetInt32() == 1);
    }

    [Fact]
    public async Task A_note_reaches_only_who_asked_for_notes()
    {
        var (messages, notes) = (await _hooked.AddAsync(Message), await _hooked.AddAsync("note.created"));
        var conversation = await _visitor.StartAsync();
        var agent = await _hooked.Tenant.AgentAsync();
        (await agent.Client.PostAsJsonAsync($"/v1/conversations/{conversation}/messages", new { text = "A difficult customer", visibility = "note" })).EnsureSuccessStatusCode();
        await _visitor.SendAsync(conversation, "Hello");
        (await notes.ReceivedAsync(1))[0].Body.ShouldContain("A difficult customer");
        (await messages.ReceivedAsync(1))[0].Body.ShouldContain("Hello");
        await messages.UntilAttemptsAsync(1);
        messages.Received.ShouldAllBe(r => !r.Body.Contains("difficult"));
        notes.Received.ShouldAllBe(r => r.Type == "note.created");
    }

    [Fact]
    public async Task What_fails_twice_comes_again_later_with_the_same_id_and_body()
    {
        world.Receiver.FailFirst(2, 500);
        var hook = await _hooked.AddAsync(Message);
        await _visitor.StartAsync("Hello");
        var first = (await hook.UntilAttemptsAsync(1)).Single();
        first.String("state").ShouldBe("pending");
        (first.GetProperty("nextAttemptAt").GetDateTimeOffset() - Time.GetUtcNow()).ShouldBeLessThan(TimeSpan.FromSeconds(6));
        hook.Received.Count.ShouldBe(1);
        Time.Advance(TimeSpan.FromSeconds(6));
        await hook.UntilAttemptsAsync(2);
        Time.Advance(TimeSpan.FromSeconds(18));
        var done = (await hook.UntilAsync(all => all.Single().String("state") == "delivered")).Single();
        var all = await hook.ReceivedAsync(3);
        all.Select(r => (r.Id, r.Body)).Distinct().Count().ShouldBe(1);
        all.Select(r => r.Timestamp).Distinct().Count().ShouldBe(3, "each attempt is signed for its own moment");
        all.ShouldAllBe(r => r.IsSignedBy(hook.Secret));
        var attempts = (await hook.DeliveryAsync(done)).GetProperty("attemptLog").EnumerateArray().ToList();
        attempts.Select(a => a.GetProperty("status").GetInt32()).ShouldBe([200, 500, 500]);
        attempts[^1].String("error").ShouldBe("The receiver failed.");
        (await hook.ViewAsync()).GetProperty("failingSince").ValueKind.ShouldBe(JsonValueKind.Null, "it works again");
    }

    [Fact]
    public async Task Who_asks_for_patience_gets_nothing_until_then_and_then_everything()
    {
        world.Receiver.Answer(429, retryAfter: "600");
        var hook = await _hooked.AddAsync(Message);
        var conversation = await _visitor.StartAsync("One");
        await hook.UntilViewAsync(view => view.GetProperty("holdUntil").ValueKind != JsonValueKind.Null);
        world.Receiver.Answer(200);
        await _visitor.SendAsync(conversation, "Two");
        Time.Advance(TimeSpan.FromMinutes(9));
        await Task.Delay(1500); // more than a poll: were it not held, the second one would have come
        hook.Received.Count.ShouldBe(1);
        Time.Advance(TimeSpan.FromMinutes(2));
        (await hook.ReceivedAsync(3)).Select(r => r.Json.GetProperty("data").GetProperty("message").GetProperty("text").GetString()).ShouldBe(["One", "One", "Two"], ignoreOrder: true);
    }

    [Fact]
    public async Task Gone_switches_off_says_so_and_catches_up_when_a_person_switches_it_on()
    {
        world.Receiver.Answer(410);
        var hook = await _hooked.AddAsync(Message);
        var conversation = await _visitor.StartAsync("One");
        var view = await hook.UntilViewAsync(v => !v.GetProperty("enabled").GetBoolean());
        view.String("disabledReason").ShouldBe("gone");
        (await _hooked.Owner.GetJsonAsync("/v1/audit?action=webhook.disabled")).GetProperty("items").GetArrayLength().ShouldBe(1);
        await _visitor.SendAsync(conversation, "Two");
        world.Receiver.Answer(200);
        Time.Advance(TimeSpan.FromMinutes(5));
        await Task.Delay(1500);
        hook.Received.Count.ShouldBe(1);
        (await _hooked.PatchAsync(hook.Id, new { enabled = true })).GetProperty("disabledReason").ValueKind.ShouldBe(JsonValueKind.Null);
        (await hook.ReceivedAsync(3)).Select(r => r.Json.GetProperty("data").GetProperty("message").GetProperty("text").GetString()).ShouldBe(["One", "One", "Two"], ignoreOrder: true);
    }

    [Fact]
    public async Task Switched_on_with_what_was_missed_skipped_it_begins_now()
    {
        var hook = await _hooked.AddAsync(null, [Message], enabled: false);
        Hook late;
        // An older transaction that still runs, anybody's: what was missed is behind it, and there all the same.
        await using (var everything = await world.Host.Database.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken))
        await using (await everything.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await everything.ExecuteAsync("select pg_current_xact_id()");
            var conversation = await _visitor.StartAsync("Missed");
            await _hooked.PatchAsync(hook.Id, new { enabled = true, skipMissed = true });
            late = await _hooked.AddAsync(null, [Message]);
            await _visitor.SendAsync(conversation, "Later");
        }
        foreach (var one in new[] { hook, late })
        {
            (await one.ReceivedAsync(1))[0].Body.ShouldContain("Later");
            await one.UntilAttemptsAsync(1);
            one.Received.Count.ShouldBe(1);
        }
    }

    [Fact]
    public async Task Nothing_but_failures_for_five_days_switches_it_off()
    {
        world.Receiver.Answer(500);
        var hook = await _hooked.AddAsync(Message);
        var conversation = await _visitor.StartAsync("One");
        await hook.UntilAttemptsAsync(1);
        (await hook.ViewAsync()).GetProperty("failingSince").ValueKind.ShouldNotBe(JsonValueKind.Null);
        Time.Advance(TimeSpan.FromDays(4));
        await hook.UntilAttemptsAsync(2);
        (await hook.ViewAsync()).GetProperty("enabled").GetBoolean().ShouldBeTrue();
        Time.Advance(TimeSpan.FromDays(1.1));
        (await hook.UntilViewAsync(v => !v.GetProperty("enabled").GetBoolean())).String("disabledReason").ShouldBe("failing");
    }

    [Theory]
    [InlineData(302, "Redirects are not followed")]
    [InlineData(401, "refuses")]
    [InlineData(404, "no such address")]
    public async Task An_answer_that_is_no_success_says_how_to_mend_it(int status, string says)
    {
        world.Receiver.Answer(async (http, _) =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.Location = new Uri(world.Receiver.Address, "/elsewhere").AbsoluteUri;
            await http.Response.WriteAsync("No\0body " + new string('x', 3000));
        });
        var hook = await _hooked.AddAsync(Message);
        var tested = await _hooked.PostAsync($"/v1/webhooks/{hook.Id}/test");
        tested.String("state").ShouldBe("failed");
        tested.GetProperty("lastStatus").GetInt32().ShouldBe(status);
        tested.String("lastError")!.ShouldContain(says);
        var shown = tested.GetProperty("attemptLog")[0].String("response")!;
        shown.ShouldStartWith("No body xxx");
        shown.Length.ShouldBeLessThan(1010);
        world.Receiver.Received.ShouldAllBe(r => r.Path != "/elsewhere");
    }

    [Fact]
    public async Task A_cut_connection_and_a_closed_port_are_told_apart()
    {
        world.Receiver.Cut();
        var hook = await _hooked.AddAsync(Message);
        (await _hooked.PostAsync($"/v1/webhooks/{hook.Id}/test")).String("lastError")!.ShouldContain("cut");
        await using (var other = await WebhookReceiver.StartAsync())
        {
            world.Rebinds = IPAddress.Parse("93.184.216.34");
            await _hooked.PatchAsync(hook.Id, new { url = $"https://rebinds.example:{other.Address.Port}/" });
        }
        (await _hooked.PostAsync($"/v1/webhooks/{hook.Id}/test")).String("lastError")!.ShouldContain("No connection");
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_keeps_nothing_waiting_but_itself()
    {
        var release = new TaskCompletionSource();
        var slow = await _hooked.AddAsync(Message);
        var quick = await _hooked.AddAsync(Message);
        world.Receiver.Answer((_, r) => r.Path == slow.Path ? release.Task : Task.CompletedTask);
        var conversation = await _visitor.StartAsync("0");
        for (var i = 1; i < 10; i++) await _visitor.SendAsync(conversation, $"{i}");
        (await quick.ReceivedAsync(10)).Count.ShouldBe(10);
        slow.Received.Count.ShouldBeLessThanOrEqualTo(4, "so many at once, from the whole installation");
        // Its patience of 15 seconds is real time.
        (await slow.UntilAsync(all => all.Any(d => d.GetProperty("attempts").GetInt32() > 0))).First(d => d.GetProperty("attempts").GetInt32() > 0).String("lastError")!.ShouldContain("15 seconds");
        release.SetResult();
    }

    [Fact]
    public async Task Many_events_arrive_once_each_from_two_nodes()
    {
        await using var second = await ParleyHost.StartAsync(world.Postgres, world.Reach, world.Host.Database);
        var hook = await _hooked.AddAsync(Message);
        var conversation = await _visitor.StartAsync("0");
        await Task.WhenAll(Enumerable.Range(1, 39).Select(i => _visitor.SendAsync(conversation, $"{i}")));
        await hook.UntilAsync(all => all.Count == 40 && all.All(d => d.String("state") == "delivered"));
        hook.Received.Select(r => r.Json.GetProperty("data").GetProperty("message").GetProperty("text").GetString()).Order().ShouldBe(Enumerable.Range(0, 40).Select(i => $"{i}").Order());
    }

    [Fact]
    public async Task What_commits_late_is_not_skipped()
    {
        var hook = await _hooked.AddAsync("conversation.rated");
        var (early, late) = (await _visitor.StartAsync("Early"), await _visitor.StartAsync("Late"));
        var (begun, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        var holding = world.Host.Database.Tenants.InTransactionAsync(_hooked.Tenant.Tenant.Id, async s =>
        {
            await world.Host.Services.GetRequiredService<ConversationEvents>().AppendAsync(s, late, new EventDraft(new ConversationRated(1), Actor.EndUser(_visitor.EndUserId)));
            begun.SetResult();
            await go.Task;
        }, default);
        await begun.Task;
        (await _visitor.Client.PostAsJsonAsync($"/v1/widget/conversations/{early}/rating", new { rating = 5 })).EnsureSuccessStatusCode();
        await Task.Delay(1500); // the later one is not delivered ahead of what may still come before it
        go.SetResult();
        await holding;
        (await hook.ReceivedAsync(2)).Select(r => r.Json.GetProperty("data").GetProperty("rating").GetInt32()).ShouldBe([1, 5], ignoreOrder: true);
    }
}
