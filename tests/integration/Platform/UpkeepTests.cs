using System.Net.Http.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Parley.Knowledge;
using Parley.Knowledge.Search;
using Parley.Platform.Feed;
using Parley.Platform.Schedules;
using Parley.Testkit;
using Parley.Tests.Integration.Escalations;
using Parley.Tests.Integration.Identity;
using Parley.Tests.Integration.Knowledge;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Platform;

/// <summary>What grows is cut, and months are there before they are needed. Each test moves the clock of the whole host: a host of its own.</summary>
public sealed class UpkeepTests(PostgresFixture postgres)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_year_on_the_months_are_made_ahead_and_old_ones_of_the_job_history_are_dropped()
    {
        await using var host = await IdentityHost.StartAsync(postgres);
        var tenant = await host.TenantAsync();
        host.Time.Advance(TimeSpan.FromDays(365));
        await Should.ThrowAsync<PostgresException>(HistoryAsync(host.Time.GetUtcNow()));
        await RunAsync(host, "platform.partitions");
        for (var months = 0; months <= 3; months++) await HistoryAsync(host.Time.GetUtcNow().AddMonths(months));

        var (first, past) = (await MonthsAsync(host, "job_history"), await MonthsAsync(host, "audit"));
        first.Count.ShouldBe(5, "from last month to three months on; what is older than three months is gone");
        past.Count.ShouldBeGreaterThan(first.Count, "the audit log is kept");
        await using var all = await host.Database.Owner.OpenConnectionAsync(Ct);
        (await CatalogRules.ViolationsAsync(all, host.Database.Options)).ShouldBeEmpty("the new months keep the rules of tenancy");

        Task HistoryAsync(DateTimeOffset at) => host.Database.Tenants.InTransactionAsync(tenant.Id, s => s.ExecuteAsync(
            "insert into job_history (tenant_id, id, kind, outcome, attempts, created_at, finished_at) values (@tenantId, gen_random_uuid(), 'x', 'done', 1, @at, @at)", new { tenantId = s.TenantId, at }), Ct);
    }

    [Fact]
    public async Task What_expired_is_deleted_and_what_lives_stays()
    {
        await using var host = await IdentityHost.StartAsync(postgres);
        var world = await HandoffWorld.MakeAsync(host);
        await MakeOneOfEachAsync(world);
        host.Time.Advance(TimeSpan.FromDays(130));
        await RunAsync(host, "platform.partitions"); // so that what is made now can be written down
        await MakeOneOfEachAsync(world);
        string[] tables = ["idempotency_keys", "rate_windows", "user_sessions", "invitations", "sign_in_attempts", "end_user_sessions"];
        var before = await CountsAsync(host, tables);
        before.Values.ShouldAllBe(count => count >= 2);

        foreach (var schedule in new[] { "platform.expire", "identity.expire", "conversations.expire" }) await RunAsync(host, schedule);
        var after = await CountsAsync(host, tables);
        foreach (var table in tables) after[table].ShouldBeInRange(1, before[table] - 1, table);
        await RunAsync(host, "platform.expire");
        (await CountsAsync(host, tables)).ShouldBe(after);
    }

    [Fact]
    public async Task A_removal_is_forgotten_after_a_week_and_an_index_that_missed_it_is_built_anew()
    {
        await using var host = await IdentityHost.StartAsync(postgres);
        var tenant = await host.TenantAsync();
        var manager = await tenant.MemberAsync("manager");
        var import = await manager.Client.ImportAsync("Docs", "complete", KnowledgeWorld.File("a.md", "# Zebra\n\nZebras have stripes."), KnowledgeWorld.File("b.md", "# Lion\n\nLions have manes."));
        // An index on a node that hears of nothing and looks for nothing.
        using var search = new KnowledgeSearch(host.Services.GetRequiredService<IndexLoader>(), host.Services.GetRequiredService<Parley.Knowledge.Vectors.VectorLoader>(), host.Services.GetRequiredService<Parley.Knowledge.Vectors.HybridSearch>(), new KnowledgeOptions { IndexFreshFor = TimeSpan.FromDays(1000) }, new FeedHub(), host.Time, NullLogger<KnowledgeSearch>.Instance);
        (await search.RefreshAsync(tenant.Id, Ct)).DocumentCount.ShouldBe(2);

        var zebra = (await manager.Client.DocumentsAsync(Guid.Parse(import.Text("sourceId")!))).Single(d => d.Text("path") == "a.md").Text("id");
        using (var deleted = await manager.Client.DeleteAsync("/v1/knowledge/documents/" + zebra, Ct)) deleted.EnsureSuccessStatusCode();
        host.Time.Advance(TimeSpan.FromDays(6));
        await UpkeepAsync(host);
        (await RemovalsAsync(host)).ShouldBe(1);
        host.Time.Advance(TimeSpan.FromDays(2));
        await UpkeepAsync(host);
        (await RemovalsAsync(host)).ShouldBe(0);
        using var lag = new IndexLag(search, host.Services.GetRequiredService<IndexLoader>(), host.Time, NullLogger<IndexLag>.Instance);
        await lag.ReadAsync(Ct);
        await Task.Delay(20, Ct);
        (await lag.ReadAsync(Ct)).ShouldBeGreaterThan(0);
        (await search.RefreshAsync(tenant.Id, Ct)).DocumentCount.ShouldBe(1, "the removal can no longer be read: only a new index is right");
        (await lag.ReadAsync(Ct)).ShouldBe(0);
        (await host.Services.GetRequiredService<KnowledgeSearch>().RefreshAsync(tenant.Id, Ct)).DocumentCount.ShouldBe(1);
    }

    [Fact]
    public async Task An_upload_that_nobody_goes_on_with_ends_and_its_files_go()
    {
        await using var host = await IdentityHost.StartAsync(postgres);
        var tenant = await host.TenantAsync();
        var manager = await tenant.MemberAsync("manager");
        var import = await manager.Client.CreateImportAsync("Docs");
        var id = Guid.Parse(import.Text("id")!);
        using (var uploaded = await manager.Client.UploadAsync(id, KnowledgeWorld.File("a.md", "# Zebra"))) uploaded.EnsureSuccessStatusCode();
        await UpkeepAsync(host);
        (await CountsAsync(host, "objects"))["objects"].ShouldBe(1);
        host.Time.Advance(TimeSpan.FromDays(8));
        await UpkeepAsync(host);
        (await tenant.Operator().GetJsonAsync($"/v1/knowledge/imports/{id}")).Text("state").ShouldBe("cancelled");
        (await CountsAsync(host, "objects"))["objects"].ShouldBe(0);
        Directory.EnumerateFiles(Path.Combine(host.DataDirectory, "objects"), "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    private static Task RunAsync(ParleyHost host, string schedule) => host.Services.GetServices<Schedule>().Single(s => s.Name == schedule).RunAsync(host.Services, Ct);

    private static async Task UpkeepAsync(ParleyHost host)
    {
        await RunAsync(host, KnowledgeUpkeep.Kind.Name);
        await using var all = await host.Database.Everything.OpenConnectionAsync(Ct);
        await HandoffWorld.EventuallyAsync(async () => await all.ExecuteScalarAsync<int>("select count(*)::int from jobs where kind = 'knowledge.upkeep'") == 0, "the upkeep");
    }

    private static async Task MakeOneOfEachAsync(HandoffWorld world)
    {
        var manager = await world.Tenant.MemberAsync("manager"); // a session
        using var wrong = await world.Host.Client().SignInAsync(IdentityHost.NewEmail(), "wrong");
        using var invited = await world.Tenant.Operator().PostAsJsonAsync("/v1/invitations", new { email = IdentityHost.NewEmail(), role = "viewer" }, Ct);
        using var session = await world.Host.Client().PostAsJsonAsync("/v1/widget/sessions", new { key = world.Defaults.PublicKey }, Ct); // and a window of its limit
        session.EnsureSuccessStatusCode();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/tasks") { Content = JsonContent.Create(new { title = "x" }) };
        request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
        using var task = await manager.Client.SendAsync(request, Ct);
        task.EnsureSuccessStatusCode();
    }

    private static async Task<Dictionary<string, int>> CountsAsync(ParleyHost host, params string[] tables)
    {
        await using var all = await host.Database.Everything.OpenConnectionAsync(Ct);
        var counts = new Dictionary<string, int>();
        foreach (var table in tables) counts[table] = await all.ExecuteScalarAsync<int>($"select count(*)::int from {table}");
        return counts;
    }

    private static async Task<int> RemovalsAsync(ParleyHost host) => (await CountsAsync(host, "document_removals"))["document_removals"];

    private static async Task<List<string>> MonthsAsync(ParleyHost host, string table)
    {
        await using var all = await host.Database.Owner.OpenConnectionAsync(Ct);
        return (await all.QueryAsync<string>("select inhrelid::regclass::text from pg_inherits where inhparent = @table::regclass", new { table })).AsList();
    }
}
