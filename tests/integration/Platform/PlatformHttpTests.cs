using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Health;
using Parley.Platform.Idempotency;
using Parley.Platform.Telemetry;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Platform;

/// <summary>Idempotency keys, metrics, request ids and readiness on real Kestrel with endpoints of the test's own.</summary>
public sealed class PlatformHttpTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _executed = new();
    private readonly ShiftableTime _time = new();
    private TestDatabase _database = null!;
    private WebApplication _app = null!;
    private HttpClient _client = null!;
    private Guid _tenant;
    private Guid _caller = Guid.CreateVersion7();
    private TaskCompletionSource? _hold;
    private int _failures;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private sealed record Order(string Text);

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync();
        _tenant = await _database.CreateTenantAsync();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddRouting().AddProblemDetails().AddSingleton<TimeProvider>(_time);
        builder.Services.AddSingleton(_database.Options).AddSingleton(_database.Key).AddSingleton(new Migration("0001_platform.sql", ""));
        builder.Services.AddPlatform(new PlatformOptions { Objects = Path.Combine(Path.GetTempPath(), "parley-objects-" + Guid.CreateVersion7().ToString("N")), RunsJobs = false, MetricsToken = "m-token" });
        _app = builder.Build();
        _app.UseRequestIds();
        _app.UseRouting();
        _app.Use((http, next) =>
        {
            http.User = new(new CallerIdentity(new Caller(CallerKind.ApiKey, _tenant, _caller, Permission.All), "test"));
            return next(http);
        });
        _app.UsePlatform();
        _app.MapPlatform();
        _app.MapPost("/orders/{customer}", async (string customer, Order order) =>
        {
            _executed.Enqueue(order.Text);
            if (_hold is { } hold)
            {
                await hold.Task;
            }
            return Interlocked.Decrement(ref _failures) >= 0
                ? Results.Problem(statusCode: 503)
                : order.Text == "bad" ? Error.Invalid("text", "No.").ToProblem() : Results.Created($"/orders/{customer}/1", new { customer, order.Text, number = _executed.Count });
        }).RequirePermission(Permission.KnowledgeWrite).WithIdempotency();
        _app.MapPost("/nothing", () => { _executed.Enqueue("nothing"); return Results.NoContent(); }).RequirePermission(Permission.KnowledgeWrite).WithIdempotency();
        await _app.StartAsync();
#pragma warning disable RS0030 // Talks to the node under test only.
        _client = new HttpClient { BaseAddress = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
#pragma warning restore RS0030
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task The_second_request_with_a_key_gets_the_first_ones_answer_and_does_nothing()
    {
        using var first = await PostAsync("key", """{"text":"a"}""");
        using var second = await PostAsync("key", """{"text":"a"}""");
        first.StatusCode.ShouldBe(HttpStatusCode.Created);
        second.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await second.Content.ReadAsStringAsync(Ct)).ShouldBe(await first.Content.ReadAsStringAsync(Ct));
        second.Headers.Location.ShouldBe(first.Headers.Location);
        second.Content.Headers.ContentType.ShouldBe(first.Content.Headers.ContentType);
        second.Headers.GetValues("Idempotency-Replayed").ShouldBe(["true"]);
        _executed.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Another_body_under_the_same_key_is_refused()
    {
        (await PostAsync("key", """{"text":"a"}""")).Dispose();
        using var other = await PostAsync("key", """{"text":"b"}""");
        other.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await other.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("code").GetString().ShouldBe("idempotency.mismatch");
        // The raw bytes count: a space is another request.
        using var spaced = await PostAsync("key", """{"text": "a"}""");
        spaced.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        _executed.ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_key_means_something_only_for_one_principal_at_one_address()
    {
        (await PostAsync("key", """{"text":"a"}""")).Dispose();
        (await PostAsync("key", """{"text":"b"}""", "/orders/another")).StatusCode.ShouldBe(HttpStatusCode.Created);
        _caller = Guid.CreateVersion7();
        (await PostAsync("key", """{"text":"c"}""")).StatusCode.ShouldBe(HttpStatusCode.Created);
        _executed.ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task Of_many_at_once_one_executes_and_all_get_its_answer()
    {
        _hold = new TaskCompletionSource();
        var requests = Enumerable.Range(0, 8).Select(_ => PostAsync("key", """{"text":"a"}""")).ToList();
        while (_executed.IsEmpty)
        {
            await Task.Delay(10, Ct);
        }
        _hold.SetResult();
        var bodies = new HashSet<string>();
        foreach (var request in requests)
        {
            using var response = await request;
            response.StatusCode.ShouldBe(HttpStatusCode.Created);
            bodies.Add(await response.Content.ReadAsStringAsync(Ct));
        }
        bodies.Count.ShouldBe(1);
        _executed.Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_failed_or_was_refused_may_be_tried_again_with_the_same_key()
    {
        _failures = 1;
        (await PostAsync("key", """{"text":"a"}""")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await PostAsync("key", """{"text":"a"}""")).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await PostAsync("other", """{"text":"bad"}""")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync("other", """{"text":"good"}""")).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task After_a_day_a_key_is_new()
    {
        (await PostAsync("key", """{"text":"a"}""")).Dispose();
        _time.Advance(TimeSpan.FromHours(24));
        (await PostAsync("key", """{"text":"b"}""")).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_key_whose_process_died_is_taken_over_when_its_lock_is_old()
    {
        await using (var all = await _database.Everything.OpenConnectionAsync(Ct))
        {
            (await PostAsync("key", """{"text":"a"}""")).Dispose();
            await Dapper.SqlMapper.ExecuteAsync(all, "update idempotency_keys set status = null, locked_until = now() - interval '1 second'");
        }
        (await PostAsync("key", """{"text":"a"}""")).StatusCode.ShouldBe(HttpStatusCode.Created);
        _executed.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_key_whose_node_is_known_to_be_dead_is_taken_over_at_once()
    {
        string node;
        await using (var all = await _database.Everything.OpenConnectionAsync(Ct))
        {
            (await PostAsync("key", """{"text":"a"}""")).Dispose();
            node = (await Dapper.SqlMapper.QuerySingleAsync<string>(all, "update idempotency_keys set status = null returning locked_by"))!;
        }
        await _database.System.ExecuteAsync(GoneNode.ReleaseSql, new { nodeId = node }, Ct);
        (await PostAsync("key", """{"text":"a"}""")).StatusCode.ShouldBe(HttpStatusCode.Created);
        _executed.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_answer_without_a_body_is_replayed_too()
    {
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/nothing") { Headers = { { "Idempotency-Key", "n" } } };
            (await _client.SendAsync(request, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }
        _executed.ShouldBe(["nothing"]);
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_named()
    {
        using var response = await PostAsync(new string('k', 201), """{"text":"a"}""");
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync(Ct)).ShouldContain("Idempotency-Key");
        _executed.ShouldBeEmpty();
    }

    [Fact]
    public async Task Metrics_are_for_this_machine_and_for_who_has_the_token()
    {
        (await PostAsync("key", """{"text":"a"}""")).Dispose();
        using var metrics = await _client.GetAsync("/metrics", Ct);
        metrics.StatusCode.ShouldBe(HttpStatusCode.OK);
        var text = await metrics.Content.ReadAsStringAsync(Ct);
        text.ShouldContain("http_server_request_duration_seconds_bucket{");
        text.ShouldContain("# TYPE http_server_request_duration_seconds histogram");
        text.ShouldContain("le=\"+Inf\"");
        text.ShouldNotContain(_tenant.ToString());
        text.ShouldNotContain("Password=", Case.Insensitive); // of a connection string; a route may have the word
        (await MetricsAsync(("X-Forwarded-For", "203.0.113.9"))).ShouldBe(HttpStatusCode.NotFound);
        (await MetricsAsync(("Authorization", "Bearer wrong"))).ShouldBe(HttpStatusCode.NotFound);
        (await MetricsAsync(("Authorization", "Bearer m-token"), ("X-Forwarded-For", "203.0.113.9"))).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("my-request.1", true)]
    [InlineData("has space", false)]
    [InlineData("<script>", false)]
    public async Task A_request_keeps_a_harmless_name_of_its_own(string given, bool kept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("X-Request-Id", given);
        using var response = await _client.SendAsync(request, Ct);
        var id = response.Headers.GetValues("X-Request-Id").Single();
        (id == given).ShouldBe(kept);
        id.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_node_is_ready_when_its_migrations_are_there_and_its_objects_can_be_written()
    {
        (await _app.Services.GetRequiredService<ReadinessChecks>().ProblemAsync(Ct)).ShouldBeNull();
        await using var behind = await PlatformNode.StartAsync(_database, services => services.AddSingleton(new Migration("9999_future.sql", "")), runsJobs: false);
        (await behind.Services.GetRequiredService<ReadinessChecks>().ProblemAsync(Ct)).ShouldBe("migrations_missing");
        var file = Path.GetTempFileName();
        await using var readOnly = await PlatformNode.StartAsync(_database, _ => { }, runsJobs: false, objects: file);
        (await readOnly.Services.GetRequiredService<ReadinessChecks>().ProblemAsync(Ct)).ShouldBe("objects_not_writable");
        File.Delete(file);
    }

    private async Task<HttpStatusCode> MetricsAsync(params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using var response = await _client.SendAsync(request, Ct);
        return response.StatusCode;
    }

    private async Task<HttpResponseMessage> PostAsync(string key, string body, string path = "/orders/me")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json"), Headers = { { "Idempotency-Key", key } } };
        return await _client.SendAsync(request, Ct);
    }
}
