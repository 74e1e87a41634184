using System.Net.Http.Json;
using System.Text.Json;
using Parley.Conversations.Contracts;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Escalations;

public sealed class HandoffTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_request_is_told_queued_accepted_answered_and_given_back()
    {
        var world = await HandoffWorld.MakeAsync(_host); 
        var talk = await world.ConversationAsync("Where do I find the logs of my deployment?", "I want a person");
        var handoff = await world.RequestAsync(talk); 
        (handoff.State, handoff.Position, handoff.Priority).ShouldBe(("queued", 1, "high"));
        (await world.StateAsync(talk)).Owner.ShouldBe("queue");
        (await world.ReadsAsync(talk))[^1].ShouldBe("system: A person from our team has been asked to join. You are number 1 in the queue. You can keep writing; they will see everything.");

        var list = (await world.Agent.Client.GetJsonAsync("/v1/handoffs")).GetProperty("items");
        var item = list.EnumerateArray().Single();
        item.GetProperty("summary").GetString().ShouldBe("Asked: Where do I find the logs of my deployment?");
        item.GetProperty("conversation").GetProperty("endUserName").GetString().ShouldBe("Robin");

        var accepted = await HandoffWorld.PostAsync(world.Agent.Client, $"/v1/handoffs/{handoff.Id}/accept");
        accepted.GetProperty("state").GetString().ShouldBe("accepted");
        accepted.GetProperty("agentId").GetGuid().ShouldBe(world.Agent.UserId);
        (await world.StateAsync(talk)).ShouldSatisfyAllConditions(c => c.Owner.ShouldBe("agent"), c => c.AgentId.ShouldBe(world.Agent.UserId));
        (await world.ReadsAsync(talk))[^1].ShouldEndWith("has joined the conversation.");

        var returned = await HandoffWorld.PostAsync(world.Agent.Client, $"/v1/handoffs/{handoff.Id}/return", new { note = "Was about the build log." });
        returned.GetProperty("state").GetString().ShouldBe("returned");
        (await world.StateAsync(talk)).Owner.ShouldBe("assistant");
        (await world.EventsAsync(talk)).ShouldBe(["queued", "accepted", "returned"]);

        var detail = await world.Agent.Client.GetJsonAsync($"/v1/handoffs/{handoff.Id}");
        detail.GetProperty("transitions").EnumerateArray().Select(t => t.GetProperty("toState").GetString())
            .ShouldBe(["requested", "acknowledged", "queued", "accepted", "returned"]);
        (await world.InAsync(s => s.QueryAsync<string>("select action from audit where target_id = @id order by id", new { id = handoff.Id.ToString() })))
            .ShouldBe(["handoff.accepted", "handoff.returned"]);
    }

    [Fact]
    public async Task Of_two_agents_at_once_exactly_one_gets_the_conversation()
    {
        var world = await HandoffWorld.MakeAsync(_host);
        var other = await world.Tenant.MemberAsync("agent");
        for (var round = 0; round < 8; round++)
        {
            var handoff = await world.RequestAsync(await world.ConversationAsync("Help"));
            var answers = await Task.WhenAll(new[] { world.Agent.Client, other.Client }
                .Select(client => client.PostAsJsonAsync($"/v1/handoffs/{handoff.Id}/accept", new { })));
            answers.Select(a => (int)a.StatusCode).Order().ShouldBe([200, 409]);
            var loser = answers.Single(a => (int)a.StatusCode == 409);
            await loser.ShouldFailAsync(409, "handoff.taken");
            (await world.TransitionsAsync(handoff.Id)).Count(t => t == "accepted").ShouldBe(1);
            // The winner may press again.
            var winner = answers[0].IsSuccessStatusCode ? world.Agent.Client : other.Client;
            await HandoffWorld.PostAsync(winner, $"/v1/handoffs/{handoff.Id}/accept");
        }
    }

    [Fact]
    public async Task Two_requests_are_one_and_the_second_may_make_it_more_urgent()
    {
        var world = await HandoffWorld.MakeAsync(_host);
        var talk = await world.ConversationAsync("It fails");
        var both = await Task.WhenAll(world.RequestAsync(talk, "failed_attempts"), world.RequestAsync(talk, "failed_attempts"));
        both[0].Id.ShouldBe(both[1].Id);
        (await world.TransitionsAsync(both[0].Id)).ShouldBe(["requested", "acknowledged", "queued"]);
        var raised = await world.RequestAsync(talk, "own_account.billing");
        (raised.Id, raised.Priority).ShouldBe((both[0].Id, "urgent"));
        raised.Reasons.ShouldBe(["failed_attempts", "own_account.billing"]);
        (await world.TransitionsAsync(raised.Id)).ShouldBe(["requested", "acknowledged", "queued", "queued"]);
        (await world.ReadsAsync(talk)).Count(m => m.StartsWith("system:", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task The_queue_goes_by_urgency_then_age_and_pages()
    {
        var world = await HandoffWorld.MakeAsync(_host);
        var medium = await world.RequestAsync(await world.ConversationAsync("a"), "failed_attempts");
        var low = await world.RequestAsync(await world.ConversationAsync("b"), "long_conversation");
        var high = await world.RequestAsync(await world.ConversationAsync("c"), "explicit_request");
        var urgent = await world.RequestAsync(await world.ConversationAsync("Someone hacked my account"), "explicit_request");
        var later = await world.RequestAsync(await world.ConversationAsync("d"), "explicit_request");
        (medium.Position, low.Position, high.Position, urgent.Position, later.Position).ShouldBe((1, 2, 1, 1, 3));
        urgent.Reasons.ShouldBe(["explicit_request", "own_account.security", "topic.security"]);

        var seen = new List<(Guid, int)>();
        for (string? next = null, first = "yes"; first is not null || next is not null; first = null)
        {
            var page = await world.Agent.Client.GetJsonAsync("/v1/handoffs?limit=2" + (next is null ? "" : "&cursor=" + next));
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => (i.GetProperty("id").GetGuid(), i.GetProperty("position").GetInt32())));
            next = page.GetProperty("next").GetString();
        }
        seen.ShouldBe([(urgent.Id, 1), (high.Id, 2), (later.Id, 3), (medium.Id, 4), (low.Id, 5)]);
        using var unknown = await world.Agent.Client.GetAsync("/v1/handoffs?state=lost");
        await unknown.ShouldFailAsync(400, "invalid", "state");
    }

    [Fact]
    public async Task A_customer_may_take_the_request_back_until_somebody_has_come()
    {
        var world = await HandoffWorld.MakeAsync(_host);
        var talk = await world.ConversationAsync("Help");
        var handoff = await world.RequestAsync(talk);
        (await CancelAsync(world, talk)).ShouldBeNull();
        (await world.StateAsync(talk)).Owner.ShouldBe("assistant");
        (await world.TransitionsAsync(handoff.Id))[^1].ShouldBe("returned");
        (await CancelAsync(world, talk)).ShouldBe("handoff.none");
        using var late = await world.Agent.Client.PostAsJsonAsync($"/v1/handoffs/{handoff.Id}/accept", new { });
        await late.ShouldFailAsync(409, "handoff.ended");

        var again = await world.RequestAsync(talk);
        again.Id.ShouldNotBe(handoff.Id);
        await HandoffWorld.PostAsync(world.Agent.Client, $"/v1/handoffs/{again.Id}/accept");
        (await CancelAsync(world, talk)).ShouldBe("handoff.accepted");
    }

    [Fact]
    public async Task Closing_counts_for_the_person_and_ends_the_handoff()
    {
        var world = await HandoffWorld.MakeAsync(_host);
        var talk = await world.ConversationAsync("Help");
        var handoff = await world.RequestAsync(talk);
        using var early = await world.Agent.Client.PostAsJsonAsync($"/v1/handoffs/{handoff.Id}/close", new { resolved = true });
        await early.ShouldFailAsync(409, "handoff.not_accepted");
        await HandoffWorld.PostAsync(world.Agent.Client, $"/v1/handoffs/{handoff.Id}/accept");
        using var silent = await world.Agent.Client.PostAsJsonAsync($"/v1/handoffs/{handoff.Id}/close", new { });
        await silent.ShouldFailAsync(400, "invalid", "resolved");
        var closed = await HandoffWorld.PostAsync(world.Agent.Client, $"/v1/handoffs/{handoff.Id}/close", new { resolved = true, note = "Solved by phone." });
        closed.GetProperty("state").GetString().ShouldBe("closed");
        (await world.StateAsync(talk)).Status.ShouldBe("closed");
        (await world.InAsync(s => s.QueryAsync<string>("select class from resolutions where conversation_id = @talk", new { talk }))).ShouldBe(["by_person"]);
        using var request = await world.Agent.Client.PostAsJsonAsync($"/v1/conversations/{talk}/handoff", new { });
        await request.ShouldFailAsync(409, "conversation.closed");
    }

    [Fact]
    public async Task An_agent_may_step_in_without_being_asked()
    {
        var world = await HandoffWorld.MakeAsync(_host);
        var talk = await world.ConversationAsync("How do I add a domain?");
        var taken = await HandoffWorld.PostAsync(world.Agent.Client, $"/v1/conversations/{talk}/handoff");
        taken.GetProperty("reasons").EnumerateArray().Select(r => r.GetString()).ShouldBe(["takeover"]);
        (await world.TransitionsAsync(taken.GetProperty("id").GetGuid())).ShouldBe(["requested", "accepted"]);
        (await world.StateAsync(talk)).Owner.ShouldBe("agent");
        // Asked twice it stays hers; a colleague learns who has it; a waiting request is accepted by it.
        await HandoffWorld.PostAsync(world.Agent.Client, $"/v1/conversations/{talk}/handoff");
        var other = await world.Tenant.MemberAsync("agent");
        using var refused = await other.Client.PostAsJsonAsync($"/v1/conversations/{talk}/handoff", new { });
        await refused.ShouldFailAsync(409, "handoff.taken");
        var waiting = await world.ConversationAsync("Help");
        var handoff = await world.RequestAsync(waiting);
        (await HandoffWorld.PostAsync(other.Client, $"/v1/conversations/{waiting}/handoff")).GetProperty("id").GetGuid().ShouldBe(handoff.Id);
    }

    [Fact]
    public async Task Many_conversations_are_given_to_one_member_except_those_that_a_colleague_has()
    {
        var world = await HandoffWorld.MakeAsync(_host);
        var (free, waiting, held) = (await world.ConversationAsync("How do I add a domain?"), await world.ConversationAsync("Help"), await world.ConversationAsync("Mine"));
        var handoff = await world.RequestAsync(waiting);
        var other = await world.Tenant.MemberAsync("agent");
        await HandoffWorld.PostAsync(other.Client, $"/v1/conversations/{held}/handoff");
        for (var time = 0; time < 2; time++) // done twice it is as done once
        {
            var acted = await HandoffWorld.PostAsync(world.Agent.Client, "/v1/conversations/actions", new { action = "assign", agentId = world.Agent.UserId, conversationIds = new[] { free, waiting, held } });
            acted.GetProperty("done").EnumerateArray().Select(id => id.GetGuid()).ShouldBe([free, waiting]);
            acted.GetProperty("failed").EnumerateArray().Select(f => (f.GetProperty("conversationId").GetGuid(), f.GetProperty("code").GetString())).ShouldBe([(held, "handoff.taken")]);
        }
        (await world.StateAsync(free)).AgentId.ShouldBe(world.Agent.UserId);
        (await world.StateAsync(waiting)).AgentId.ShouldBe(world.Agent.UserId);
        (await world.StateAsync(held)).AgentId.ShouldBe(other.UserId);
        (await world.TransitionsAsync(handoff.Id)).Count(state => state == "accepted").ShouldBe(1);
    }

    [Fact]
    public async Task A_key_must_name_a_member_and_strangers_find_nothing()
    {
        var world = await HandoffWorld.MakeAsync(_host);
        var handoff = await world.RequestAsync(await world.ConversationAsync("Help"));
        var key = _host.Client((await world.Tenant.ApiKeyAsync("handoffs:read", "handoffs:write")).Key);
        using var unnamed = await key.PostAsJsonAsync($"/v1/handoffs/{handoff.Id}/accept", new { });
        await unnamed.ShouldFailAsync(400, "invalid", "agentId");
        using var unknown = await key.PostAsJsonAsync($"/v1/handoffs/{handoff.Id}/accept", new { agentId = Guid.CreateVersion7() });
        await unknown.ShouldFailAsync(400, "invalid", "agentId");
        var elsewhere = await HandoffWorld.MakeAsync(_host);
        foreach (var path in new[] { "accept", "return", "offer" })
        {
            using var foreign = await elsewhere.Agent.Client.PostAsJsonAsync($"/v1/handoffs/{handoff.Id}/{path}", new { agentId = elsewhere.Agent.UserId });
            await foreign.ShouldFailAsync(404, "not_found");
        }
        using var notMember = await key.PostAsJsonAsync($"/v1/handoffs/{handoff.Id}/accept", new { agentId = elsewhere.Agent.UserId });
        await notMember.ShouldFailAsync(400, "invalid", "agentId");
        await HandoffWorld.PostAsync(key, $"/v1/handoffs/{handoff.Id}/accept", new { agentId = world.Agent.UserId });
        var viewer = await world.Tenant.MemberAsync("viewer");
        using var forbidden = await viewer.Client.PostAsJsonAsync($"/v1/handoffs/{handoff.Id}/return", new { });
        await forbidden.ShouldFailAsync(403, "forbidden");
    }

    private static Task<string?> CancelAsync(HandoffWorld world, Guid talk) => world.InAsync(async s =>
    {
        var state = await ConversationStore.LockAsync(s, talk);
        return (await world.Get<IHandoffs>().CancelAsync(s, talk, Actor.EndUser(state!.EndUserId))).Error?.Code;
    });
}
