using System.Globalization;
using System.Net.Http.Json;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Escalations;

/// <summary>Each test moves the clock of the whole host forward: a host of its own.</summary>
public sealed class HandoffTimerTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_request_that_nobody_accepts_is_reminded_of_and_in_the_end_told()
    {
        await using var host = await IdentityHost.StartAsync(postgres);
        var world = await HandoffWorld.MakeAsync(host);
        var manager = await world.Tenant.MemberAsync("manager");
        var talk = await world.ConversationAsync("Help");
        var handoff = await world.RequestAsync(talk);
        host.Time.Advance(TimeSpan.FromMinutes(3.1));
        await HandoffWorld.EventuallyAsync(async () => (await world.TransitionsAsync(handoff.Id)).Count == 4, "the first reminder");
        (await world.ReadsAsync(talk))[^1].ShouldStartWith("system: Thank you for your patience. You are number 1");
        host.Time.Advance(TimeSpan.FromMinutes(3.1));
        await HandoffWorld.EventuallyAsync(async () => (await world.TransitionsAsync(handoff.Id)).Count == 5, "the second reminder");
        (await world.EventsAsync(talk))[^1].ShouldBe("queued", "agents are told again");
        (await world.ReadsAsync(talk)).Count(m => m.StartsWith("system: Thank you for your patience", StringComparison.Ordinal)).ShouldBe(1, "the customer already knows");
        host.Time.Advance(TimeSpan.FromMinutes(16));
        await HandoffWorld.EventuallyAsync(async () => (await world.ReadsAsync(talk)).Count(m => m.StartsWith("system: Thank you for your patience", StringComparison.Ordinal)) == 2, "words after a long silence");
        for (var i = 0; i < 12 && (await world.TransitionsAsync(handoff.Id))[^1] != "expired"; i++)
        {
            var before = (await world.TransitionsAsync(handoff.Id)).Count;
            host.Time.Advance(TimeSpan.FromMinutes(61));
            await HandoffWorld.EventuallyAsync(async () => (await world.TransitionsAsync(handoff.Id)).Count > before, "the next timer");
        }
        (await world.TransitionsAsync(handoff.Id))[^1].ShouldBe("expired");
        (await world.StateAsync(talk)).Owner.ShouldBe("assistant");
        (await world.ReadsAsync(talk))[^1].ShouldStartWith("system: I am sorry: nobody from our team was free in time.");
        (await world.EventsAsync(talk))[^1].ShouldBe("expired");
        var task = await OnlyTaskAsync(world);
        task.GetProperty("state").GetString().ShouldBe("open");
        task.GetProperty("conversationId").GetGuid().ShouldBe(talk);
        task.GetProperty("ownerId").GetGuid().ShouldBe(manager.UserId);
        task.GetProperty("dueAt").GetDateTimeOffset().ShouldBe(host.Time.GetUtcNow().AddHours(24), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task An_agent_who_accepts_and_says_nothing_loses_the_conversation_to_the_queue()
    {
        await using var host = await IdentityHost.StartAsync(postgres);
        var world = await HandoffWorld.MakeAsync(host);
        var talk = await world.ConversationAsync("Help");
        var handoff = await world.RequestAsync(talk);
        await HandoffWorld.PostAsync(world.Agent.Client, $"/v1/handoffs/{handoff.Id}/accept");
        host.Time.Advance(TimeSpan.FromMinutes(10.1));
        await HandoffWorld.EventuallyAsync(async () => (await world.TransitionsAsync(handoff.Id))[^1] == "queued", "the end of patience");
        (await world.StateAsync(talk)).Owner.ShouldBe("queue");
        (await world.ReadsAsync(talk))[^1].ShouldStartWith("system: I am sorry for the wait");
        (await world.InAsync(s => s.QueryAsync<string>("select p.content ->> 'text' from messages m join message_parts p on p.tenant_id = m.tenant_id and p.message_id = m.id where m.visibility = 'note'")))
            .Single().ShouldContain("did not reply for 10 minutes");
        (await world.EventsAsync(talk))[^1].ShouldBe("queued");
        // Somebody else takes it; its own time begins.
        var other = await world.Tenant.MemberAsync("agent");
        (await HandoffWorld.PostAsync(other.Client, $"/v1/handoffs/{handoff.Id}/accept")).GetProperty("agentId").GetGuid().ShouldBe(other.UserId);
    }

    [Fact]
    public async Task An_agent_who_answers_keeps_it_until_the_customer_waits_again()
    {
        await using var host = await IdentityHost.StartAsync(postgres);
        var world = await HandoffWorld.MakeAsync(host);
        var talk = await world.ConversationAsync("Help");
        var handoff = await world.RequestAsync(talk);
        await HandoffWorld.PostAsync(world.Agent.Client, $"/v1/handoffs/{handoff.Id}/accept");
        using (var reply = await world.Agent.Client.PostAsJsonAsync($"/v1/conversations/{talk}/messages", new { text = "Hello, how can I help?" })) ((int)reply.StatusCode).ShouldBe(201);
        await TickAsync(11);
        (await world.TransitionsAsync(handoff.Id))[^1].ShouldBe("accepted", "the customer is the one to speak");
        await world.InAsync(async s => await world.Get<Parley.Conversations.Contracts.Messages>().AddAsync(s, new Parley.Conversations.Contracts.MessageDraft(
            talk, Parley.Conversations.Contracts.Actor.EndUser((await Parley.Conversations.Contracts.ConversationStore.LockAsync(s, talk))!.EndUserId), [Parley.Conversations.Contracts.MessagePart.OfText("It does not start.")])));
        host.Time.Advance(TimeSpan.FromMinutes(11));
        await HandoffWorld.EventuallyAsync(async () => (await world.TransitionsAsync(handoff.Id))[^1] == "queued", "the end of patience");

        async Task TickAsync(int minutes)
        {
            var before = await TimerAsync();
            host.Time.Advance(TimeSpan.FromMinutes(minutes));
            await HandoffWorld.EventuallyAsync(async () => await TimerAsync() != before, "the look at the agent");
        }

        Task<DateTimeOffset?> TimerAsync() => world.InAsync(s => s.QuerySingleAsync<DateTimeOffset?>("select timer_at from handoffs where id = @id", new { id = handoff.Id }));
    }

    private static async Task<System.Text.Json.JsonElement> OnlyTaskAsync(HandoffWorld world) =>
        (await world.Agent.Client.GetJsonAsync("/v1/tasks")).GetProperty("items").EnumerateArray().Single();

    [Fact]
    public async Task Outside_service_hours_the_customer_learns_when_and_the_request_opens_with_the_day()
    {
        await using var host = await IdentityHost.StartAsync(postgres);
        var world = await HandoffWorld.MakeAsync(host, always: false);
        // Open from two to three hours from now on, whatever the time is.
        var opens = host.Time.GetUtcNow().AddHours(2);
        var opening = opens.ToString("HH", CultureInfo.InvariantCulture) + ":00";
        await world.SettingsAsync(new { serviceHours = new { open = new[] { new { day = opens.DayOfWeek.ToString().ToLowerInvariant(), from = opening, to = "24:00" } } } });
        var talk = await world.ConversationAsync("Help");
        var handoff = await world.RequestAsync(talk);
        handoff.State.ShouldBe("out_of_hours");
        (await OnlyTaskAsync(world)).GetProperty("state").GetString().ShouldBe("open");
        (await world.StateAsync(talk)).Owner.ShouldBe("queue");
        (await world.ReadsAsync(talk))[^1].ShouldContain(opening + " (UTC)");
        host.Time.Advance(TimeSpan.FromHours(2));
        await HandoffWorld.EventuallyAsync(async () => (await world.TransitionsAsync(handoff.Id))[^1] == "queued", "the opening");
        (await world.ReadsAsync(talk))[^1].ShouldStartWith("system: Our team is back.");
        await HandoffWorld.PostAsync(world.Agent.Client, $"/v1/handoffs/{handoff.Id}/accept");
        var taken = await OnlyTaskAsync(world);
        (taken.GetProperty("state").GetString(), taken.GetProperty("ownerId").GetGuid()).ShouldBe(("in_progress", world.Agent.UserId));
        await HandoffWorld.PostAsync(world.Agent.Client, $"/v1/handoffs/{handoff.Id}/close", new { resolved = true });
        (await OnlyTaskAsync(world)).GetProperty("state").GetString().ShouldBe("done");
    }

    [Fact]
    public async Task An_offer_goes_back_to_all_and_an_agent_may_come_at_night()
    {
        await using var host = await IdentityHost.StartAsync(postgres);
        var world = await HandoffWorld.MakeAsync(host);
        var other = await world.Tenant.MemberAsync("agent");
        var talk = await world.ConversationAsync("Help");
        var handoff = await world.RequestAsync(talk);
        var offered = await HandoffWorld.PostAsync(world.Agent.Client, $"/v1/handoffs/{handoff.Id}/offer", new { agentId = other.UserId });
        offered.GetProperty("offeredTo").GetGuid().ShouldBe(other.UserId);
        using var twice = await world.Agent.Client.PostAsJsonAsync($"/v1/handoffs/{handoff.Id}/offer", new { agentId = other.UserId });
        await twice.ShouldFailAsync(409, "handoff.offered");
        host.Time.Advance(TimeSpan.FromMinutes(2.1));
        await HandoffWorld.EventuallyAsync(async () => (await world.TransitionsAsync(handoff.Id))[^1] == "queued", "the end of the offer");
        (await world.ReadsAsync(talk)).Count(m => m.StartsWith("system:", StringComparison.Ordinal)).ShouldBe(1);
        await world.SettingsAsync(new { serviceHours = new { open = Array.Empty<object>() } });
        host.Time.Advance(TimeSpan.FromMinutes(6));
        await HandoffWorld.EventuallyAsync(async () => (await world.TransitionsAsync(handoff.Id))[^1] == "out_of_hours", "the closing");
        await HandoffWorld.PostAsync(other.Client, $"/v1/handoffs/{handoff.Id}/accept");
    }

    [Fact]
    public async Task Settings_are_checked_and_kept_as_versions()
    {
        await using var host = await IdentityHost.StartAsync(postgres);
        var world = await HandoffWorld.MakeAsync(host, always: false);
        var manager = await world.Tenant.MemberAsync("manager");
        using var wrong = await manager.Client.PutAsJsonAsync("/v1/escalations/settings", new { serviceHours = new { timeZone = "Nowhere" }, rules = new { failedAttempts = 0 } });
        await wrong.ShouldFailAsync(400, "invalid", "serviceHours.timeZone");
        using var nothing = await manager.Client.PutAsJsonAsync("/v1/escalations/settings", new { });
        await nothing.ShouldFailAsync(400, "invalid", "serviceHours");
        using var saved = await manager.Client.PutAsJsonAsync("/v1/escalations/settings", new { rules = new { failedAttempts = 2, topics = new { legal = new { immediate = true, priority = "high" } } } });
        ((int)saved.StatusCode).ShouldBe(200, await saved.Content.ReadAsStringAsync());
        var read = await world.Agent.Client.GetJsonAsync("/v1/escalations/settings");
        read.GetProperty("rules").GetProperty("failedAttempts").GetInt32().ShouldBe(2);
        read.GetProperty("rules").GetProperty("topics").EnumerateObject().Single().Value.GetProperty("priority").GetString().ShouldBe("high");
        read.GetProperty("serviceHours").GetProperty("timeZone").GetString().ShouldBe("UTC");
        using var forbidden = await world.Agent.Client.PutAsJsonAsync("/v1/escalations/settings", new { rules = new { } });
        await forbidden.ShouldFailAsync(403, "forbidden");
    }
}
