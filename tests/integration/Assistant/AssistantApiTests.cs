using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Assistant;
using Parley.Assistant.Contracts;
using Parley.Platform.Configuration;
using Parley.Testkit;
using Parley.Tests.Integration.Escalations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Assistant;

public sealed class AssistantApiTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_playground_shows_answer_retrieval_scores_and_steps()
    {
        var world = await TurnWorld.MakeAsync(_host);
        var answer = await AskAsync(world, new { question = "Why isn't my cron job running as scheduled?" });
        answer.GetProperty("outcome").GetString().ShouldBe("answered");
        answer.GetProperty("answer").GetString()!.ShouldContain("A cron job is skipped");
        answer.GetProperty("citations")[0].GetProperty("title").GetString().ShouldBe("Cron jobs");
        answer.GetProperty("confidence").GetDouble().ShouldBeGreaterThan(answer.GetProperty("threshold").GetDouble());
        answer.GetProperty("cost").GetDecimal().ShouldBe(0);
        answer.GetProperty("timingsMs").GetProperty("total").GetDouble().ShouldBeGreaterThan(0);
        answer.GetProperty("analysis").GetProperty("intent").GetString().ShouldBe("question");
        var document = answer.GetProperty("retrieval").GetProperty("documents")[0];
        document.GetProperty("legs").EnumerateObject().Count().ShouldBeGreaterThan(3);
        var chunk = answer.GetProperty("retrieval").GetProperty("chunks")[0];
        var highlight = chunk.GetProperty("highlights")[0];
        chunk.GetProperty("text").GetString()!.Substring(highlight.GetProperty("start").GetInt32(), highlight.GetProperty("length").GetInt32()).ShouldNotBeEmpty();
        answer.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("name").GetString())
            .ShouldBe(["analyse", "escalation", "retrieve", "correct", "evidence", "generate", "verify", "decide"]);
        (await world.Support.InAsync(s => s.QuerySingleAsync<int>("select count(*)::int from turns"))).ShouldBe(0);
    }

    [Fact]
    public async Task A_question_about_a_delicate_topic_without_an_answer_calls_a_person_and_one_with_an_answer_does_not()
    {
        var world = await TurnWorld.MakeAsync(_host);
        var unanswered = await AskAsync(world, new { question = "Do you offer refunds for annual plans?" });
        (unanswered.GetProperty("outcome").GetString(), unanswered.GetProperty("handoffReasons")[0].GetString()).ShouldBe(("handed_off", "unanswered.refund"));
        var off = await AskAsync(world, new { question = "Do you offer refunds for annual plans?", escalation = false });
        off.GetProperty("outcome").GetString().ShouldBe("abstained");
    }

    [Fact]
    public async Task Two_questions_in_one_message_are_answered_one_after_the_other_and_what_has_no_answer_is_named()
    {
        var world = await TurnWorld.MakeAsync(_host);
        var both = await AskAsync(world, new { question = "How do I resize a volume and why is a cron job skipped?" });
        both.GetProperty("outcome").GetString().ShouldBe("answered");
        both.GetProperty("citations").EnumerateArray().Select(c => c.GetProperty("title").GetString()).Distinct().ShouldBe(["Volumes", "Cron jobs"]);
        var text = both.GetProperty("answer").GetString()!;
        text.IndexOf("choose a larger size", StringComparison.Ordinal).ShouldBeInRange(0, text.IndexOf("is skipped when", StringComparison.Ordinal));

        var one = await AskAsync(world, new { question = "How do I resize a volume and how often does high tide come?" });
        one.GetProperty("outcome").GetString().ShouldBe("answered");
        one.GetProperty("answer").GetString()!.ShouldEndWith("I found no answer to this part in our documentation: “how often does high tide come?”");
        one.GetProperty("citations").EnumerateArray().Select(c => c.GetProperty("title").GetString()).Distinct().ShouldBe(["Volumes"]);

        var none = await AskAsync(world, new { question = "How high is the tide and when does the ferry leave?", escalation = false });
        none.GetProperty("outcome").GetString().ShouldBe("abstained");
    }

    [Fact]
    public async Task What_was_said_before_answers_no_question_about_something_else()
    {
        var world = await TurnWorld.MakeAsync(_host);
        var history = new object[]
        {
            new { role = "customer", text = "Why is my cron job skipped?" },
            new { role = "assistant", text = "A cron job is skipped when the previous execution is still running." },
        };
        (await AskAsync(world, new { question = "And how often does high tide come?", history, escalation = false })).GetProperty("outcome").GetString().ShouldBe("abstained");
        var follow = await AskAsync(world, new { question = "And what is its shortest interval?", history, escalation = false });
        follow.GetProperty("answer").GetString()!.ShouldContain("five minutes");
    }

    [Fact]
    public async Task A_correction_replaces_what_was_meant_before()
    {
        var world = await TurnWorld.MakeAsync(_host);
        var history = new object[]
        {
            new { role = "customer", text = "How do I resize a cron job?" },
            new { role = "assistant", text = "Cron jobs start a service on a schedule." },
        };
        var answer = await AskAsync(world, new { question = "Not a cron job, a volume!", history, escalation = false });
        answer.GetProperty("outcome").GetString().ShouldBe("answered");
        answer.GetProperty("citations")[0].GetProperty("title").GetString().ShouldBe("Volumes");
    }

    [Fact]
    public async Task An_option_of_a_question_back_leads_to_the_answer_of_its_document()
    {
        var world = await TurnWorld.MakeAsync(_host);
        await TurnWorld.ImportAsync(world.Support, "more", ("a.md", "# Snapshots\n\nTo restore a snapshot, press Rewind."), ("b.md", "# Archives\n\nTo restore an archive, press Unpack."));
        var asked = await AskAsync(world, new { question = "restore", threshold = 1.0, escalation = false });
        asked.GetProperty("outcome").GetString().ShouldBe("clarified");
        var text = asked.GetProperty("answer").GetString()!;
        (text.Contains("- Snapshots", StringComparison.Ordinal), text.Contains("- Archives", StringComparison.Ordinal)).ShouldBe((true, true));
        var history = new object[] { new { role = "customer", text = "restore" }, new { role = "assistant", text } };
        var chosen = text.IndexOf("- Archives", StringComparison.Ordinal) < text.IndexOf("- Snapshots", StringComparison.Ordinal) ? "the first one" : "2";
        foreach (var message in new[] { "archives", chosen })
        {
            var answer = await AskAsync(world, new { question = message, history, escalation = false });
            answer.GetProperty("answer").GetString()!.ShouldStartWith("To restore an archive, press Unpack.");
            answer.GetProperty("citations").EnumerateArray().ShouldAllBe(c => c.GetProperty("title").GetString() == "Archives");
        }
    }

    [Fact]
    public async Task A_document_that_goes_between_search_and_delivery_is_not_named()
    {
        var world = await TurnWorld.MakeAsync(_host);
        await TurnWorld.ImportAsync(world.Support, "more", ("a.md", "# Snapshots\n\nTo restore a snapshot, press Rewind."), ("b.md", "# Archives\n\nTo restore an archive, press Unpack."), ("c.md", "# Drafts\n\nTo restore a draft, press Undo."));
        var question = new TurnQuestion { TenantId = world.TenantId, Messages = ["restore"], Profile = new AssistantProfile { Threshold = 1 } };
        var trace = new TurnTrace(TimeProvider.System);
        var prepared = await _host.Services.GetRequiredService<AssistantTurn>().PrepareAsync(question, trace, TestContext.Current.CancellationToken);
        prepared.Options.Select(o => o.Label).ShouldBe(["Snapshots", "Archives", "Drafts"], ignoreOrder: true);
        var gone = prepared.Options.Single(o => o.Label == "Archives").DocumentId;
        using var deleted = await world.Support.Tenant.Operator().DeleteAsync($"/v1/knowledge/documents/{gone}", TestContext.Current.CancellationToken);
        deleted.IsSuccessStatusCode.ShouldBeTrue();
        var said = await world.Support.InAsync(s => AssistantTurn.ConcludeAsync(s, prepared, trace));
        said.Outcome.ShouldBe("clarified");
        (said.Text.Contains("Snapshots", StringComparison.Ordinal), said.Text.Contains("Archives", StringComparison.Ordinal)).ShouldBe((true, false));
    }

    [Fact]
    public async Task What_a_confidence_is_worth_follows_the_tenants_calibration()
    {
        var world = await TurnWorld.MakeAsync(_host);
        var question = new { question = "Why isn't my cron job running as scheduled?" };
        var before = (await AskAsync(world, question)).GetProperty("confidence").GetDouble();

        var store = _host.Services.GetRequiredService<ConfigurationStore>();
        await world.Support.InAsync(s => store.SaveAndPublishAsync(s, Calibration.Kind, s.TenantId, new Calibration { Intercept = -20, Samples = 50 }, by: null));

        var after = await AskAsync(world, question);
        after.GetProperty("outcome").GetString().ShouldBe("abstained");
        after.GetProperty("confidence").GetDouble().ShouldBeLessThan(before);
        after.GetProperty("steps").EnumerateArray().Single(s => s.GetProperty("name").GetString() == "generate").GetProperty("data").GetProperty("rawConfidence").GetDouble().ShouldBe(before);
    }

    [Fact]
    public async Task Another_threshold_can_be_tried_without_publishing_it()
    {
        var world = await TurnWorld.MakeAsync(_host);
        const string Question = "Why isn't my cron job running as scheduled?";

        var strict = await AskAsync(world, new { question = Question, threshold = 1 });
        (strict.GetProperty("outcome").GetString(), strict.GetProperty("threshold").GetDouble()).ShouldBe(("abstained", 1));
        var lenient = await AskAsync(world, new { question = Question, threshold = 0 });
        (lenient.GetProperty("outcome").GetString(), lenient.GetProperty("threshold").GetDouble()).ShouldBe(("answered", 0));
        (await AskAsync(world, new { question = Question })).GetProperty("threshold").GetDouble().ShouldBe(.6);
    }

    [Fact]
    public async Task Bad_questions_are_named()
    {
        var world = await TurnWorld.MakeAsync(_host, knowledge: false);
        foreach (var (body, field) in new (object, string)[]
        {
            (new { }, "question"), (new { question = new string('a', 8001) }, "question"), (new { question = "a", history = new[] { new { role = "bot", text = "x" } } }, "history"),
            (new { question = "a", assistantId = Guid.CreateVersion7() }, "assistantId"), (new { question = "a", threshold = 1.5 }, "threshold"),
        })
        {
            using var response = await world.Support.Agent.Client.PostAsJsonAsync("/v1/assistant/ask", body);
            await response.ShouldFailAsync(400, "invalid", field);
        }
    }

    [Fact]
    public async Task Without_any_knowledge_it_says_so()
    {
        var world = await TurnWorld.MakeAsync(_host, knowledge: false);
        (await AskAsync(world, new { question = "How do I resize a volume?" })).GetProperty("outcome").GetString().ShouldBe("abstained");
    }

    [Fact]
    public async Task A_profile_is_published_as_a_version_that_turns_are_stamped_with()
    {
        var world = await TurnWorld.MakeAsync(_host);
        var manager = await world.Support.Tenant.MemberAsync("manager");
        var assistant = (await manager.Client.GetJsonAsync("/v1/assistants")).GetProperty("items").EnumerateArray().Single();
        var id = assistant.GetProperty("id").GetGuid();
        assistant.GetProperty("publishedVersion").ValueKind.ShouldBe(JsonValueKind.Null);
        using var wrong = await manager.Client.PutAsJsonAsync($"/v1/assistants/{id}/profile", new { threshold = 2, texts = new { en = new { nonsense = "x" } } });
        await wrong.ShouldFailAsync(400, "invalid", "threshold");
        using var forbidden = await world.Support.Agent.Client.PutAsJsonAsync($"/v1/assistants/{id}/profile", new { });
        await forbidden.ShouldFailAsync(403, "forbidden");
        using var saved = await manager.Client.PutAsJsonAsync($"/v1/assistants/{id}/profile",
            new { greeting = "Ahoy!", threshold = 1.0, texts = new { en = new { abstain = "No idea.", offerPerson = "Shall I fetch somebody?" } } });
        ((int)saved.StatusCode).ShouldBe(200, await saved.Content.ReadAsStringAsync());
        (await manager.Client.GetJsonAsync($"/v1/assistants/{id}")).GetProperty("publishedVersion").GetInt32().ShouldBe(1);

        Customer.Text(await world.Customer.AskAsync("hi")).ShouldBe("Ahoy!");
        Customer.Text(await world.Customer.AskAsync("How do I resize a volume?")).ShouldBe("No idea.\n\nThese articles may be related:\n- Volumes\n\nShall I fetch somebody?");
        var turns = (await manager.Client.GetJsonAsync($"/v1/conversations/{world.Customer.Conversation}/turns")).GetProperty("items").EnumerateArray().ToList();
        turns.Select(t => t.GetProperty("outcome").GetString()).ShouldBe(["small_talk", "abstained"]);
        var detail = await manager.Client.GetJsonAsync($"/v1/turns/{turns[1].GetProperty("id").GetGuid()}");
        detail.GetProperty("versions").GetProperty("profile").GetInt32().ShouldBe(1);
        detail.GetProperty("versions").GetProperty("index").GetInt64().ShouldBeGreaterThan(0);
        detail.GetProperty("evidence").GetArrayLength().ShouldBeGreaterThan(0);
        detail.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("name").GetString()).ShouldContain("retrieve");
        var stranger = await HandoffWorld.MakeAsync(_host);
        using var foreign = await stranger.Agent.Client.GetAsync($"/v1/turns/{turns[0].GetProperty("id").GetGuid()}");
        await foreign.ShouldFailAsync(404, "not_found");
    }

    private static async Task<JsonElement> AskAsync(TurnWorld world, object body)
    {
        using var response = await world.Support.Agent.Client.PostAsJsonAsync("/v1/assistant/ask", body);
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }
}
