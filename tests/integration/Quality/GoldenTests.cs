using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Parley.Testkit;
using Parley.Tests.Integration.Escalations;
using Parley.Tests.Integration.Identity;
using Parley.Tests.Integration.Knowledge;
using Shouldly;
using Xunit;
using static Parley.Tests.Integration.Knowledge.KnowledgeWorld;

namespace Parley.Tests.Integration.Quality;

/// <summary>Questions whose right answer is known, and what they say of a change before it goes live.</summary>
public sealed class GoldenTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ParleyHost _host = null!;
    private HttpClient _client = null!;
    private string _refunds = "";

    public async ValueTask InitializeAsync()
    {
        _host = await IdentityHost.StartAsync(postgres);
        _client = (await HandoffWorld.MakeAsync(_host)).Tenant.Operator();
        await _client.ImportAsync("Handbook", "complete", File("refund.md", "# Refunds\n\nRefunds are possible within 30 days of the purchase."), File("seats.md", "# Seats\n\nA seat costs nine dollars a month."));
        _refunds = (await _client.GetJsonAsync("/v1/knowledge/documents")).GetProperty("items").EnumerateArray().Single(d => d.Text("title") == "Refunds").Text("id")!;
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_candidate_is_compared_question_by_question_and_only_then_published()
    {
        await AddAsync(new { question = "Within how many days are refunds possible?", expectedDocumentId = _refunds, category = "simple", language = "en" });
        await AddAsync(new { question = "What does a seat cost a month?", expectedAnswer = "nine dollars", category = "moderate", language = "en" });
        await AddAsync(new { question = "How do I bake sourdough bread?", expectedOutcome = "abstained", category = "edge" });
        var assistant = (await _client.GetJsonAsync("/v1/assistants")).GetProperty("items")[0].Text("id");

        using (var unseen = await _client.PutAsJsonAsync($"/v1/assistants/{assistant}/profile", new { threshold = 1.0 }))
            await unseen.ShouldFailAsync(409, "comparison_missing");

        var worse = await RunAsync(new { candidate = new { threshold = 1.0 } });
        var summary = worse.GetProperty("summary");
        var all = summary.GetProperty("all");
        (all.Int("questions"), all.Int("better"), all.Int("worse")).ShouldBe((3, 0, 2), worse.ToString());
        (all.GetProperty("base").GetDouble(), Math.Round(all.GetProperty("candidate").GetDouble(), 3)).ShouldBe((1, .333));
        summary.GetProperty("byCategory").EnumerateArray().Select(g => (g.Text("name"), g.GetProperty("result").Int("worse"))).ShouldBe([("edge", 0), ("moderate", 1), ("simple", 1)]);
        summary.GetProperty("byLanguage").EnumerateArray().Select(g => g.Text("name")).ShouldBe(["en", "unknown"]);
        summary.GetProperty("reciprocalRank").Int("questions").ShouldBe(1);

        var id = worse.Text("id");
        var lost = (await _client.GetJsonAsync($"/v1/quality/golden-runs/{id}/results?change=worse")).GetProperty("items").EnumerateArray().ToList();
        lost.Count.ShouldBe(2);
        var refund = lost.Single(r => r.Text("question")!.Contains("refunds", StringComparison.Ordinal));
        (refund.GetProperty("base").Text("outcome"), refund.GetProperty("base").Int("rank"), refund.GetProperty("candidate").Text("outcome")).ShouldBe(("answered", 1, "abstained"));
        var why = await _client.GetJsonAsync($"/v1/quality/golden-runs/{id}/results/{refund.Text("questionId")}");
        why.GetProperty("base").GetProperty("retrieval").GetProperty("documents")[0].GetProperty("legs").EnumerateObject().ShouldNotBeEmpty();
        why.GetProperty("candidate").GetProperty("threshold").GetDouble().ShouldBe(1);
        (await OutcomeAsync("What does a seat cost a month?")).ShouldBe("answered", "a comparison changes nothing");

        var version = worse.Int("candidateVersion");
        (await _client.PostAsJsonAsync($"/v1/assistants/{assistant}/publish", new { version })).StatusCode.ShouldBe(HttpStatusCode.OK, "seen, a person decides");
        (await OutcomeAsync("What does a seat cost a month?")).ShouldBe("abstained");
        using (var stale = await _client.PostAsJsonAsync($"/v1/assistants/{assistant}/publish", new { version }))
            await stale.ShouldFailAsync(409, "comparison_missing");
        (await _client.GetJsonAsync($"/v1/quality/golden-runs/{id}")).GetProperty("isCurrent").GetBoolean().ShouldBeFalse();

        // Back to what was before it, without looking again.
        var draft = await _client.PostAsJsonAsync($"/v1/assistants/{assistant}/versions", new { profile = new { }, note = "As shipped" });
        var back = (await draft.JsonAsync()).Int("version");
        (await _client.PostAsJsonAsync($"/v1/assistants/{assistant}/publish", new { version = back, withoutComparison = true })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _client.GetJsonAsync($"/v1/assistants/{assistant}/versions")).GetProperty("items").EnumerateArray().Select(v => (v.Int("version"), v.GetProperty("isPublished").GetBoolean()))
            .ShouldBe([(back, true), (version, false)]);
    }

    [Fact]
    public async Task A_list_of_five_thousand_is_imported_at_once_as_it_was_written()
    {
        string[] texts = ["Wie groß ist \"groß\"?", "价格是多少？", "=HYPERLINK(A1)", "one\nline; two", "'+49 30 123"];
        var items = Enumerable.Range(0, 5000).Select(i => new { question = $"{texts[i % texts.Length]} {i}", expectedAnswer = texts[(i + 1) % texts.Length], tags = new[] { "ä, ö" } }).ToList();
        using var added = await _client.PostAsJsonAsync("/v1/quality/golden-questions/bulk", new { items });
        added.StatusCode.ShouldBe(HttpStatusCode.OK, await added.Content.ReadAsStringAsync());
        (await _client.GetJsonAsync("/v1/quality/golden-questions/facets")).Int("questions").ShouldBe(5000);
        var found = (await _client.GetJsonAsync("/v1/quality/golden-questions?q=" + Uri.EscapeDataString("多少？ 4996"))).GetProperty("items").EnumerateArray().Single();
        (found.Text("question"), found.Text("expectedAnswer")).ShouldBe((items[4996].question, items[4996].expectedAnswer));
        using var more = await _client.PostAsJsonAsync("/v1/quality/golden-questions/bulk", new { items = items.Take(1) });
        await more.ShouldFailAsync(409, "too_many_golden_questions");
    }

    [Fact]
    public async Task Any_two_runs_are_held_against_each_other_without_asking_again()
    {
        await AddAsync(new { question = "Within how many days are refunds possible?", expectedDocumentId = _refunds });
        await AddAsync(new { question = "How do I bake sourdough bread?", expectedOutcome = "abstained", category = "edge" });
        var never = (await RunAsync(new { candidate = new { threshold = 1.0 } })).Text("id");
        await AddAsync(new { question = "What does a seat cost a month?", expectedAnswer = "nine dollars" });
        var shipped = (await RunAsync(new { candidateVersion = 0 })).Text("id");

        var forth = await _client.GetJsonAsync($"/v1/quality/golden-runs/{shipped}/since/{never}");
        var moves = forth.GetProperty("moves");
        (moves.Int("better"), moves.Int("worse"), moves.Int("right"), moves.Int("wrong"), moves.Int("onlyBefore"), moves.Int("onlyAfter")).ShouldBe((1, 0, 1, 0, 0, 1), forth.ToString());
        (forth.GetProperty("before").Text("id"), forth.GetProperty("after").Text("id")).ShouldBe((never, shipped));
        var won = (await _client.GetJsonAsync($"/v1/quality/golden-runs/{shipped}/since/{never}?change=better")).GetProperty("items").EnumerateArray().Single();
        (won.Text("change"), won.GetProperty("base").Text("outcome"), won.GetProperty("candidate").Text("outcome")).ShouldBe(("better", "abstained", "answered"));
        (await _client.GetJsonAsync($"/v1/quality/golden-runs/{never}/since/{shipped}")).GetProperty("moves").Int("worse").ShouldBe(1, "the other way round");

        var first = await _client.GetJsonAsync($"/v1/quality/golden-runs/{shipped}/since/{never}?limit=1");
        var second = await _client.GetJsonAsync($"/v1/quality/golden-runs/{shipped}/since/{never}?limit=1&cursor={first.Text("next")}");
        (first.GetProperty("items").GetArrayLength(), second.GetProperty("items").GetArrayLength(), second.GetProperty("next").ValueKind).ShouldBe((1, 1, JsonValueKind.Null));
        using (var unknown = await _client.GetAsync($"/v1/quality/golden-runs/{shipped}/since/{Guid.CreateVersion7()}"))
            await unknown.ShouldFailAsync(404, "not_found");
        using var wrong = await _client.GetAsync($"/v1/quality/golden-runs/{shipped}/since/{never}?change=sideways");
        await wrong.ShouldFailAsync(400, "invalid", "change");
    }

    [Fact]
    public async Task The_way_back_needs_no_second_comparison_and_leads_as_far_as_the_shipped_profile()
    {
        await AddAsync(new { question = "What does a seat cost a month?", expectedAnswer = "nine dollars" });
        var assistant = (await _client.GetJsonAsync("/v1/assistants")).GetProperty("items")[0].Text("id");
        var run = await RunAsync(new { candidate = new { threshold = 1.0 } });
        var version = run.Int("candidateVersion");
        (await PublishAsync(version)).GetProperty("publishedVersion").GetInt32().ShouldBe(version);
        (await OutcomeAsync("What does a seat cost a month?")).ShouldBe("abstained");

        (await PublishAsync(0)).GetProperty("publishedVersion").ValueKind.ShouldBe(JsonValueKind.Null);
        (await OutcomeAsync("What does a seat cost a month?")).ShouldBe("answered");
        (await _client.GetJsonAsync($"/v1/assistants/{assistant}/versions/0")).GetProperty("profile").GetProperty("threshold").ValueKind.ShouldBe(JsonValueKind.Null);
        (await _client.GetJsonAsync($"/v1/assistants/{assistant}/versions/{version}")).GetProperty("profile").GetProperty("threshold").GetDouble().ShouldBe(1);
        using var stranger = await _client.GetAsync($"/v1/assistants/{Guid.CreateVersion7()}/versions/0");
        await stranger.ShouldFailAsync(404, "not_found");

        async Task<JsonElement> PublishAsync(int to)
        {
            using var response = await _client.PostAsJsonAsync($"/v1/assistants/{assistant}/publish", new { version = to });
            response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
            return await response.JsonAsync();
        }
    }

    [Fact]
    public async Task A_list_is_looked_over_before_it_is_imported_and_names_what_is_wrong_in_each_row()
    {
        object[] wrong =
        [
            new { question = "Within how many days are refunds possible?", expectedDocument = "refunds" },
            new { question = "Who sells bread?", expectedDocument = "Bakery" },
            new { question = "", expectedDocumentId = Guid.CreateVersion7() },
            new { question = "What is the weather?", expectedOutcome = "abstained", expectedDocument = "Seats" },
        ];
        using (var refused = await _client.PostAsJsonAsync("/v1/quality/golden-questions/bulk", new { items = wrong, dryRun = true }))
            (await refused.JsonAsync()).GetProperty("errors").EnumerateObject().Select(e => e.Name).Order()
                .ShouldBe(["items[1].expectedDocument", "items[2].expectedDocumentId", "items[2].question", "items[3].expectedOutcome"]);
        object[] right = [wrong[0], new { question = "Costs of a seat, 100 % sure?", expectedDocument = "Seats", tags = new[] { "prices", "b" }, language = "en" }];
        (await BulkAsync(right, dryRun: true)).ShouldBe(0);
        (await _client.GetJsonAsync("/v1/quality/golden-questions/facets")).Int("questions").ShouldBe(0);
        (await BulkAsync(right, dryRun: false)).ShouldBe(2);

        var facets = await _client.GetJsonAsync("/v1/quality/golden-questions/facets");
        (facets.Int("questions"), facets.GetProperty("languages").ToString(), facets.GetProperty("tags").ToString()).ShouldBe((2, """["en"]""", """["b","prices"]"""));
        (await FoundAsync("q=DAYS")).ShouldBe(["Within how many days are refunds possible?"]);
        (await FoundAsync("q=0%20%25")).ShouldBe(["Costs of a seat, 100 % sure?"], "a percent sign stands for itself");
        (await FoundAsync("outcome=abstained")).ShouldBeEmpty();
        (await FoundAsync("outcome=answered&language=en")).Count.ShouldBe(1);
        var refunds = (await _client.GetJsonAsync("/v1/quality/golden-questions?q=days")).GetProperty("items")[0];
        (refunds.Text("expectedDocumentId"), refunds.Text("expectedDocumentTitle")).ShouldBe((_refunds, "Refunds"));

        async Task<int> BulkAsync(object[] items, bool dryRun)
        {
            using var response = await _client.PostAsJsonAsync("/v1/quality/golden-questions/bulk", new { items, dryRun });
            return (await response.JsonAsync()).Int("added");
        }
        async Task<List<string>> FoundAsync(string query) =>
            [.. (await _client.GetJsonAsync("/v1/quality/golden-questions?" + query)).GetProperty("items").EnumerateArray().Select(q => q.Text("question")!)];
    }

    [Fact]
    public async Task Two_runs_of_the_same_comparison_say_the_same_and_deleted_questions_leave_no_answers()
    {
        var question = await AddAsync(new { question = "Within how many days are refunds possible?", expectedDocumentId = _refunds });
        await AddAsync(new { question = "What does a seat cost a month?", expectedAnswer = "eight dollars", tags = new[] { "prices" } });
        var one = await RunAsync(new { candidateVersion = 0 });
        var two = await RunAsync(new { candidateVersion = 0 });
        two.GetProperty("summary").ToString().ShouldBe(one.GetProperty("summary").ToString());
        (one.GetProperty("summary").Text("verdict"), one.GetProperty("summary").GetProperty("all").GetProperty("base").GetDouble()).ShouldBe(("even", .5));
        (await RunAsync(new { candidateVersion = 0, tag = "prices" })).Int("total").ShouldBe(1);

        (await _client.DeleteAsync($"/v1/quality/golden-questions/{question}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await _client.GetJsonAsync($"/v1/quality/golden-runs/{one.Text("id")}/results")).GetProperty("items").GetArrayLength().ShouldBe(1);
        (await _client.DeleteAsync($"/v1/quality/golden-runs/{one.Text("id")}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using var gone = await _client.GetAsync($"/v1/quality/golden-runs/{one.Text("id")}");
        await gone.ShouldFailAsync(404, "not_found");
    }

    [Fact]
    public async Task What_is_wrong_is_named_and_adds_nothing()
    {
        await RefusedAsync("", new { question = " " }, "question");
        await RefusedAsync("", new { question = "Why?", expectedOutcome = "maybe" }, "expectedOutcome");
        await RefusedAsync("", new { question = "Why?", expectedOutcome = "abstained", expectedAnswer = "because" }, "expectedOutcome");
        await RefusedAsync("", new { question = "Why?", category = "hard" }, "category");
        await RefusedAsync("", new { question = "Why?", expectedDocumentId = Guid.CreateVersion7() }, "expectedDocumentId");
        await RefusedAsync("", new { question = "Why?", sourceConversationId = Guid.CreateVersion7() }, "sourceConversationId");
        await RefusedAsync("/bulk", new { items = new object[] { new { question = "Why?" }, new { question = "" } } }, "items[1].question");
        await RefusedAsync("/bulk", new { items = Array.Empty<object>() }, "items");
        (await _client.GetJsonAsync("/v1/quality/golden-questions")).GetProperty("items").GetArrayLength().ShouldBe(0);

        using (var none = await _client.PostAsJsonAsync("/v1/quality/golden-runs", new { candidateVersion = 0 }))
            await none.ShouldFailAsync(409, "no_golden_questions");
        var many = await (await _client.PostAsJsonAsync("/v1/quality/golden-questions/bulk", new { items = Enumerable.Range(1, 3).Select(i => new { question = $"Why {i}?" }) })).JsonAsync();
        many.Int("added").ShouldBe(3);
        using (var both = await _client.PostAsJsonAsync("/v1/quality/golden-runs", new { candidateVersion = 0, candidate = new { } }))
            await both.ShouldFailAsync(400, "invalid", "candidate");
        using (var unknown = await _client.PostAsJsonAsync("/v1/quality/golden-runs", new { candidateVersion = 7 }))
            await unknown.ShouldFailAsync(400, "invalid", "candidateVersion");
        using var bad = await _client.PostAsJsonAsync("/v1/quality/golden-runs", new { candidate = new { threshold = 7 } });
        await bad.ShouldFailAsync(400, "invalid", "candidate.threshold");
    }

    private async Task<string> OutcomeAsync(string question)
    {
        using var answer = await _client.PostAsJsonAsync("/v1/assistant/ask", new { question, escalation = false });
        return (await answer.JsonAsync()).Text("outcome")!;
    }

    private async Task RefusedAsync(string path, object body, string field)
    {
        using var response = await _client.PostAsJsonAsync("/v1/quality/golden-questions" + path, body);
        await response.ShouldFailAsync(400, "invalid", field);
    }

    private async Task<string> AddAsync(object question)
    {
        using var response = await _client.PostAsJsonAsync("/v1/quality/golden-questions", question);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return (await response.JsonAsync()).Text("id")!;
    }

    private Task<JsonElement> RunAsync(object request) => RunAsync(_client, request);

    /// <summary>Compares, and waits for the end.</summary>
    internal static async Task<JsonElement> RunAsync(HttpClient client, object request)
    {
        using var started = await client.PostAsJsonAsync("/v1/quality/golden-runs", request);
        started.StatusCode.ShouldBe(HttpStatusCode.Accepted, await started.Content.ReadAsStringAsync());
        var id = (await started.JsonAsync()).Text("id");
        for (var tries = 0; tries < 600; tries++)
        {
            var run = await client.GetJsonAsync($"/v1/quality/golden-runs/{id}");
            if (run.Text("state") is not ("queued" or "running"))
            {
                run.Text("state").ShouldBe("done", run.ToString());
                return run;
            }
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        throw new TimeoutException("The run did not end.");
    }
}
