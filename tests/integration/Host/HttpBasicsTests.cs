using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Host;

public sealed class HttpBasicsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ParleyHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Is_healthy_once_started(string path)
    {
        using var response = await _host.Client().GetAsync(path);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).ShouldBe("""{"status":"ok"}""");
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/v1/auth/session")]
    [InlineData("/console/")]
    [InlineData("/demo")]
    [InlineData("/widget/v1/loader.js")]
    [InlineData("/no-such-thing")]
    public async Task Head_answers_as_get_does_without_the_body(string path)
    {
        var client = _host.Client();
        using var get = await client.GetAsync(path);
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var head = await client.SendAsync(request);
        head.StatusCode.ShouldBe(get.StatusCode);
        head.Content.Headers.ContentType.ShouldBe(get.Content.Headers.ContentType);
        (await head.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unknown_address_answers_problem_details()
    {
        using var response = await _host.Client().GetAsync("/v1/no-such-thing");
        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("status").GetInt32().ShouldBe(404);
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers_and_no_server_name()
    {
        using var response = await _host.Client().GetAsync("/health/live");
        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        response.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("default-src 'none'");
        response.Headers.Contains("Server").ShouldBeFalse();
    }

    [Fact]
    public async Task A_worker_answers_health_and_metrics_only()
    {
        await using var worker = await ParleyHost.StartAsync(postgres, database: _host.Database, role: Parley.Host.Instance.NodeRole.Worker);
        foreach (var path in (string[])["/health/live", "/health/ready", "/metrics"])
        {
            using var fine = await worker.Client().GetAsync(path);
            fine.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }
        foreach (var path in (string[])["/", "/console/", "/demo", "/v1/auth/session", "/v1/feed", "/openapi/v1.json", "/healthy"])
        {
            using var refused = await worker.Client().GetAsync(path);
            refused.StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
            JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString().ShouldBe("node.worker");
        }
    }

    [Fact]
    public async Task Who_is_limited_learns_what_is_left()
    {
        var client = _host.Client();
        var left = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            using var response = await client.PostAsJsonAsync("/v1/auth/sign-in", new { email = "nobody@example.com", password = "wrong wrong" });
            response.Headers.GetValues("RateLimit-Limit").Single().ShouldNotBe("0");
            int.Parse(response.Headers.GetValues("RateLimit-Reset").Single(), System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(1, 60);
            left.Add(int.Parse(response.Headers.GetValues("RateLimit-Remaining").Single(), System.Globalization.CultureInfo.InvariantCulture));
        }
        (left[0] - left[1], left[1] - left[2]).ShouldBe((1, 1));
        using var unlimited = await client.GetAsync("/health/live");
        unlimited.Headers.Contains("RateLimit-Limit").ShouldBeFalse();
    }
}
