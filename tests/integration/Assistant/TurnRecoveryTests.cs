using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Assistant;
using Parley.Host.Instance;
using Parley.Identity;
using Parley.Platform.Data;
using Parley.Platform.Jobs;
using Parley.Testkit;
using Parley.Tests.Integration.Escalations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Assistant;

/// <summary>
/// What happens to a turn whose node dies, whose lease is lost, whose sources go, or that is joined. The node of these tests runs no jobs
/// by itself: each test takes the steps of the attempts one by one.
/// </summary>
public sealed class TurnRecoveryTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Question = "Why isn't my cron job running as scheduled?";

    private TestDatabase _database = null!;
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_node_that_dies_between_text_and_message_leaves_one_message()
    {
        var world = await WorldAsync();
        await world.Customer.SayAsync(Question);
        var dead = await ClaimAsync("dead");
        await SendDraftAsync(dead);
        (await DraftAsync(world)).ShouldNotBeEmpty();

        var next = await ClaimAgainAsync("next");
        next.Attempt.ShouldBe(2);
        await RunAsync(next);
        (await AnswersAsync(world)).Count.ShouldBe(1);
        (await DraftAsync(world)).ShouldBeEmpty();
        // The same sources gave the same text: nothing had to be taken back.
        (await EventsAsync(world)).ShouldBe(["accepted", "sources", "message", "done"]);
    }

    [Fact]
    public async Task A_node_that_lost_its_lease_cannot_answer_a_second_time()
    {
        var world = await WorldAsync();
        await world.Customer.SayAsync(Question);
        var slow = await ClaimAsync("slow");
        var begun = await SendDraftAsync(slow);
        await RunAsync(await ClaimAgainAsync("fast"));
        await Should.ThrowAsync<TurnGoneException>(() => FinishAsync(slow, begun));
        await RunAsync(slow);
        (await AnswersAsync(world)).Count.ShouldBe(1);
        (await EventsAsync(world)).Count(e => e == "done").ShouldBe(1);
    }

    [Fact]
    public async Task A_text_that_no_longer_holds_is_taken_back_before_the_answer()
    {
        var world = await WorldAsync();
        await world.Customer.SayAsync(Question);
        await SendDraftAsync(await ClaimAsync("dead"));
        await DeleteAsync(world, "cron.md");
        await RunAsync(await ClaimAgainAsync("next"));
        (await EventsAsync(world)).ShouldBe(["accepted", "sources", "replaced", "message", "done"]);
        var answer = (await AnswersAsync(world)).Single();
        answer.ShouldNotContain("previous execution");
    }

    [Fact]
    public async Task What_is_deleted_between_finding_and_answering_is_not_quoted()
    {
        var world = await WorldAsync();
        await world.Customer.SayAsync(Question);
        var job = await ClaimAsync("node");
        var trace = new TurnTrace(TimeProvider.System);
        var begun = (await Get<TurnStart>().BeginAsync(job.TenantId, job.Payload<TurnScheduler.Payload>(), job.Attempt, default))!;
        var prepared = await Get<AssistantTurn>().PrepareAsync(begun.Question!, trace, default);
        prepared.Composition!.Quotes.ShouldNotBeEmpty();
        await DeleteAsync(world, "cron.md");
        var result = await InAsync(job.TenantId, s => AssistantTurn.ConcludeAsync(s, prepared, trace));
        result.Outcome.ShouldBe("abstained");
        result.Citations.ShouldBeEmpty();
        result.Text.ShouldNotContain("previous execution");
    }

    [Fact]
    public async Task A_second_message_joins_what_has_sent_nothing_and_waits_for_what_has()
    {
        var world = await WorldAsync();
        var first = await world.Customer.SayAsync("How do I resize a volume?");
        var second = await world.Customer.SayAsync("and can I shrink a volume again?");
        (await StatesAsync(world)).ShouldBe([(first!.Value, "cancelled"), (second!.Value, "queued")]);
        await RunAsync(await ClaimAsync("node")); // the cancelled one: it does nothing
        var job = await ClaimAsync("node");
        var begun = await SendDraftAsync(job);
        begun.Question!.Messages.ShouldBe(["How do I resize a volume?", "and can I shrink a volume again?"]);

        var third = await world.Customer.SayAsync(Question);
        (await StatesAsync(world)).ShouldBe([(first.Value, "cancelled"), (second.Value, "running"), (third!.Value, "queued")]);
        await FinishAsync(job, begun);
        var last = await ClaimAsync("node");
        (await Get<TurnStart>().BeginAsync(last.TenantId, last.Payload<TurnScheduler.Payload>(), last.Attempt, default))!.Question!.Messages.ShouldBe([Question]);
        await RunAsync(last);
        (await AnswersAsync(world)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_agent_who_steps_in_silences_a_running_turn()
    {
        var world = await WorldAsync();
        await world.Customer.SayAsync(Question);
        var job = await ClaimAsync("node");
        var begun = await SendDraftAsync(job);
        await HandoffWorld.PostAsync(world.Support.Agent.Client, $"/v1/conversations/{world.Customer.Conversation}/handoff");
        await Should.ThrowAsync<TurnGoneException>(() => FinishAsync(job, begun));
        await RunAsync(job);
        (await AnswersAsync(world)).ShouldBeEmpty();
        (await StatesAsync(world)).Single().State.ShouldBe("cancelled");
    }

    [Fact]
    public async Task A_turn_that_keeps_failing_tells_the_customer_and_offers_a_person()
    {
        var world = await WorldAsync();
        await InAsync(world.TenantId, async s =>
        {
            var id = world.Support.Defaults.AssistantId;
            await s.ExecuteAsync("insert into configurations (tenant_id, kind, subject_id, version, body, created_at) values (@TenantId, 'assistant', @id, 1, '{\"threshold\": \"broken\"}', now())", new { s.TenantId, id });
            return await s.ExecuteAsync("insert into published_configurations (tenant_id, kind, subject_id, version, published_at) values (@TenantId, 'assistant', @id, 1, now())", new { s.TenantId, id });
        });
        await world.Customer.SayAsync(Question);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            var job = attempt == 1 ? await ClaimAsync("node") : await ClaimAgainAsync("node");
            job.IsLastAttempt.ShouldBe(attempt == 3);
            await Should.ThrowAsync<System.Text.Json.JsonException>(() => RunAsync(job));
        }
        (await AnswersAsync(world)).Single().ShouldStartWith("I am sorry, something went wrong on our side");
        (await EventsAsync(world))[^1].ShouldBe("error");
        (await StatesAsync(world)).Single().State.ShouldBe("failed");
        // What is told is told once.
        await Get<TurnSweep>().RunAsync(default);
        (await AnswersAsync(world)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_turn_whose_last_attempt_died_with_its_node_is_found_and_told()
    {
        var world = await WorldAsync();
        await world.Customer.SayAsync(Question);
        await ClaimAsync("dead");
        await InAsync(world.TenantId, s => s.ExecuteAsync("update jobs set state = 'dead', leased_by = null, lease_until = null where kind = 'assistant.turn'"));
        await Get<TurnSweep>().RunAsync(default);
        (await AnswersAsync(world)).ShouldBeEmpty();
        _host.Time.Advance(TimeSpan.FromSeconds(11));
        await Get<TurnSweep>().RunAsync(default);
        (await AnswersAsync(world)).Single().ShouldContain("or ask for a person");
    }

    private T Get<T>() where T : notnull => _host.Services.GetRequiredService<T>();

    private Task<T> InAsync<T>(Guid tenant, Func<TenantSession, Task<T>> work) => _host.Database.Tenants.InTransactionAsync(tenant, work, default);

    /// <summary>Knowledge is imported by a node that is gone before the turns begin.</summary>
    private async Task<TurnWorld> WorldAsync()
    {
        TurnWorld world;
        await using (var worker = await ParleyHost.StartAsync(postgres, FastHash, _database))
        {
            world = await TurnWorld.MakeAsync(worker);
        }
        _host = await ParleyHost.StartAsync(postgres, FastHash, _database, NodeRole.Web);
        return world.On(_host);
    }

    private static void FastHash(IServiceCollection services) => services.Configure<IdentityOptions>(o => (o.PasswordIterations, o.SignInsPerMinute) = (1000, 100_000));

    private async Task<JobContext> ClaimAsync(string node)
    {
        var claimed = await _host.Database.System.QueryAsync<ClaimedJob>(JobDispatcher.ClaimSql,
            new { node, interactive = true, kinds = new[] { TurnScheduler.Kind.Name }, after = Guid.Empty, limit = 1, lease = TimeSpan.FromSeconds(30) }, default);
        return new JobContext(claimed.Single(), node);
    }

    /// <summary>The lease of whoever holds the job runs out; another node takes it.</summary>
    private async Task<JobContext> ClaimAgainAsync(string node)
    {
        await using (var command = _host.Database.Everything.CreateCommand("update jobs set lease_until = now() - interval '1 second' where state = 'running'"))
        {
            await command.ExecuteNonQueryAsync();
        }
        await _host.Database.System.ExecuteAsync(JobDispatcher.TickSql, new { now = _host.Time.GetUtcNow() }, default);
        return await ClaimAsync(node);
    }

    private async Task RunAsync(JobContext job)
    {
        await using var scope = _host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TurnJob>().HandleAsync(job, default);
        if (!job.Completed)
        {
            try
            {
                await _host.Database.Tenants.InTransactionAsync(job.TenantId, job.CompleteAsync, default);
            }
            catch (LeaseLostException)
            {
                // As the dispatcher does.
            }
        }
    }

    /// <summary>An attempt up to the commit of its text.</summary>
    private async Task<BegunTurn> SendDraftAsync(JobContext job)
    {
        var trace = new TurnTrace(TimeProvider.System);
        var begun = (await Get<TurnStart>().BeginAsync(job.TenantId, job.Payload<TurnScheduler.Payload>(), job.Attempt, default))!;
        var prepared = await Get<AssistantTurn>().PrepareAsync(begun.Question!, trace, default);
        await _host.Database.Tenants.InTransactionAsync(job.TenantId, async s =>
        {
            await TurnDelivery.LockAsync(s, begun);
            await Get<TurnDelivery>().SendDraftAsync(s, begun, await AssistantTurn.ConcludeAsync(s, prepared, trace), trace);
        }, default);
        return begun;
    }

    /// <summary>The rest of that attempt.</summary>
    private async Task FinishAsync(JobContext job, BegunTurn begun)
    {
        var trace = new TurnTrace(TimeProvider.System);
        var prepared = await Get<AssistantTurn>().PrepareAsync(begun.Question!, trace, default);
        await _host.Database.Tenants.InTransactionAsync(job.TenantId, async s =>
        {
            await TurnDelivery.LockAsync(s, begun);
            await Get<TurnDelivery>().FinishAsync(s, job, begun, await AssistantTurn.ConcludeAsync(s, prepared, trace), trace);
        }, default);
    }

    private static async Task DeleteAsync(TurnWorld world, string path)
    {
        var client = world.Support.Tenant.Operator();
        var document = (await client.GetJsonAsync("/v1/knowledge/documents")).GetProperty("items").EnumerateArray().Single(d => d.GetProperty("path").GetString() == path);
        using var deleted = await client.DeleteAsync($"/v1/knowledge/documents/{document.GetProperty("id").GetGuid()}");
        deleted.EnsureSuccessStatusCode();
    }

    private static async Task<IReadOnlyList<string>> AnswersAsync(TurnWorld world) =>
        [.. (await world.Support.ReadsAsync(world.Customer.Conversation)).Where(m => m.StartsWith("assistant: ", StringComparison.Ordinal)).Select(m => m["assistant: ".Length..])];

    private Task<string> DraftAsync(TurnWorld world) => InAsync(world.TenantId, s =>
        s.QuerySingleAsync<string>("select draft from turns where conversation_id = @Conversation", new { world.Customer.Conversation }));

    private Task<IReadOnlyList<string>> EventsAsync(TurnWorld world) => InAsync(world.TenantId, s =>
        s.QueryAsync<string>("select type from events where conversation_id = @Conversation and visibility = 'public' order by seq", new { world.Customer.Conversation }));

    private Task<IReadOnlyList<(Guid Id, string State)>> StatesAsync(TurnWorld world) => InAsync(world.TenantId, s =>
        s.QueryAsync<(Guid, string)>("select id, state from turns where conversation_id = @Conversation order by created_at, id", new { world.Customer.Conversation }));
}
