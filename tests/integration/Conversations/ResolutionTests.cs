using Parley.Conversations;
using Parley.Conversations.Contracts;
using Parley.Platform.Data;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Conversations;

public sealed class ResolutionTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ConversationWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await ConversationWorld.StartAsync(postgres);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    private Task<T> InAsync<T>(Talk talk, Func<TenantSession, Task<T>> work) => _world.Db.InTransactionAsync(talk.Tenant, work, default);

    private Task<IReadOnlyList<string>> LedgerAsync(Talk talk) => InAsync(talk, s =>
        s.QueryAsync<string>("select class from resolutions where conversation_id = @Id order by created_at, id", new { talk.Id }));

    private Task AnsweredAsync(Talk talk) => InAsync(talk, async s =>
    {
        await _world.Get<Messages>().AddAsync(s, talk.Says("How?"));
        var answer = await _world.Get<Messages>().AddAsync(s, talk.Answers("So."));
        return await _world.Get<ConversationEvents>().AppendAsync(s, talk.Id,
            new EventDraft(new TurnDone(Guid.CreateVersion7(), "answered", 0.9, answer.Id), Actor.System));
    });

    private Task<string?> CloseAsync(Talk talk, Actor actor, bool? resolved) => InAsync(talk, async s =>
    {
        var state = await ConversationStore.LockAsync(s, talk.Id);
        return (await _world.Get<ConversationLifecycle>().CloseAsync(s, state!, actor, resolved)).Error?.Code;
    });

    private Task<string?> ReopenAsync(Talk talk) => InAsync(talk, async s =>
    {
        var state = await ConversationStore.LockAsync(s, talk.Id);
        return (await _world.Get<ConversationLifecycle>().ReopenAsync(s, state!, talk.Customer)).Error?.Code;
    });

    [Fact]
    public async Task An_agents_closing_is_by_person_and_ends_handoff_and_turn()
    {
        var talk = await _world.TalkAsync();
        var agent = Guid.CreateVersion7();
        await InAsync(talk, async s => { await _world.Get<ConversationOwnership>().ToAgentAsync(s, talk.Id, agent, Actor.Agent(agent)); return true; });
        (await CloseAsync(talk, Actor.Agent(agent), true)).ShouldBeNull();
        (await LedgerAsync(talk)).ShouldBe(["by_person"]);
        _world.Handoffs.Ended.ShouldContain((talk.Id, true));
        _world.Turns.Cancelled.ShouldContain((talk.Id, "conversation_closed"));
        (await CloseAsync(talk, Actor.Agent(agent), true)).ShouldBe("conversation.closed");
        (await LedgerAsync(talk)).Count.ShouldBe(1);
        var state = await InAsync(talk, s => ConversationStore.ReadAsync(s, talk.Id));
        state!.ShouldSatisfyAllConditions(c => c.Status.ShouldBe("closed"), c => c.AgentId.ShouldBe(agent), c => c.ClosedAt.ShouldNotBeNull());
    }

    [Fact]
    public async Task A_reopening_within_seven_days_reverses_the_entry_once()
    {
        var talk = await _world.TalkAsync();
        await AnsweredAsync(talk);
        await CloseAsync(talk, talk.Customer, true);
        _world.Time.Advance(TimeSpan.FromDays(6.9));
        (await ReopenAsync(talk)).ShouldBeNull();
        (await LedgerAsync(talk)).ShouldBe(["confirmed", "reversed"]);
        (await InAsync(talk, s => _world.Get<Resolutions>().ReverseAsync(s, talk.Id, talk.Customer, new { }))).ShouldBeNull();
        await CloseAsync(talk, talk.Customer, false);
        (await LedgerAsync(talk)).ShouldBe(["confirmed", "reversed", "unresolved"]);
    }

    [Fact]
    public async Task After_seven_days_a_conversation_stays_closed_and_its_entry_stands()
    {
        var talk = await _world.TalkAsync();
        await AnsweredAsync(talk);
        await CloseAsync(talk, talk.Customer, true);
        _world.Time.Advance(TimeSpan.FromDays(7.1));
        (await ReopenAsync(talk)).ShouldBe("conversation.closed");
        (await LedgerAsync(talk)).ShouldBe(["confirmed"]);
    }

    private Task<int> SettleAsync(Talk talk) => _world.Get<SettleConversations>().SettleAsync(talk.Tenant, default);

    [Fact]
    public async Task An_answer_without_a_follow_up_for_a_day_is_silent_and_closes()
    {
        var talk = await _world.TalkAsync();
        await AnsweredAsync(talk);
        _world.Time.Advance(TimeSpan.FromHours(23.9));
        (await SettleAsync(talk)).ShouldBe(0);
        _world.Time.Advance(TimeSpan.FromHours(0.2));
        (await SettleAsync(talk)).ShouldBe(1);
        (await LedgerAsync(talk)).ShouldBe(["silent"]);
        (await InAsync(talk, s => ConversationStore.ReadAsync(s, talk.Id)))!.Status.ShouldBe("closed");
        (await SettleAsync(talk)).ShouldBe(0);
        await ReopenAsync(talk);
        (await LedgerAsync(talk)).ShouldBe(["silent", "reversed"]);
    }

    [Fact]
    public async Task A_follow_up_starts_the_day_anew_and_an_unanswered_one_is_abandoned()
    {
        var talk = await _world.TalkAsync();
        await AnsweredAsync(talk);
        _world.Time.Advance(TimeSpan.FromHours(20));
        await InAsync(talk, s => _world.Get<Messages>().AddAsync(s, talk.Says("And then?")));
        _world.Time.Advance(TimeSpan.FromHours(20));
        (await SettleAsync(talk)).ShouldBe(0);
        _world.Time.Advance(TimeSpan.FromHours(5));
        (await SettleAsync(talk)).ShouldBe(1);
        (await LedgerAsync(talk)).ShouldBe(["abandoned"]);
    }

    [Fact]
    public async Task Ending_after_an_answer_without_a_word_is_settled_by_silence()
    {
        var talk = await _world.TalkAsync();
        await AnsweredAsync(talk);
        await CloseAsync(talk, talk.Customer, null);
        (await LedgerAsync(talk)).ShouldBeEmpty();
        _world.Time.Advance(TimeSpan.FromHours(25));
        (await SettleAsync(talk)).ShouldBe(1);
        (await LedgerAsync(talk)).ShouldBe(["silent"]);
    }

    [Fact]
    public async Task What_a_person_or_the_queue_has_is_not_settled()
    {
        var (waiting, owned) = (await _world.TalkAsync(), await _world.TalkAsync());
        var agent = Guid.CreateVersion7();
        await AnsweredAsync(waiting);
        await AnsweredAsync(owned);
        await InAsync(waiting, async s => { await _world.Get<ConversationOwnership>().ToQueueAsync(s, waiting.Id, waiting.Customer); return true; });
        await InAsync(owned, async s => { await _world.Get<ConversationOwnership>().ToAgentAsync(s, owned.Id, agent, Actor.Agent(agent)); return true; });
        _world.Time.Advance(TimeSpan.FromDays(3));
        (await SettleAsync(waiting)).ShouldBe(0);
        (await SettleAsync(owned)).ShouldBe(0);
        (await _world.Database.System.QueryAsync<Guid>("select conversations_due(@now)", new { now = _world.Time.GetUtcNow() }, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_tenants_with_something_to_settle_are_found()
    {
        var talk = await _world.TalkAsync();
        await AnsweredAsync(talk);
        _world.Time.Advance(TimeSpan.FromHours(25));
        (await _world.Database.System.QueryAsync<Guid>("select conversations_due(@now)", new { now = _world.Time.GetUtcNow() }, default)).ShouldContain(talk.Tenant);
        await SettleAsync(talk);
        (await _world.Database.System.QueryAsync<Guid>("select conversations_due(@now)", new { now = _world.Time.GetUtcNow() }, default)).ShouldNotContain(talk.Tenant);
    }

    [Fact]
    public async Task The_ledger_cannot_be_changed_or_emptied()
    {
        var talk = await _world.TalkAsync();
        await CloseAsync(talk, talk.Customer, null);
        (await LedgerAsync(talk)).ShouldBe(["abandoned"]);
        foreach (var sql in new[] { "update resolutions set class = 'confirmed'", "delete from resolutions", "update events set type = 'x'", "delete from events" })
        {
            (await Should.ThrowAsync<Npgsql.PostgresException>(() => InAsync(talk, s => s.ExecuteAsync(sql)))).SqlState.ShouldBe("42501");
        }
    }
}
