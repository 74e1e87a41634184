using System.Text.Json;
using Parley.Conversations.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Feed;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Conversations;

public sealed class ContractsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ConversationWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await ConversationWorld.StartAsync(postgres);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    private sealed record EventRow
    {
        public long Seq { get; init; }

        public string Type { get; init; } = "";

        public string Visibility { get; init; } = "";

        public string Data { get; init; } = "";

        public long Position { get; init; }
    }

    private Task<IReadOnlyList<EventRow>> EventsAsync(Talk talk) => _world.Db.InTransactionAsync(talk.Tenant, s => s.QueryAsync<EventRow>(
        "select seq, type, visibility, data, position from events where conversation_id = @Id order by seq", new { talk.Id }), default);

    private Task<T> InAsync<T>(Talk talk, Func<TenantSession, Task<T>> work) => _world.Db.InTransactionAsync(talk.Tenant, work, default);

    [Fact]
    public async Task Numbers_are_consecutive_and_in_commit_order_under_fifty_writers()
    {
        var talk = await _world.TalkAsync();
        var messages = _world.Get<Messages>();
        var events = _world.Get<ConversationEvents>();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
        {
            for (var round = 0; round < 4; round++)
            {
                await InAsync(talk, s => messages.AddAsync(s, talk.Says($"{i}.{round}")));
                await InAsync(talk, s => events.AppendAsync(s, talk.Id,
                    new EventDraft(new ConversationRated(1), talk.Customer), new EventDraft(new ConversationRated(2), talk.Customer)));
            }
        })));
        var rows = await EventsAsync(talk);
        rows.Select(r => r.Seq).ShouldBe(Enumerable.Range(1, 600).Select(i => (long)i));
        // Readers of the whole tenant sort by position: it must agree with seq within a conversation.
        rows.Select(r => r.Position).ShouldBeInOrder();
        var conversation = await InAsync(talk, s => ConversationStore.ReadAsync(s, talk.Id));
        conversation!.LastSeq.ShouldBe(600);
    }

    [Fact]
    public async Task A_message_has_its_parts_its_event_and_the_same_number()
    {
        var talk = await _world.TalkAsync();
        var citation = new Citation(Guid.CreateVersion7(), Guid.CreateVersion7(), "Guide “ä” 漢字", null, "top", "A quote with \"marks\" and \\.", Guid.CreateVersion7());
        var stored = await InAsync(talk, s => _world.Get<Messages>().AddAsync(s, talk.Answers("ignored") with
        {
            Parts = [MessagePart.OfText("First.", 0), MessagePart.OfText("- a\n- b"), MessagePart.OfQuote(citation)], Language = "en",
        }));
        stored.ShouldSatisfyAllConditions(m => m.Seq.ShouldBe(1), m => m.Repeated.ShouldBeFalse());
        var read = (await InAsync(talk, s => MessageReader.AfterAsync(s, talk.Id, 0, notes: true, 10))).ShouldHaveSingleItem();
        read.Seq.ShouldBe(1);
        read.AuthorName.ShouldBe("Assistant");
        read.PlainText().ShouldBe("First.\n\n- a\n- b");
        read.Parts[0].Content.GetProperty("citations")[0].GetInt32().ShouldBe(0);
        read.Parts[2].Content.Deserialize<Citation>(ConversationJson.Options).ShouldBe(citation);
        var row = (await EventsAsync(talk)).ShouldHaveSingleItem();
        EventCatalogue.Read(row.Type, row.Data).ShouldBe(new MessagePosted(stored.Id, "public"));
    }

    [Fact]
    public async Task A_repeated_external_id_stores_nothing_and_returns_the_first_message()
    {
        var talk = await _world.TalkAsync();
        var stored = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => InAsync(talk, s => _world.Get<Messages>().AddAsync(s, talk.Says("once", "client-1")))));
        stored.Select(m => m.Id).Distinct().Count().ShouldBe(1);
        stored.Count(m => !m.Repeated).ShouldBe(1);
        stored.Select(m => m.Seq).Distinct().ShouldBe([1L]);
        (await EventsAsync(talk)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_note_is_internal_and_does_not_count_as_the_last_public_message()
    {
        var talk = await _world.TalkAsync();
        await InAsync(talk, s => _world.Get<Messages>().AddAsync(s, talk.Says("hello")));
        await InAsync(talk, s => _world.Get<Messages>().AddAsync(s, new MessageDraft(talk.Id, Actor.System, [MessagePart.OfText("secret")]) { Visibility = Visibility.Note }));
        (await EventsAsync(talk)).Select(e => e.Visibility).ShouldBe(["public", "internal"]);
        (await InAsync(talk, s => MessageReader.AfterAsync(s, talk.Id, 0, notes: false, 10))).Select(m => m.PlainText()).ShouldBe(["hello"]);
        var summary = (await InAsync(talk, s => _world.Get<ConversationSummaries>().ByIdAsync(s, [talk.Id]))).ShouldHaveSingleItem();
        summary.LastMessage!.Text.ShouldBe("hello");
    }

    [Fact]
    public async Task The_feed_is_woken_after_the_commit_and_not_by_a_rollback()
    {
        var talk = await _world.TalkAsync();
        var woken = new List<FeedTopic>();
        using var subscription = _world.Get<FeedHub>().Listen(woken.Add);
        await Should.ThrowAsync<InvalidOperationException>(() => InAsync<bool>(talk, async s =>
        {
            await _world.Get<Messages>().AddAsync(s, talk.Says("never"));
            throw new InvalidOperationException("rolled back");
        }));
        woken.ShouldBeEmpty();
        await InAsync(talk, async s =>
        {
            await _world.Get<Messages>().AddAsync(s, talk.Says("now"));
            woken.ShouldBeEmpty();
            return true;
        });
        woken.ShouldBe([new FeedTopic(talk.Tenant, "end_user", talk.EndUser), new FeedTopic(talk.Tenant, "conversation", talk.Id)]);
        (await EventsAsync(talk)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_event_cannot_reach_another_tenants_conversation()
    {
        var (mine, theirs) = (await _world.TalkAsync(), await _world.TalkAsync());
        await Should.ThrowAsync<InvalidOperationException>(() => InAsync(mine, s =>
            _world.Get<ConversationEvents>().AppendAsync(s, theirs.Id, new EventDraft(new ConversationRated(1), mine.Customer))));
        await Should.ThrowAsync<InvalidOperationException>(() => InAsync(mine, s => _world.Get<Messages>().AddAsync(s, mine.Says("x") with { ConversationId = theirs.Id })));
        (await InAsync(mine, s => ConversationStore.LockAsync(s, theirs.Id))).ShouldBeNull();
        (await EventsAsync(theirs)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Taking_over_changes_the_owner_once_and_silences_the_assistant()
    {
        var talk = await _world.TalkAsync();
        var agent = Guid.CreateVersion7();
        await InAsync(talk, async s =>
        {
            var ownership = _world.Get<ConversationOwnership>();
            await ConversationStore.LockAsync(s, talk.Id);
            await ownership.ToQueueAsync(s, talk.Id, talk.Customer);
            await ownership.ToAgentAsync(s, talk.Id, agent, Actor.Agent(agent));
            await ownership.ToAgentAsync(s, talk.Id, agent, Actor.Agent(agent));
            return true;
        });
        var state = await InAsync(talk, s => ConversationStore.ReadAsync(s, talk.Id));
        state!.ShouldSatisfyAllConditions(c => c.Owner.ShouldBe("agent"), c => c.AgentId.ShouldBe(agent));
        (await EventsAsync(talk)).Select(e => e.Type).ShouldBe(["owner", "owner"]);
        _world.Turns.Cancelled.ShouldContain((talk.Id, "agent_took_over"));
    }

    [Fact]
    public async Task Defaults_are_made_once_even_by_two_at_the_same_time()
    {
        var tenant = await _world.Database.CreateTenantAsync();
        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _world.Get<ConversationsBootstrap>().EnsureDefaultsAsync(tenant, default)));
        made.Distinct().Count().ShouldBe(1);
        made[0].PublicKey.ShouldMatch("^pw_[A-Za-z0-9]{24}$");
    }

    [Fact]
    public async Task Every_type_of_the_catalogue_survives_being_stored()
    {
        var talk = await _world.TalkAsync();
        var (id, turn) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        ConversationEvent[] all =
        [
            new ConversationStarted("widget", id), new MessageAccepted(id, "c", turn), new MessagePosted(id, "public"), new SourcesFound(turn, []),
            new DraftReplaced(turn, "unverified"), new HandoffChanged(id, "queued", "high", 2, new EventPerson("Ada"), []), new TurnDone(turn, "answered", 0.9, id),
            new TurnFailed(turn, "internal", "Sorry."), new ConversationClosed("agent", true), new ConversationReopened(id), new OwnerChanged("queue", null),
            new ConversationRated(5), new ResolutionRecorded(id, "silent", null),
        ];
        all.Select(e => e.GetType()).ShouldBe(EventCatalogue.Types.Values, ignoreOrder: true);
        await InAsync(talk, s => _world.Get<ConversationEvents>().AppendAsync(s, talk.Id, [.. all.Select(e => new EventDraft(e, Actor.System, turn))]));
        var read = (await EventsAsync(talk)).Select(r => EventCatalogue.Read(r.Type, r.Data)).ToList();
        read.Select(e => JsonSerializer.Serialize(e, e!.GetType())).ShouldBe(all.Select(e => JsonSerializer.Serialize(e, e.GetType())));
        (await InAsync(talk, s => ConversationStore.ReadAsync(s, talk.Id)))!.LastOutcome.ShouldBe("failed");
    }
}
