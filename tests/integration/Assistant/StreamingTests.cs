using Microsoft.Extensions.DependencyInjection;
using Parley.Assistant;
using Parley.Conversations.Contracts;
using Parley.Host.Instance;
using Parley.Platform.Data;
using Parley.Platform.Jobs;
using Parley.Testkit;
using Parley.Tests.Integration.Conversations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Assistant;

/// <summary>
/// A turn's text on its way to the customer: deltas with offsets over the feed, on any connection and any node, which make exactly the
/// text of the message that ends the turn.
/// </summary>
public sealed class StreamingTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Question = "Why isn't my cron job running as scheduled?";

    private TestDatabase _database = null!;
    private ParleyHost _host = null!;
    private TurnWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync();
        await using (var worker = await IdentityHost.StartAsync(postgres, database: _database))
        {
            _world = await TurnWorld.MakeAsync(worker);
        }
        // It runs no jobs by itself: each test takes the turn's steps one by one.
        _host = await IdentityHost.StartAsync(postgres, database: _database, role: NodeRole.Web);
        _world = _world.On(_host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task The_text_is_with_the_customer_before_the_message_and_is_the_messages_text()
    {
        await using var feed = new FeedClient(_world.Customer.Client);
        await feed.ReadyAsync();
        var turn = await BeginAsync();
        await turn.SendAsync();
        (await feed.NextOfAsync("sources", "delta")).Type.ShouldBe("sources", "sources come first");
        var delta = await feed.NextOfAsync("delta");
        delta.Id.ShouldBeNull("a delta is no event: a resume does not start from it");
        Offset(delta).ShouldBe(0);
        var text = Text(delta);
        text.ShouldNotBeEmpty();

        await turn.FinishAsync();
        Customer.Text((await feed.NextOfAsync("message")).Data.GetProperty("message")).ShouldBe(text);
        (await feed.NextOfAsync("done", "delta")).Type.ShouldBe("done");
    }

    [Fact]
    public async Task Who_comes_in_the_middle_gets_the_text_so_far_and_goes_on_on_any_node()
    {
        await using var other = await IdentityHost.StartAsync(postgres, database: _database, role: NodeRole.Web);
        await using var first = new FeedClient(_world.Customer.Client);
        await first.ReadyAsync();
        var turn = await BeginAsync();
        var whole = turn.Result.Text;
        int[] cuts = [whole.Length / 4, whole.Length / 2, whole.Length * 3 / 4, whole.Length];

        await turn.GrowAsync(whole[..cuts[0]]);
        var heard = Add("", await first.NextOfAsync("delta"));
        heard.ShouldBe(whole[..cuts[0]]);
        await turn.GrowAsync(whole[..cuts[1]]);
        heard = Add(heard, await first.NextOfAsync("delta"));
        heard.ShouldBe(whole[..cuts[1]]);

        // The connection breaks; the next one is to another node and goes on from the last durable event.
        await using var second = new FeedClient(other.Client(_world.Customer.Token)) { LastId = first.LastId };
        await first.DropAsync();
        await second.ReadyAsync();
        var resumed = await second.NextOfAsync("delta");
        Offset(resumed).ShouldBe(0);
        var again = Add("", resumed);
        again.ShouldBe(whole[..cuts[1]], "the text so far");
        await turn.GrowAsync(whole[..cuts[2]]);
        await turn.GrowAsync(whole[..cuts[3]]);
        while (again.Length < whole.Length) again = Add(again, await second.NextOfAsync("delta"));

        await turn.FinishAsync();
        Customer.Text((await second.NextOfAsync("message")).Data.GetProperty("message")).ShouldBe(again);
    }

    [Fact]
    public async Task Text_that_no_longer_holds_is_taken_back_and_begins_again_at_0()
    {
        await using var feed = new FeedClient(_world.Customer.Client);
        await feed.ReadyAsync();
        var dead = await BeginAsync();
        await dead.GrowAsync("Something else that a source said until a moment ago.");
        (await feed.NextOfAsync("delta")).Type.ShouldBe("delta");
        var turn = await BeginAgainAsync();
        await turn.SendAsync();
        (await feed.NextOfAsync("replaced", "delta")).Type.ShouldBe("replaced", "nothing is put behind what no longer holds");
        var delta = await feed.NextOfAsync("delta");
        Offset(delta).ShouldBe(0);
        Text(delta).ShouldBe(turn.Result.Text);
    }

    private static string Text(Heard delta) => delta.Data.GetProperty("text").GetString()!;

    private static int Offset(Heard delta) => delta.Data.GetProperty("offset").GetInt32();

    /// <summary>As the widget builds the text: what a delta says counts from its offset on.</summary>
    private static string Add(string before, Heard delta)
    {
        Offset(delta).ShouldBeLessThanOrEqualTo(before.Length, "no gap");
        return before[..Offset(delta)] + Text(delta);
    }

    private async Task<RunningTurn> BeginAsync()
    {
        await _world.Customer.SayAsync(Question);
        return await RunningTurn.BeginAsync(_host);
    }

    /// <summary>Another attempt, after the lease of the one before has run out.</summary>
    private async Task<RunningTurn> BeginAgainAsync()
    {
        await using (var command = _database.Everything.CreateCommand("update jobs set lease_until = now() - interval '1 second' where state = 'running'"))
        {
            await command.ExecuteNonQueryAsync();
        }
        await _database.System.ExecuteAsync(JobDispatcher.TickSql, new { now = _host.Time.GetUtcNow() }, default);
        return await RunningTurn.BeginAsync(_host);
    }

    /// <summary>One attempt at the turn that waits, in its steps.</summary>
    private sealed class RunningTurn(ParleyHost host, JobContext job, BegunTurn begun, TurnTrace trace, TurnResult result)
    {
        internal TurnResult Result => result;

        internal static async Task<RunningTurn> BeginAsync(ParleyHost host)
        {
            var claimed = await host.Database.System.QueryAsync<ClaimedJob>(JobDispatcher.ClaimSql,
                new { node = "test", interactive = true, kinds = new[] { TurnScheduler.Kind.Name }, after = Guid.Empty, limit = 1, lease = TimeSpan.FromSeconds(30) }, default);
            var job = new JobContext(claimed.Single(), "test");
            var trace = new TurnTrace(TimeProvider.System);
            var begun = (await host.Services.GetRequiredService<TurnStart>().BeginAsync(job.TenantId, job.Payload<TurnScheduler.Payload>(), job.Attempt, default))!;
            var prepared = await host.Services.GetRequiredService<AssistantTurn>().PrepareAsync(begun.Question!, trace, default);
            var result = await host.Database.Tenants.InTransactionAsync(job.TenantId, s => AssistantTurn.ConcludeAsync(s, prepared, trace), default);
            result.Citations.ShouldNotBeEmpty();
            return new RunningTurn(host, job, begun, trace, result);
        }

        internal Task SendAsync() => InAsync(s => host.Services.GetRequiredService<TurnDelivery>().SendDraftAsync(s, begun, result, trace));

        /// <summary>The text so far, as a generator's sentences make it grow: coalesced into the turn's row, and the feeds are woken.</summary>
        internal async Task GrowAsync(string text)
        {
            await InAsync(async s => (await TurnStore.DraftAsync(s, begun.Row.Id, begun.Attempt, text, result.Evidence, TimeProvider.System.GetUtcNow())).ShouldBeTrue());
            host.Services.GetRequiredService<ConversationEvents>().Wake(job.TenantId, begun.Conversation.Id, begun.Conversation.EndUserId);
        }

        internal Task FinishAsync() => InAsync(s => host.Services.GetRequiredService<TurnDelivery>().FinishAsync(s, job, begun, result, trace));

        private Task InAsync(Func<TenantSession, Task> work) => host.Database.Tenants.InTransactionAsync(job.TenantId, async s =>
        {
            await TurnDelivery.LockAsync(s, begun);
            await work(s);
        }, default);
    }
}
