using Parley.Conversations.Contracts;
using Parley.Conversations.Summaries;
using Parley.Inference.Contracts;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Feed;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Conversations;

/// <summary>Summaries of conversations that ended: asked where a model is chosen, kept once, gone with the conversation.</summary>
public sealed class SummaryTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ConversationWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await ConversationWorld.StartAsync(postgres);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task It_is_asked_when_a_conversation_ends_where_a_model_is_chosen()
    {
        var talk = await TalkAsync(chosen: true);
        await CloseAsync(talk);
        var (handler, subject, conversation, request) = await InAsync(talk, s => s.QuerySingleAsync<(string, Guid, Guid, string)>(
            "select i.handler, i.subject_id, i.conversation_id, c.request from batch_items i join batch_contents c on c.tenant_id = i.tenant_id and c.item_id = i.id"));
        (handler, subject, conversation).ShouldBe((SummaryHandler.Name, talk.Id, talk.Id));
        request.ShouldContain("How do I export?");
        (await InAsync(talk, s => WrittenSummaries.ReadAsync(s, talk.Id))).ShouldBeNull("not written yet");

        var unchosen = await TalkAsync(chosen: false);
        await CloseAsync(unchosen);
        (await CountAsync(unchosen)).ShouldBe(0);
        var brief = await TalkAsync(chosen: true, messages: 2);
        await CloseAsync(brief);
        (await CountAsync(brief)).ShouldBe(0, "there is nothing to sum up");
    }

    [Fact]
    public async Task Silence_that_ends_it_asks_as_well()
    {
        var talk = await TalkAsync(chosen: true);
        _world.Time.Advance(TimeSpan.FromHours(25));
        (await InAsync(talk, s => _world.Get<ConversationLifecycle>().SettleAsync(s, talk.Id))).ShouldBeTrue();
        (await CountAsync(talk)).ShouldBe(1);
    }

    [Fact]
    public async Task What_comes_is_kept_in_the_place_of_what_was_there_and_a_failure_keeps_that()
    {
        var talk = await TalkAsync(chosen: true);
        await CloseAsync(talk);
        var first = await AskedAsync(talk);
        await TakeAsync(talk, first, " They asked about\0 exports. ");
        var summary = (await InAsync(talk, s => WrittenSummaries.ReadAsync(s, talk.Id)))!;
        (summary.Text, summary.Model).ShouldBe(("They asked about exports.", "m"));

        await ReopenAsync(talk);
        await CloseAsync(talk);
        var second = (await InAsync(talk, s => s.QueryAsync<Guid>("select id from conversation_summaries where text is null"))).ShouldHaveSingleItem();
        await TakeAsync(talk, second, null);
        (await InAsync(talk, s => WrittenSummaries.ReadAsync(s, talk.Id)))!.Text.ShouldBe("They asked about exports.", "the new one failed");

        await ReopenAsync(talk);
        await CloseAsync(talk);
        var third = (await InAsync(talk, s => s.QueryAsync<Guid>("select id from conversation_summaries where text is null"))).ShouldHaveSingleItem();
        await TakeAsync(talk, third, "And again.");
        var rows = await InAsync(talk, s => s.QueryAsync<string>("select text from conversation_summaries"));
        rows.ShouldBe(["And again."]);
    }

    [Theory]
    [InlineData("delete from conversations where id = @Id")]
    [InlineData("delete from end_users where id = @EndUser")]
    public async Task Texts_go_with_the_conversation_and_with_the_customer(string erase)
    {
        var talk = await TalkAsync(chosen: true);
        await CloseAsync(talk);
        var kept = await TalkAsync(chosen: true);
        await CloseAsync(kept);
        await InAsync(talk, s => s.ExecuteAsync(erase, new { talk.Id, talk.EndUser }));
        (await InAsync(talk, s => s.QuerySingleAsync<(long, long, long)>(
            "select (select count(*) from conversation_summaries), (select count(*) from batch_contents), (select count(*) from batch_items)"))).ShouldBe((0, 0, 1), "the work stays until its money is settled");
        (await CountAsync(kept)).ShouldBe(1);
        // A late answer finds nothing.
        await TakeAsync(talk, Guid.CreateVersion7(), "Late.");
        (await InAsync(talk, s => s.QuerySingleAsync<long>("select count(*) from conversation_summaries"))).ShouldBe(0);
    }

    [Fact]
    public async Task Who_has_the_conversation_open_is_told_that_it_came()
    {
        var talk = await TalkAsync(chosen: true);
        await CloseAsync(talk);
        var asked = await AskedAsync(talk);
        var told = new List<FeedTopic>();
        using var listening = _world.Get<FeedHub>().Listen(told.Add);
        await TakeAsync(talk, asked, "They asked about exports.");
        told.ShouldBe([new FeedTopic(talk.Tenant, "change", talk.Id)]);
    }

    private async Task<Talk> TalkAsync(bool chosen, int messages = 3)
    {
        var talk = await _world.TalkAsync();
        string[] texts = ["How do I export?", "By the menu.", "Thanks, that was it."];
        await InAsync(talk, async s =>
        {
            if (chosen)
            {
                await new ConfigurationStore(_world.Time).SaveAndPublishAsync(s, ModelSettings.Kind, s.TenantId,
                    new ModelSettings { Choices = [new ModelChoice(ModelFeature.Summarise, ModelTier.Small, Guid.CreateVersion7(), "m")] }, null);
            }
            foreach (var (i, text) in texts.Take(messages).Index())
            {
                await _world.Get<Messages>().AddAsync(s, i % 2 == 0 ? talk.Says(text) : talk.Answers(text));
            }
            return true;
        });
        return talk;
    }

    private async Task CloseAsync(Talk talk) => (await InAsync(talk, async s =>
        (await _world.Get<ConversationLifecycle>().CloseAsync(s, (await ConversationStore.LockAsync(s, talk.Id))!, Actor.System, null)).Error?.Code)).ShouldBeNull();

    private Task ReopenAsync(Talk talk) => InAsync(talk, async s =>
    {
        await _world.Get<ConversationLifecycle>().ReopenAsync(s, (await ConversationStore.LockAsync(s, talk.Id))!, talk.Customer);
        return await _world.Get<Messages>().AddAsync(s, talk.Says("One thing more."));
    });

    private Task<Guid> AskedAsync(Talk talk) => InAsync(talk, s => s.QuerySingleAsync<Guid>("select id from batch_items"));

    private Task<int> TakeAsync(Talk talk, Guid id, string? text) => InAsync(talk, async s =>
    {
        await new SummaryHandler(_world.Time, _world.Get<FeedHub>()).HandleAsync(s, new BatchOutcome { Id = id, SubjectId = talk.Id, Text = text, Fault = text is null ? "expired" : null, Provider = "p", Model = "m" });
        return 0;
    });

    private Task<long> CountAsync(Talk talk) => InAsync(talk, s => s.QuerySingleAsync<long>("select count(*) from batch_contents"));

    private Task<T> InAsync<T>(Talk talk, Func<TenantSession, Task<T>> work) => _world.Db.InTransactionAsync(talk.Tenant, work, default);
}
