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
