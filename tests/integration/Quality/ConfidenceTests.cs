using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Parley.Testkit;
using Parley.Tests.Integration.Assistant;
using Parley.Tests.Integration.Identity;
using Parley.Tests.Integration.Knowledge;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Quality;

/// <summary>What the confidence is worth: learnt from golden questions and from what people say of answers, seen before it counts.</summary>
public sealed class ConfidenceTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Question = "Can I shrink a volume?";
    private ParleyHost _host = null!;
    private TurnWorld _world = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await IdentityHost.StartAsync(postgres);
        _world = await TurnWorld.MakeAsync(_host);
        _client = _world.Support.Tenant.Operator();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_calibration_is_fitted_seen_published_and_taken_back()
    {
        (await ReportAsync()).GetProperty("proposal").ValueKind.ShouldBe(JsonValueKind.Null);
        using (var few = await PublishAsync(new { evidence = "00000000" }))
            await few.ShouldFailAsync(409, "too_few_samples");
        var items = Enumerable.Range(0, 16).SelectMany(i => new object[]
        {
            new { question = $"Can I shrink a volume {i} times?", expectedAnswer = "Shrinking a volume is not possible" },
            new { question = $"Why is cron job number {i} skipped?", expectedOutcome = "abstained" },
        }).Append(new { question = "Which colour has a volume?", expectedOutcome = "answered" });
        (await _client.PostAsJsonAsync("/v1/quality/golden-questions/bulk", new { items })).StatusCode.ShouldBe(HttpStatusCode.OK);
        await GoldenTests.RunAsync(_client, new { candidateVersion = 0 });

        var report = await ReportAsync();
        (report.Int("golden"), report.Int("judged"), report.Int("right")).ShouldBe((32, 0, 16), "a question without a known answer tells nothing");
        var (evidence, proposal, before) = (report.Text("evidence"), report.GetProperty("proposal"), await ConfidenceAsync());
        proposal.GetProperty("version").ValueKind.ShouldBe(JsonValueKind.Null);
        (proposal.GetProperty("thresholds").GetArrayLength(), report.GetProperty("inForce").Int("version")).ShouldBe((21, 0));
        (await ConfidenceAsync()).ShouldBe(before, "to look changes nothing");

        using (var unseen = await PublishAsync(new { evidence = "00000000" }))
            await unseen.ShouldFailAsync(409, "evidence_changed");
        using (var both = await PublishAsync(new { evidence, version = 0 }))
            await both.ShouldFailAsync(400, "invalid", "evidence");
        using (var unknown = await PublishAsync(new { version = 9 }))
            await unknown.ShouldFailAsync(400, "invalid", "version");

        (await PublishAsync(new { evidence })).StatusCode.ShouldBe(HttpStatusCode.OK);
        var after = await ConfidenceAsync();
        after.ShouldNotBe(before);
        var inForce = (await ReportAsync()).GetProperty("inForce");
        (inForce.Int("version"), inForce.GetProperty("curve").Int("samples")).ShouldBe((1, 32));
        (await PublishAsync(new { version = 0 })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await ConfidenceAsync()).ShouldBe(before);
        (await PublishAsync(new { version = 1 })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await ConfidenceAsync()).ShouldBe(after);
    }

    [Fact]
    public async Task What_a_person_says_of_an_answer_counts_and_can_be_taken_back()
    {
        await _world.Customer.AskAsync(Question);
        await _world.Customer.AskAsync("How do I bake bread?");
        var path = $"/v1/conversations/{_world.Customer.Conversation}";
        await Escalations.HandoffWorld.EventuallyAsync(async () => (await TurnsAsync()).All(t => t.Text("state") == "done"), "both turns");
        var (answered, abstained) = ((await TurnsAsync())[0].Text("id"), (await TurnsAsync())[1].Text("id"));

        using (var nothing = await _client.PutAsJsonAsync($"/v1/turns/{answered}/judgement", new { }))
            await nothing.ShouldFailAsync(400, "invalid", "isRight");
        using (var unknown = await _client.PutAsJsonAsync($"/v1/turns/{Guid.CreateVersion7()}/judgement", new { isRight = true }))
            await unknown.ShouldFailAsync(404, "not_found");
        foreach (var (turn, isRight) in new[] { (answered, true), (abstained, true), (answered, false) })
            (await _client.PutAsJsonAsync($"/v1/turns/{turn}/judgement", new { isRight })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _client.GetJsonAsync(path + "/judgements")).GetProperty("items").EnumerateArray().Select(j => (j.Text("turnId"), j.Text("outcome"), j.GetProperty("isRight").GetBoolean()))
            .ShouldBe([(answered, "answered", false), (abstained, "abstained", true)], ignoreOrder: true);
        var report = await ReportAsync();
        (report.Int("judged"), report.Int("right")).ShouldBe((1, 0), "only an answer tells what its confidence was worth");

        (await _client.DeleteAsync($"/v1/turns/{answered}/judgement")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await ReportAsync()).Int("judged").ShouldBe(0);
        using var again = await _client.DeleteAsync($"/v1/turns/{answered}/judgement");
        await again.ShouldFailAsync(404, "not_found");

        async Task<List<JsonElement>> TurnsAsync() => [.. (await _client.GetJsonAsync(path + "/turns")).GetProperty("items").EnumerateArray()];
    }

    private Task<JsonElement> ReportAsync() => _client.GetJsonAsync("/v1/quality/confidence");

    private Task<HttpResponseMessage> PublishAsync(object request) => _client.PostAsJsonAsync("/v1/quality/confidence/publish", request);

    private async Task<double> ConfidenceAsync()
    {
        using var answer = await _client.PostAsJsonAsync("/v1/assistant/ask", new { question = Question, escalation = false });
        return (await answer.JsonAsync()).GetProperty("confidence").GetDouble();
    }
}
