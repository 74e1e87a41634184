using System.Net;
using System.Text.Json;
using Parley.Host.Isolation;
using Parley.Platform.Schedules;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Host;

/// <summary>While the database is away every endpoint says so, and nothing passes for a bug of ours. Under load and with real kills: Faults.</summary>
public sealed class DatabaseAwayTests : IAsyncLifetime
{
    private readonly PostgresFixture _postgres = new(); // its own: the others' must not be stopped
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await EveryEndpoint.StartAsync(_postgres);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    [Fact]
    public async Task Every_endpoint_answers_503_with_problem_details_and_works_again_afterwards()
    {
        using var every = new EveryEndpoint(_host);
        var requests = await every.RequestsAsync(_ => true);
        var server = await _postgres.ServerAsync();
        await server.StopAsync(default);

        var (failures, unavailable) = (new List<string>(), 0);
        foreach (var (endpoint, call, who) in requests)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            Reply reply;
            try
            {
                reply = await every.Client.SendAsync(who, call, patience.Token);
            }
            catch (OperationCanceledException)
            {
                failures.Add($"{endpoint}: no answer");
                continue;
            }
            var says = reply.Status == 503 && reply.Body.Contains("\"code\":\"database_unavailable\"", StringComparison.Ordinal);
            if (says && reply.Headers.Contains("application/problem+json", StringComparison.Ordinal) && reply.Headers.Contains("Retry-After: 2", StringComparison.Ordinal))
            {
                unavailable++;
            }
            else if (endpoint.Pattern.StartsWith("/v1/", StringComparison.Ordinal))
            {
                failures.Add($"{endpoint}: {reply.Short}");
            }
            else
            {
                // Pages and descriptions need no database; a page that is not built says so.
                reply.Status.ShouldNotBe(500, endpoint.ToString());
            }
        }
        failures.ShouldBeEmpty();
        unavailable.ShouldBeGreaterThan(60);
        (await StatusAsync("/health/live")).ShouldBe((HttpStatusCode.OK, "ok"));
        await UntilAsync("/health/ready", (HttpStatusCode.ServiceUnavailable, "database_unavailable"));

        await server.EnsureRunningAsync(default);
        await UntilAsync("/health/ready", (HttpStatusCode.OK, "ok"));
        foreach (var (endpoint, call, who) in requests.Where(r => r.Endpoint is { Method: "GET", Name: not "Feed" } && r.Endpoint.Pattern.StartsWith("/v1/", StringComparison.Ordinal)))
        {
            var reply = await every.Client.SendAsync(who, call, default);
            every.IsFine(endpoint, reply).ShouldBeTrue($"{endpoint}: {reply.Short}");
        }
    }

    [Fact]
    public async Task A_node_stops_though_its_database_is_away_and_a_schedule_has_just_run()
    {
        var (running, away) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var node = await ParleyHost.StartAsync(_postgres, services => services.AddSchedule("test.second", "* * * * * ?", async (_, _) =>
        {
            running.TrySetResult();
            await away.Task;
        }));
        await running.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await (await _postgres.ServerAsync()).StopAsync(default);
        // That it has run can be written nowhere now.
        away.SetResult();

        await node.StopAsync().WaitAsync(TimeSpan.FromSeconds(60));
    }

    private async Task UntilAsync(string path, (HttpStatusCode, string) expected)
    {
        // Readiness asks the database at most every two seconds.
        for (var i = 0; i < 100 && await StatusAsync(path) != expected; i++) await Task.Delay(100);
        (await StatusAsync(path)).ShouldBe(expected);
    }

    private async Task<(HttpStatusCode, string)> StatusAsync(string path)
    {
        using var response = await _host.Client().GetAsync(path);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("status").GetString()!);
    }
}
