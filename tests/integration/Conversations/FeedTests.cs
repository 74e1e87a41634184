using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Conversations.Contracts;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Conversations;

public sealed class FeedTests(WidgetWorldFixture fixture) : IClassFixture<WidgetWorldFixture>, IAsyncLifetime
{
    private readonly WidgetWorld _world = fixture.World;
    private WidgetTenant _tenant = null!;

    public async ValueTask InitializeAsync() => _tenant = await _world.TenantAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_customer_hears_their_message_the_draft_and_the_answer()
    {
        var visitor = await _tenant.VisitorAsync();
        await using var feed = new FeedClient(visitor.Client);
        (await feed.ReadyAsync()).Data.GetProperty("cursor").GetString().ShouldNotBeNullOrEmpty();
        var id = await visitor.StartAsync();
        var sent = await visitor.SendAsync(id, "How?", "client-7");
        var turn = sent.GetProperty("turnId").GetGuid();

        var accepted = await feed.NextAsync();
        accepted.Type.ShouldBe("accepted");
        accepted.Seq.ShouldBe(sent.Seq());
        accepted.Data.String("clientId").ShouldBe("client-7");
        accepted.Data.GetProperty("turnId").GetGuid().ShouldBe(turn);
        accepted.Data.GetProperty("message").Text().ShouldBe("How?");
        accepted.Data.GetProperty("actor").String("kind").ShouldBe("end_user");
        accepted.Id.ShouldNotBeNull();

        var events = _world.Host.Services.GetRequiredService<ConversationEvents>();
        foreach (var text in new[] { "So ", "So it is. ", "So it is. 😀 Done." })
        {
            _world.Turns.Drafts[turn] = new TurnDraft(id, turn, text);
            events.Wake(_tenant.Tenant.Id, id, visitor.EndUserId);
        }
        var draft = "";
        while (draft != "So it is. 😀 Done.")
        {
            var delta = await feed.NextAsync();
            delta.Type.ShouldBe("delta");
            delta.Id.ShouldBeNull("deltas are not durable");
            delta.Data.GetProperty("offset").GetInt32().ShouldBe(draft.Length);
            draft += delta.Data.String("text");
        }
        _world.Turns.Drafts.TryRemove(turn, out _);
        await _tenant.AnswerAsync(id, "So it is. 😀 Done.", turn);
        (await feed.NextAsync()).Data.GetProperty("message").String("authorKind").ShouldBe("assistant");
        var done = await feed.NextAsync();
        done.Type.ShouldBe("done");
        done.Data.String("outcome").ShouldBe("answered");
    }

    [Fact]
    public async Task A_resume_gets_the_text_so_far_and_what_was_missed_once()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync();
        await using var feed = new FeedClient(visitor.Client);
        await feed.ReadyAsync();
        var turn = (await visitor.SendAsync(id, "One")).GetProperty("turnId").GetGuid();
        (await feed.NextAsync()).Type.ShouldBe("accepted");
        await feed.DropAsync();
        _world.Turns.Drafts[turn] = new TurnDraft(id, turn, "Text so far");
        await visitor.SendAsync(id, "Two");
        await feed.ReadyAsync();
        (await feed.NextAsync()).Data.GetProperty("message").Text().ShouldBe("Two");
        var delta = await feed.NextAsync();
        delta.Data.GetProperty("offset").GetInt32().ShouldBe(0);
        delta.Data.String("text").ShouldBe("Text so far");
        _world.Turns.Drafts.TryRemove(turn, out _);
    }

    [Fact]
    public async Task A_retraction_starts_the_text_again()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync();
        await using var feed = new FeedClient(visitor.Client);
        await feed.ReadyAsync();
        var turn = (await visitor.SendAsync(id, "One")).GetProperty("turnId").GetGuid();
        await feed.NextOfAsync("accepted");
        _world.Turns.Drafts[turn] = new TurnDraft(id, turn, "A wrong beginning");
        var events = _world.Host.Services.GetRequiredService<ConversationEvents>();
        events.Wake(_tenant.Tenant.Id, id, visitor.EndUserId);
        (await feed.NextAsync()).Data.String("text").ShouldBe("A wrong beginning");
        await _world.Host.Database.Tenants.InTransactionAsync(_tenant.Tenant.Id, s =>
        {
            _world.Turns.Drafts[turn] = new TurnDraft(id, turn, "Better");
            return events.AppendAsync(s, id, new EventDraft(new DraftReplaced(turn, "unverified"), Actor.System, turn));
        }, default);
        (await feed.NextAsync()).Type.ShouldBe("replaced");
        var delta = await feed.NextAsync();
        delta.Data.GetProperty("offset").GetInt32().ShouldBe(0);
        delta.Data.String("text").ShouldBe("Better");
        _world.Turns.Drafts.TryRemove(turn, out _);
    }

    [Fact]
    public async Task Notes_and_inner_events_reach_agents_only_and_reasons_no_customer()
    {
        var visitor = await _tenant.VisitorAsync();
        var agent = await _tenant.AgentAsync();
        var id = await visitor.StartAsync("Hello");
        await using var customers = new FeedClient(visitor.Client);
        await using var agents = new FeedClient(agent.Client);
        await customers.ReadyAsync();
        await agents.ReadyAsync();
        (await agent.Client.PostAsJsonAsync($"/v1/conversations/{id}/messages", new { text = "secret note", visibility = "note" })).StatusCode.ShouldBe(HttpStatusCode.Created);
        await _world.Host.Database.Tenants.InTransactionAsync(_tenant.Tenant.Id, s => _world.Host.Services.GetRequiredService<ConversationEvents>().AppendAsync(s, id,
            new EventDraft(new HandoffChanged(Guid.CreateVersion7(), "queued", "urgent", 2, null, ["own_account.billing"]), Actor.System)), default);

        var handoff = await customers.NextAsync();
        handoff.Type.ShouldBe("handoff");
        handoff.Data.GetRawText().ShouldNotContain("urgent");
        handoff.Data.GetRawText().ShouldNotContain("billing");
        handoff.Data.GetProperty("position").GetInt32().ShouldBe(2);

        (await agents.NextOfAsync("message")).Data.GetProperty("message").Text().ShouldBe("secret note");
        (await agents.NextOfAsync("handoff")).Data.GetProperty("reasons")[0].GetString().ShouldBe("own_account.billing");
        (await agents.NextOfAsync("conversation")).Data.GetProperty("conversation").GetProperty("id").GetGuid().ShouldBe(id);
    }

    [Fact]
    public async Task An_agent_hears_the_customers_words_and_the_customer_the_agents()
    {
        var visitor = await _tenant.VisitorAsync();
        var agent = await _tenant.AgentAsync();
        await using var customers = new FeedClient(visitor.Client);
        await using var agents = new FeedClient(agent.Client);
        await customers.ReadyAsync();
        await agents.ReadyAsync();
        var id = await visitor.StartAsync("Is somebody there?");
        (await agents.NextOfAsync("accepted")).Data.GetProperty("message").Text().ShouldBe("Is somebody there?");
        await _tenant.TakeOverAsync(id, agent.UserId);
        (await agent.Client.PostAsJsonAsync($"/v1/conversations/{id}/messages", new { text = "Yes, I am." })).StatusCode.ShouldBe(HttpStatusCode.Created);
        var reply = await customers.NextOfAsync("message");
        reply.Data.GetProperty("message").Text().ShouldBe("Yes, I am.");
        reply.Data.GetProperty("message").String("authorName").ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Both_sides_see_the_other_typing_and_stopping()
    {
        var visitor = await _tenant.VisitorAsync();
        var agent = await _tenant.AgentAsync();
        var id = await visitor.StartAsync("Hello");
        await _tenant.TakeOverAsync(id, agent.UserId);
        await using var customers = new FeedClient(visitor.Client);
        await using var agents = new FeedClient(agent.Client);
        await customers.ReadyAsync();
        await agents.ReadyAsync();
        (await visitor.Client.PostAsync($"/v1/widget/conversations/{id}/typing", null)).EnsureSuccessStatusCode();
        (await agent.Client.PostAsync($"/v1/conversations/{id}/typing", null)).EnsureSuccessStatusCode();
        var seen = await agents.NextOfAsync("presence");
        seen.Data.String("who").ShouldBe("end_user");
        seen.Data.GetProperty("typing").GetBoolean().ShouldBeTrue();
        (await customers.NextOfAsync("presence")).Data.String("who").ShouldBe("agent");
        (await customers.NextOfAsync("presence")).Data.GetProperty("typing").GetBoolean().ShouldBeFalse("the sign stopped coming");
    }

    [Fact]
    public async Task A_resume_hears_what_it_missed_although_a_transaction_hangs()
    {
        var (visitor, agent) = (await _tenant.VisitorAsync(), await _tenant.AgentAsync());
        await using var agents = new FeedClient(agent.Client);
        await agents.ReadyAsync();
        await agents.DropAsync();
        await using var hanging = await _world.Host.Database.Owner.OpenConnectionAsync();
        await using var transaction = await hanging.BeginTransactionAsync();
        await using var command = hanging.CreateCommand();
        command.CommandText = "select pg_current_xact_id()";
        await command.ExecuteScalarAsync();
        await visitor.StartAsync("while you were away");
        await agents.ConnectAsync();
        (await agents.NextOfAsync("accepted")).Data.GetProperty("message").Text().ShouldBe("while you were away");
        await agents.ConnectAsync();
        await visitor.StartAsync("and now");
        (await agents.NextOfAsync("accepted")).Data.GetProperty("message").Text().ShouldBe("and now", "the first one was heard already");
    }

    [Fact]
    public async Task No_feed_carries_another_customers_or_another_tenants_events()
    {
        var (mine, theirs) = (await _tenant.VisitorAsync(), await _tenant.VisitorAsync());
        var other = await _world.TenantAsync();
        var (stranger, agent) = (await other.VisitorAsync(), await other.AgentAsync());
        await using var customers = new FeedClient(mine.Client);
        await using var agents = new FeedClient(agent.Client);
        await customers.ReadyAsync();
        await agents.ReadyAsync();
        await theirs.StartAsync("canary of another customer");
        var own = await mine.StartAsync("mine");
        var foreign = await stranger.StartAsync("of that tenant");
        var heard = await customers.NextAsync();
        heard.Conversation.ShouldBe(own);
        (await agents.NextOfAsync("accepted")).Conversation.ShouldBe(foreign);
        // A cursor of another customer opens nothing of theirs: it only names numbers.
        await using var stolen = new FeedClient(theirs.Client) { LastId = customers.LastId };
        await stolen.ReadyAsync();
        await theirs.StartAsync("after");
        (await stolen.NextOfAsync("accepted")).Data.GetRawText().ShouldNotContain("mine");
    }

    [Fact]
    public async Task An_unreadable_cursor_asks_the_client_to_load_anew()
    {
        var visitor = await _tenant.VisitorAsync();
        await using var feed = new FeedClient(visitor.Client) { LastId = "customer~nonsense" };
        await feed.ConnectAsync();
        (await feed.NextAsync()).Type.ShouldBe("reset");
        (await feed.NextAsync()).Type.ShouldBe("ready");
        await visitor.StartAsync("still works");
        (await feed.NextAsync()).Type.ShouldBe("accepted");
    }

    [Fact]
    public async Task A_cursor_of_the_server_that_was_there_before_a_restore_asks_the_agent_to_load_anew()
    {
        var agent = await _tenant.AgentAsync();
        // The restored server has begun fewer transactions than the one that gave the cursor.
        await using var feed = new FeedClient(agent.Client) { LastId = "agent~999999999999.0" };
        await feed.ConnectAsync();
        (await feed.NextAsync()).Type.ShouldBe("reset");
        (await feed.NextAsync()).Type.ShouldBe("ready");
        var visitor = await _tenant.VisitorAsync();
        var talk = await visitor.StartAsync("news");
        (await feed.NextOfAsync("accepted")).Conversation.ShouldBe(talk);
    }
}
