using System.Net;
using System.Net.Http.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform.Jobs;
using Parley.Platform.Telemetry;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Platform;

/// <summary>Work that failed for good, over the API: seen, tried again, given up.</summary>
public sealed class DeadJobTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly JobKind Kind = new("test.fragile", MaxAttempts: 1);
    private readonly Switch _switch = new();
    private ParleyHost _host = null!;
    private TestTenant _tenant = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await ParleyHost.StartAsync(postgres, services => services.AddSingleton(_switch).AddJob<Fragile>(Kind));
        _tenant = await _host.TenantAsync();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_dead_job_is_listed_with_its_error_and_tried_again_with_all_its_attempts()
    {
        var manager = await _tenant.MemberAsync("manager");
        var id = await DieAsync("one");
        var job = (await DeadAsync(manager.Client)).Single();
        (job.GetProperty("id").GetGuid(), job.GetProperty("kind").GetString(), job.GetProperty("attempts").GetInt32()).ShouldBe((id, Kind.Name, 1));
        job.GetProperty("error").GetString()!.ShouldContain("out of order");

        _switch.Works = true;
        (await SendAsync(manager.Client, HttpMethod.Post, $"/v1/jobs/{id}/retry")).ShouldBe(HttpStatusCode.NoContent);
        await UntilAsync(async () => (await DeadAsync(manager.Client)).Count == 0 && await CountAsync("jobs", id) == 0);
        (await OutcomesAsync(id)).ShouldBe(["dead", "done"]);
        (await SendAsync(manager.Client, HttpMethod.Post, $"/v1/jobs/{id}/retry")).ShouldBe(HttpStatusCode.NotFound);
        (await ActionsAsync()).ShouldBe(["job.retried"]);
    }

    [Fact]
    public async Task A_discarded_job_is_gone_and_remembered()
    {
        var id = await DieAsync("one");
        var other = await DieAsync("one");
        var manager = await _tenant.MemberAsync("manager");
        (await SendAsync(manager.Client, HttpMethod.Delete, $"/v1/jobs/{id}")).ShouldBe(HttpStatusCode.NoContent);
        (await DeadAsync(manager.Client)).Single().GetProperty("id").GetGuid().ShouldBe(other);
        (await OutcomesAsync(id)).ShouldBe(["dead", "cancelled"]);
        (await ActionsAsync()).ShouldBe(["job.discarded"]);
        (await SendAsync(manager.Client, HttpMethod.Delete, $"/v1/jobs/{id}")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_retried_job_waits_behind_what_its_aggregate_does_now()
    {
        var id = await DieAsync("one");
        var ahead = Guid.Empty;
        await _host.Database.Tenants.InTransactionAsync(_tenant.Id, async s =>
        {
            ahead = await _host.Services.GetRequiredService<JobQueue>().EnqueueAsync(s, Kind, new { }, "one", _host.Time.GetUtcNow().AddHours(1));
            (await _host.Services.GetRequiredService<DeadJobs>().RetryAsync(s, id)).ShouldBeTrue();
            (await s.QueryAsync<string>("select state from jobs order by position")).ShouldBe(["scheduled", "waiting"]);
        }, Ct);
        _switch.Works = true;
        _host.Time.Advance(TimeSpan.FromHours(1.1));
        await UntilAsync(async () => await CountAsync("jobs", ahead) + await CountAsync("jobs", id) == 0);
    }

    [Fact]
    public async Task Who_may_not_see_or_change_them_is_refused()
    {
        var id = await DieAsync(null);
        var agent = await _tenant.MemberAsync("agent");
        (await SendAsync(agent.Client, HttpMethod.Get, "/v1/jobs/dead")).ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(agent.Client, HttpMethod.Post, $"/v1/jobs/{id}/retry")).ShouldBe(HttpStatusCode.Forbidden);
        var stranger = await (await _host.TenantAsync()).MemberAsync("manager");
        (await SendAsync(stranger.Client, HttpMethod.Delete, $"/v1/jobs/{id}")).ShouldBe(HttpStatusCode.NotFound);
        (await DeadAsync(stranger.Client)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_gauges_count_jobs_of_the_whole_installation_and_forget_none_that_went()
    {
        var id = await DieAsync(null);
        var gauges = _host.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<InstallationGauges>().Single();
        await gauges.ReadAsync(Ct);
        (await MetricsAsync()).ShouldContain("parley_jobs_count{kind=\"test.fragile\",state=\"dead\"} 1\n");
        (await MetricsAsync()).ShouldContain("parley_nodes_alive 1\n");
        await _host.Database.Tenants.InTransactionAsync(_tenant.Id, s => DeadJobs.DiscardAsync(s, id), Ct);
        await gauges.ReadAsync(Ct);
        (await MetricsAsync()).ShouldContain("parley_jobs_count{kind=\"test.fragile\",state=\"dead\"} 0\n");
    }

    private async Task<string> MetricsAsync() => await _host.Client().GetStringAsync("/metrics", Ct);

    private async Task<Guid> DieAsync(string? aggregate)
    {
        var id = await _host.Database.Tenants.InTransactionAsync(_tenant.Id, s => _host.Services.GetRequiredService<JobQueue>().EnqueueAsync(s, Kind, new { }, aggregate), Ct);
        await UntilAsync(async () => await _host.Database.Tenants.InTransactionAsync(_tenant.Id, s => s.QuerySingleAsync<int>("select count(*)::int from jobs where id = @id and state = 'dead'", new { id }), Ct) == 1);
        return id;
    }

    private Task<int> CountAsync(string table, Guid id) =>
        _host.Database.Tenants.InTransactionAsync(_tenant.Id, s => s.QuerySingleAsync<int>($"select count(*)::int from {table} where id = @id", new { id }), Ct);

    private async Task<IEnumerable<string>> OutcomesAsync(Guid id) =>
        await _host.Database.Tenants.InTransactionAsync(_tenant.Id, s => s.QueryAsync<string>("select outcome from job_history where id = @id order by finished_at", new { id }), Ct);

    private async Task<IEnumerable<string>> ActionsAsync() =>
        await _host.Database.Tenants.InTransactionAsync(_tenant.Id, s => s.QueryAsync<string>("select action from audit where target_kind = 'job' order by at"), Ct);

    private static async Task<List<System.Text.Json.JsonElement>> DeadAsync(HttpClient client) => [.. (await client.GetJsonAsync("/v1/jobs/dead")).GetProperty("items").EnumerateArray()];

    private static async Task<HttpStatusCode> SendAsync(HttpClient client, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using var response = await client.SendAsync(request, Ct);
        return response.StatusCode;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 400 && !await holds(); i++) await Task.Delay(50, Ct);
        (await holds()).ShouldBeTrue();
    }

    private sealed class Switch
    {
        public volatile bool Works;
    }

    private sealed class Fragile(Switch @switch) : IJobHandler
    {
        public Task HandleAsync(JobContext job, CancellationToken ct) => @switch.Works ? Task.CompletedTask : throw new InvalidOperationException("out of order");
    }
}
