using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Conversations.Retention;
using Parley.Identity;
using Parley.Testkit;
using Parley.Tests.Integration.Conversations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Privacy;

public sealed class RetentionTests(PostgresFixture postgres) : IAsyncLifetime
{
    private WidgetWorld _world = null!;
    private WidgetTenant _tenant = null!;
    private SignedIn _owner = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await WidgetWorld.StartAsync(postgres);
        _tenant = await _world.TenantAsync();
        _owner = await _tenant.AgentAsync("owner");
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    private Guid Id => _tenant.Tenant.Id;

    [Fact]
    public async Task What_was_closed_long_enough_ago_goes_and_all_else_stays()
    {
        var (gone, kept, open) = (await TalkAsync(_tenant, closedDaysAgo: 31), await TalkAsync(_tenant, closedDaysAgo: 29), await TalkAsync(_tenant, closedDaysAgo: null));
        var other = await _world.TenantAsync();
        var theirs = await TalkAsync(other, closedDaysAgo: 500);
        (await ApplyAsync()).ShouldBe(0, "nobody has said how long");

        var preview = await (await _owner.Client.PostAsJsonAsync("/v1/retention/preview", new { conversationDays = 30 })).JsonAsync();
        preview.GetProperty("conversations").GetInt32().ShouldBe(1);
        preview.GetProperty("turns").GetInt32().ShouldBe(0);
        await SaveAsync(new { conversationDays = 30 });
        (await ApplyAsync()).ShouldBe(1);
        (await ApplyAsync()).ShouldBe(0);

        (await _tenant.QueryAsync<Guid>("select id from conversations")).ShouldBe([kept, open], ignoreOrder: true);
        (await Footprints.MentioningAsync(_world.Host.Database.Everything, Id, gone.ToString())).ShouldBeEmpty("not even the audit log names it");
        (await other.QueryAsync<Guid>("select id from conversations")).ShouldBe([theirs]);
        (await _tenant.QueryAsync<string>("select payload::text from audit where action = 'retention.applied'")).ShouldBe(["""{"conversations": 1}"""]);
    }

    [Fact]
    public async Task Two_that_run_at_once_and_one_that_was_cut_off_delete_each_conversation_once()
    {
        var first = await TalkAsync(_tenant, closedDaysAgo: 40);
        await _tenant.QueryAsync<int>("""
            insert into conversations (tenant_id, id, end_user_id, assistant_id, status, created_at, updated_at, closed_at, closed_by)
            select tenant_id, gen_random_uuid(), end_user_id, assistant_id, 'closed', created_at, updated_at, closed_at, 'agent' from conversations, generate_series(1, 249) where id = @first returning 1
            """, new { first });
        await SaveAsync(new { conversationDays = 30 });
        using (var cut = new CancellationTokenSource())
        {
            // It ends somewhere between two batches, or in one, which then did not happen.
            var running = RunAsync(cut.Token);
            await UntilAsync(async () => await CountAsync() < 250);
            await cut.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(async () => { await running; cut.Token.ThrowIfCancellationRequested(); });
        }
        await Task.WhenAll(RunAsync(default), RunAsync(default));
        (await CountAsync()).ShouldBe(0);
        (await _tenant.QueryAsync<int>("select sum((payload ->> 'conversations')::int)::int from audit where action = 'retention.applied'")).ShouldBe([250]);
    }

    [Fact]
    public async Task Traces_and_details_of_the_audit_log_have_bounds_of_their_own_and_the_chain_holds()
    {
        var talk = await TalkAsync(_tenant, closedDaysAgo: 10);
        foreach (var days in new[] { 0, 20 })
        {
            await _world.Host.Database.Tenants.InTransactionAsync(Id, s => s.ExecuteAsync(
                "insert into turn_steps (tenant_id, turn_id, attempt, ordinal, name, started_at, duration_us, created_at) values (@Id, @talk, 1, @days, 'generate', @at, 1, @at)",
                new { Id, talk, days, at = _world.Host.Time.GetUtcNow().AddDays(-days) }), default);
        }
        await SaveAsync(new { traceDays = 14, auditDays = 365 });
        await RunAsync(default);
        (await _tenant.QueryAsync<int>("select ordinal from turn_steps")).ShouldBe([0]);
        (await _tenant.QueryAsync<int>("select count(*)::int from audit where payload_salt is null")).Single().ShouldBe(0);

        await ChainAsync();
        _world.Host.Time.Advance(TimeSpan.FromDays(366));
        await RunAsync(default);
        (await _tenant.QueryAsync<int>("select count(*)::int from audit where payload_salt is not null or payload is not null or ip is not null")).Single().ShouldBe(0);
        (await _tenant.QueryAsync<string>("select distinct action from audit")).ShouldContain("retention.changed");
        var verified = await _world.Host.Services.GetRequiredService<AuditVerifier>().VerifyAsync(Id, default);
        verified.Problems.ShouldBeEmpty();
        verified.Links.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Visitors_without_a_conversation_go_when_they_did_not_come_back()
    {
        var visitor = await _tenant.VisitorAsync();
        await SaveAsync(new { conversationDays = 30 });
        await RunAsync(default);
        (await _tenant.QueryAsync<Guid>("select id from end_users")).ShouldBe([visitor.EndUserId]);
        _world.Host.Time.Advance(TimeSpan.FromDays(31));
        await RunAsync(default);
        (await _tenant.QueryAsync<Guid>("select id from end_users")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Bounds_are_named_and_a_change_meanwhile_is_seen()
    {
        foreach (var (body, field) in new (object, string)[] { (new { conversationDays = 0 }, "conversationDays"), (new { traceDays = 400 }, "traceDays"), (new { auditDays = 30 }, "auditDays") })
        {
            await (await _owner.Client.PutAsJsonAsync("/v1/retention", body)).ShouldFailAsync(400, "invalid", field);
            await (await _owner.Client.PostAsJsonAsync("/v1/retention/preview", body)).ShouldFailAsync(400, "invalid", field);
        }
        (await _owner.Client.GetJsonAsync("/v1/retention")).GetProperty("version").GetInt32().ShouldBe(0);
        await SaveAsync(new { conversationDays = 90, version = 0 });
        await (await _owner.Client.PutAsJsonAsync("/v1/retention", new { conversationDays = 60, version = 0 })).ShouldFailAsync(409, "retention.changed");
        await SaveAsync(new { conversationDays = (int?)null, version = 1 });
        (await _owner.Client.GetJsonAsync("/v1/retention")).GetProperty("version").GetInt32().ShouldBe(2);
        var manager = await _tenant.AgentAsync("manager");
        (await manager.Client.GetAsync("/v1/retention")).EnsureSuccessStatusCode();
        await (await manager.Client.PutAsJsonAsync("/v1/retention", new { })).ShouldFailAsync(403, "forbidden");
    }

    private async Task<int> ApplyAsync() => await RunAsync(default);

    private async Task<int> RunAsync(CancellationToken ct)
    {
        await using var scope = _world.Host.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<RetentionJob>().ApplyAsync(Id, ct);
    }

    private async Task ChainAsync()
    {
        await using var scope = _world.Host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<AuditChainJob>().ChainAsync(Id, default);
    }

    private async Task SaveAsync(object body)
    {
        using var response = await _owner.Client.PutAsJsonAsync("/v1/retention", body);
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
    }

    private async Task<int> CountAsync() => (await _tenant.QueryAsync<int>("select count(*)::int from conversations")).Single();

    private static async Task UntilAsync(Func<Task<bool>> done)
    {
        for (var i = 0; i < 600 && !await done(); i++)
        {
            await Task.Delay(5);
        }
    }

    private static async Task<Guid> TalkAsync(WidgetTenant tenant, int? closedDaysAgo)
    {
        var id = await (await tenant.VisitorAsync()).StartAsync("Where is my order?");
        if (closedDaysAgo is { } days)
        {
            await tenant.QueryAsync<int>("update conversations set status = 'closed', closed_by = 'agent', closed_at = @at where id = @id returning 1",
                new { id, at = tenant.Host.Time.GetUtcNow().AddDays(-days) });
        }
        return id;
    }
}
