using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Assistant;
using Parley.Host.Instance;
using Parley.Inference.Contracts;
using Parley.Platform.Jobs;
using Parley.Testkit;
using Parley.Testkit.Models;
using Parley.Tests.Integration.Conversations;
using Parley.Tests.Integration.Escalations;
using Parley.Tests.Integration.Knowledge;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Assistant;

/// <summary>What models write for customers, on its way: sentence by sentence over the feed, and what happens when it is no longer wanted, breaks off, or its node dies.</summary>
public sealed class LiveAnswersTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string First = "A cron job is skipped when the previous execution is still running.", Second = "Make sure that your process exits after it has finished its work.", Third = "Schedules are in UTC.";

    /// <summary>The marks of all passages: the best has the last number.</summary>
    private const string All = "[1][2][3][4][5][6]";

    private ModelsDouble _double = null!;
    private TestDatabase _database = null!;
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _double = await ModelsDouble.StartAsync(new ModelsDoubleOptions { BetweenTokens = TimeSpan.FromMilliseconds(40) });
        _database = await postgres.CreateDatabaseAsync();
        _host = await ModelTurnWorld.HostAsync(postgres, _double, _database);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _database.DisposeAsync();
        await _double.DisposeAsync();
    }

    [Fact]
    public async Task Customers_hear_models_only_where_the_operator_has_switched_them_on()
    {
        var world = await WorldAsync();
        await world.ChooseAsync();
        Customer.Text(await world.World.Customer.AskAsync(ModelTurnWorld.Question)).ShouldContain(First);
        world.Calls.ShouldBe(0);
        await world.ChooseAsync(forCustomers: true);
        Customer.Text(await world.World.Customer.AskAsync("Why would a cron job be skipped when the previous execution is running?")).ShouldContain(First);
        world.Calls.ShouldBe(1);
        (await world.ListAsync("select tier from turns where conversation_id = @Conversation order by created_at", new { world.World.Customer.Conversation })).ShouldBe(["extractive", "small"]);
        (await world.ReadAsync<bool>("select t.cost = sum(u.cost) and t.cost > 0 from turns t join usage u on u.turn_id = t.id where t.tier = 'small' and t.conversation_id = @Conversation group by t.cost", new { world.World.Customer.Conversation })).ShouldBeTrue();
        (await world.ReadAsync<string>("select versions ->> 'composer' || ' ' || (versions ->> 'prompt') || ' ' || (versions ->> 'models') from turns where tier = 'small' and conversation_id = @Conversation", new { world.World.Customer.Conversation })).ShouldBe("model 2 2");
        (await world.ListAsync("select kind from budget_scopes where tenant_id = @TenantId and settled > 0 order by kind", new { world.World.TenantId })).ShouldBe(["anonymous", "conversation", "tenant_day", "tenant_month"]);
    }

    [Fact]
    public async Task Sentences_leave_one_after_the_other_in_order_and_are_the_messages_text()
    {
        var world = await WorldAsync();
        await world.ChooseAsync(forCustomers: true);
        world.Double.Script(new ScriptedAnswer($"Sure! {First} {All} I think so. {Second} {All}\n\n{Third} {All} Have a nice day!"));
        await using var feed = new FeedClient(world.World.Customer.Client);
        await feed.ReadyAsync();
        await world.World.Customer.SayAsync(ModelTurnWorld.Question);
        var (text, deltas) = ("", 0);
        Heard heard;
        (await feed.NextOfAsync("sources", "delta", "message")).Type.ShouldBe("sources");
        while ((heard = await feed.NextOfAsync("delta", "message", "replaced")).Type == "delta")
        {
            var offset = heard.Data.GetProperty("offset").GetInt32();
            offset.ShouldBe(text.Length, "no gap, nothing twice");
            text += heard.Data.GetProperty("text").GetString();
            deltas++;
            text.ShouldBeOneOf(First, $"{First} {Second}", $"{First} {Second}\n\n{Third}");
        }
        heard.Type.ShouldBe("message", "nothing was taken back");
        deltas.ShouldBeGreaterThan(1);
        Customer.Text(heard.Data.GetProperty("message")).ShouldStartWith(text);
        Customer.Text(heard.Data.GetProperty("message")).ShouldStartWith($"{First} {Second}\n\n{Third}");
    }

    [Fact]
    public async Task A_stream_that_breaks_off_ends_with_the_last_whole_sentence_and_says_so()
    {
        var world = await WorldAsync();
        await world.ChooseAsync(small: "tiny!cut;after=19", forCustomers: true);
        world.Double.Script(new ScriptedAnswer($"{First} {All} {Second} {All} {Third} {All}"));
        var answer = await world.World.Customer.AskAsync(ModelTurnWorld.Question);
        Customer.Text(answer).ShouldStartWith($"{First}\n\nMy answer broke off here.");
        (await world.ListAsync("select type from events where conversation_id = @Conversation and visibility = 'public' order by seq", new { world.World.Customer.Conversation })).ShouldBe(["accepted", "sources", "message", "done"]);
        (await world.ReadAsync<decimal>("select cost from turns where conversation_id = @Conversation", new { world.World.Customer.Conversation }))
            .ShouldBe(await world.ReadAsync<decimal>("select sum(cost) from usage where conversation_id = @Conversation", new { world.World.Customer.Conversation }), "the bill is not known: the reserve");
    }

    [Fact]
    public async Task A_stream_that_breaks_off_before_anything_was_sent_goes_to_the_next_tier()
    {
        var world = await WorldAsync();
        await world.ChooseAsync(small: "tiny!cut;after=13", forCustomers: true);
        // Whole to the letter, and cut before anybody can know that it is.
        world.Double.Script(new ScriptedAnswer($"{First.TrimEnd('.')} {All}. {Second} {All}"));
        var text = Customer.Text(await world.World.Customer.AskAsync(ModelTurnWorld.Question));
        text.ShouldStartWith(First);
        text.ShouldNotContain("broke off");
        (await world.ReadAsync<string>("select tier from turns where conversation_id = @Conversation", new { world.World.Customer.Conversation })).ShouldBe("medium");
    }

    [Theory]
    [InlineData("tiny!stall", 0)]
    [InlineData("tiny", 30)]
    public async Task A_message_that_comes_while_nothing_has_left_ends_the_call_also_from_another_node(string model, int sentences)
    {
        var world = await WorldAsync();
        await world.ChooseAsync(small: model, strategy: TierStrategy.Attempts, forCustomers: true);
        if (sentences > 0)
        {
            // It writes without a pause for longer than anybody waits here.
            world.Double.Script(new ScriptedAnswer(string.Concat(Enumerable.Repeat($"{First} {All} ", sentences))));
        }
        var first = await world.World.Customer.SayAsync(ModelTurnWorld.Question);
        await HandoffWorld.EventuallyAsync(() => Task.FromResult(world.Calls == 1), "the call");
        await using var other = await ModelTurnWorld.HostAsync(postgres, _double, _database, NodeRole.Web);
        await world.ChooseAsync(forCustomers: true);
        await world.World.On(other).Customer.SayAsync("And in which time zone are the schedules of a cron job?");
        await _double.AbandonedBy(world.Key).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await HandoffWorld.EventuallyAsync(async () => (await world.ListAsync("select state from turns where conversation_id = @Conversation order by created_at", new { world.World.Customer.Conversation })).SequenceEqual(["cancelled", "done"]), "the answer to both");
        (await world.ReadAsync<decimal>("select sum(held) from budget_scopes where tenant_id = @TenantId", new { world.World.TenantId })).ShouldBe(0);
        first.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_person_who_steps_in_ends_what_is_being_written()
    {
        var world = await WorldAsync();
        await world.ChooseAsync(small: "tiny!stall;after=20", forCustomers: true);
        world.Double.Script(new ScriptedAnswer($"{First} {All} {Second} {All} {Third} {All}"));
        await using var feed = new FeedClient(world.World.Customer.Client);
        await feed.ReadyAsync();
        await world.World.Customer.SayAsync(ModelTurnWorld.Question);
        (await feed.NextOfAsync("delta")).Data.GetProperty("text").GetString().ShouldBe(First);
        await HandoffWorld.PostAsync(world.World.Support.Agent.Client, $"/v1/conversations/{world.World.Customer.Conversation}/handoff");
        await _double.AbandonedBy(world.Key).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        (await world.ListAsync("select state from turns where conversation_id = @Conversation", new { world.World.Customer.Conversation })).ShouldBe(["cancelled"]);
        (await world.World.Customer.MessagesAsync()).ShouldNotContain(m => m.Text("authorKind") == "assistant");
    }

    [Fact]
    public async Task Another_node_takes_over_and_takes_back_what_it_says_otherwise()
    {
        var world = await WorldAsync();
        await world.ChooseAsync(forCustomers: true);
        await _host.StopAsync();
        await using var node = await ModelTurnWorld.HostAsync(postgres, _double, _database, NodeRole.Web);
        var on = world with { World = world.World.On(node) };
        await on.World.Customer.SayAsync(ModelTurnWorld.Question);
        world.Double.Script(new ScriptedAnswer($"{First} {All} {Second} {All}"));
        await WriteAndDieAsync(node, await ClaimAsync(node, "dead"));
        (await on.ReadAsync<string>("select draft from turns where conversation_id = @Conversation", new { on.World.Customer.Conversation })).ShouldStartWith(First);

        await using (var command = node.Database.Everything.CreateCommand("update jobs set lease_until = now() - interval '1 second' where state = 'running'"))
        {
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        await node.Database.System.ExecuteAsync(JobDispatcher.TickSql, new { now = node.Time.GetUtcNow() }, TestContext.Current.CancellationToken);
        world.Double.Script(new ScriptedAnswer($"{Third} {All}"));
        var next = await ClaimAsync(node, "next");
        await using (var scope = node.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<TurnJob>().HandleAsync(next, TestContext.Current.CancellationToken);
        }
        (await on.ListAsync("select type from events where conversation_id = @Conversation and visibility = 'public' order by seq", new { on.World.Customer.Conversation }))
            .Where(t => t != "sources").ShouldBe(["accepted", "replaced", "message", "done"]);
        Customer.Text((await on.World.Customer.MessagesAsync())[^1]).ShouldStartWith(Third);
    }

    private Task<ModelTurnWorld> WorldAsync() => ModelTurnWorld.MakeAsync(_host, _double);

    private static async Task<JobContext> ClaimAsync(ParleyHost host, string node)
    {
        var claimed = await host.Database.System.QueryAsync<ClaimedJob>(JobDispatcher.ClaimSql,
            new { node, interactive = true, kinds = new[] { TurnScheduler.Kind.Name }, after = Guid.Empty, limit = 1, lease = TimeSpan.FromSeconds(30) }, TestContext.Current.CancellationToken);
        return new JobContext(claimed.Single(), node);
    }

    /// <summary>An attempt up to the end of the model's text, of which the first sentences have left.</summary>
    private static async Task WriteAndDieAsync(ParleyHost host, JobContext job)
    {
        var (trace, ct) = (new TurnTrace(TimeProvider.System), TestContext.Current.CancellationToken);
        var begun = (await host.Services.GetRequiredService<TurnStart>().BeginAsync(job.TenantId, job.Payload<TurnScheduler.Payload>(), job.Attempt, ct))!;
        var turn = host.Services.GetRequiredService<AssistantTurn>();
        var live = new LiveText(host.Database.Tenants, host.Services.GetRequiredService<TurnDelivery>(), begun, trace);
        await turn.WriteAsync(await turn.PrepareAsync(begun.Question!, trace, ct), live, trace, ct);
    }
}
