using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform;
using Parley.Platform.Telemetry;
using Parley.Testkit;
using Parley.Tests.Integration.Escalations;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Platform;

/// <summary>What leaves for a collector, looked at on the wire.</summary>
public sealed class OtlpTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_collector_gets_traces_and_metrics_and_no_word_of_what_people_wrote()
    {
        await using var collector = await OtlpDouble.StartAsync();
        var canary = "canary" + Guid.CreateVersion7().ToString("N");
        string? token = null;
        await using (var host = await ParleyHost.StartAsync(postgres, services =>
        {
            var options = (PlatformOptions)services.Last(s => s.ServiceType == typeof(PlatformOptions)).ImplementationInstance!;
            services.AddSingleton(options with { OtlpEndpoint = collector.Endpoint.ToString() }).AddHostedService<OtlpExport>();
        }))
        {
            var world = await HandoffWorld.MakeAsync(host);
            var client = host.Client();
            using var session = await client.PostAsJsonAsync("/v1/widget/sessions", new { key = world.Defaults.PublicKey });
            token = (await session.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>()).GetProperty("token").GetString();
            using var customer = host.Client(token);
            using var said = await customer.PostAsJsonAsync("/v1/widget/conversations?note=" + canary, new { text = $"Where is {canary}?" });
            said.EnsureSuccessStatusCode();
            await HandoffWorld.EventuallyAsync(() => world.InAsync(s => s.QuerySingleAsync<bool>("select exists (select 1 from job_history where kind = 'assistant.turn')")), "the turn");
            using var found = await world.Agent.Client.GetAsync("/v1/conversations?q=" + canary);
            found.EnsureSuccessStatusCode();
        }
        var (traces, metrics) = (collector.Text("/v1/traces"), collector.Text("/v1/metrics"));
        traces.Contains("job assistant.turn", StringComparison.Ordinal).ShouldBeTrue("spans of jobs");
        traces.Contains("service.name", StringComparison.Ordinal).ShouldBeTrue("the resource");
        traces.Contains("POST /v1/widget/conversations", StringComparison.Ordinal).ShouldBeTrue("spans of requests by route");
        metrics.Contains("parley.jobs.finished", StringComparison.Ordinal).ShouldBeTrue("our metrics");
        metrics.Contains("http.server.request.duration", StringComparison.Ordinal).ShouldBeTrue("the server's metrics");
        (traces + metrics).Contains(canary, StringComparison.Ordinal).ShouldBeFalse("what people wrote");
        (traces + metrics).Contains(token!, StringComparison.Ordinal).ShouldBeFalse("a token");
    }
}
