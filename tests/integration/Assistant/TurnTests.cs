using System.Net.Http.Json;
using System.Text.Json;
using Parley.Testkit;
using Parley.Tests.Integration.Escalations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Assistant;

public sealed class TurnTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task An_answer_offers_what_its_neighbours_answer_and_a_foreign_question_hears_why_it_has_none()
    {
        var world = await TurnWorld.MakeAsync(_host);
        var answer = await world.Customer.AskAsync("Why isn't my cron job running as scheduled?");
        var next = answer.GetProperty("parts").EnumerateArray().Last(p => p.GetProperty("type").GetString() == "text").GetProperty("content").GetProperty("next").EnumerateArray().Select(n => n.GetString()!).ToList();
        next.ShouldBe(["Time zone"]);
        var then = await world.Customer.AskAsync(next[0]);
        Customer.Text(then).ShouldContain("Schedules are in UTC.");
        // Said already: not offered again.
        then.GetProperty("parts").EnumerateArray().Last(p => p.GetProperty("type").GetString() == "text").GetProperty("content").TryGetProperty("next", out _).ShouldBeFalse();

        Customer.Text(await world.Customer.AskAsync("Wo finde ich meine Rechnungen vom letzten Jahr?")).ShouldStartWith("Auf Deutsch habe ich nichts gefunden. Unsere Dokumentation gibt es in: English. Diese Wörter konnte ich nicht zuordnen: ");
    }

    [Fact]
    public async Task A_question_is_answered_with_the_sources_own_sentences_each_cited()
    {
        var world = await TurnWorld.MakeAsync(_host);
        var answer = await world.Customer.AskAsync("Why isn't my cron job running as scheduled?");
        Customer.Text(answer).ShouldContain("A cron job is skipped when the previous execution is still running.");
        var quotes = Customer.Quotes(answer);
        quotes.ShouldNotBeEmpty();
        quotes.ShouldAllBe(q => TurnWorld.CronArticle.ReplaceLineEndings("\n").Contains(q.GetProperty("quote").GetString()!));
        quotes[0].GetProperty("title").GetString().ShouldBe("Cron jobs");
        (await EventTypesAsync(world)).ShouldBe(["accepted", "sources", "message", "done"]);

        var turn = (await TurnsAsync(world)).Single();
        turn.ShouldSatisfyAllConditions(t => t.State.ShouldBe("done"), t => t.Outcome.ShouldBe("answered"), t => t.Tier.ShouldBe("extractive"), t => t.Draft.ShouldBeEmpty(),
            t => t.Confidence!.Value.ShouldBeInRange(0.5, 1), t => t.Language.ShouldBe("en"));
        (await world.Support.InAsync(s => s.QueryAsync<string>("select name from turn_steps where turn_id = @Id order by ordinal", new { turn.Id })))
            .ShouldBe(["analyse", "escalation", "retrieve", "correct", "evidence", "generate", "verify", "decide"]);
    }

    [Fact]
    public async Task What_the_documentation_does_not_cover_is_said_and_yes_brings_a_person()
    {
        var world = await TurnWorld.MakeAsync(_host);
        var answer = await world.Customer.AskAsync("How do I bake sourdough bread?");
        Customer.Text(answer).ShouldBe("I could not find an answer to that in our documentation. Would you like to talk to a person from our team?");
        Customer.Quotes(answer).ShouldBeEmpty();
        await world.Customer.SayAsync("yes please");
        await HandoffWorld.EventuallyAsync(async () => (await world.Support.StateAsync(world.Customer.Conversation)).Owner == "queue", "the handoff");
        (await world.Support.ReadsAsync(world.Customer.Conversation))[^1].ShouldStartWith("system: A person from our team has been asked to join.");
        (await TurnsAsync(world)).Select(t => t.Outcome).ShouldBe(["abstained", "handed_off"]);
    }

    [Fact]
    public async Task The_whole_way_to_a_person_and_back()
    {
        var world = await TurnWorld.MakeAsync(_host);
        await world.Customer.SayAsync("I want to talk to a person");
        JsonElement handoff = default;
        await HandoffWorld.EventuallyAsync(async () =>
        {
            handoff = (await world.Support.Agent.Client.GetJsonAsync("/v1/handoffs")).GetProperty("items").EnumerateArray().FirstOrDefault();
            return handoff.ValueKind == JsonValueKind.Object;
        }, "the handoff");
        handoff.GetProperty("reasons").EnumerateArray().Select(r => r.GetString()).ShouldContain("explicit_request");
        // While people are there the assistant tells the place once and is quiet then.
        Customer.Text(await world.Customer.AskAsync("Are you there?")).ShouldContain("You are number 1 in the queue");
        (await world.Customer.SayAsync("Hello?")).ShouldBeNull();

        var id = handoff.GetProperty("id").GetGuid();
        await HandoffWorld.PostAsync(world.Support.Agent.Client, $"/v1/handoffs/{id}/accept");
        (await world.Customer.SayAsync("Why isn't my cron job running as scheduled?")).ShouldBeNull();
        using var reply = await world.Support.Agent.Client.PostAsJsonAsync($"/v1/conversations/{world.Customer.Conversation}/messages", new { text = "Let me look.", visibility = "public" });
        ((int)reply.StatusCode).ShouldBe(201, await reply.Content.ReadAsStringAsync());
        (await world.Support.ReadsAsync(world.Customer.Conversation))[^1].ShouldBe("agent: Let me look.");

        // What the customer asked while the agent had it and nobody answered is answered after the handback.
        await world.Customer.SayAsync("How do I resize a volume?");
        await HandoffWorld.PostAsync(world.Support.Agent.Client, $"/v1/handoffs/{id}/return");
        await HandoffWorld.EventuallyAsync(async () => (await world.Support.ReadsAsync(world.Customer.Conversation))[^1].Contains("choose a larger size", StringComparison.Ordinal), "the assistant's answer");
        var again = await world.Customer.AskAsync("In which time zone are cron schedules?");
        Customer.Text(again).ShouldContain("Schedules are in UTC.");
        (await TurnsAsync(world)).Count(t => t.State == "done").ShouldBe(4);
    }

    [Fact]
    public async Task A_problem_with_the_own_account_calls_a_person_at_once()
    {
        var world = await TurnWorld.MakeAsync(_host);
        await world.Customer.SayAsync("You charged me twice this month");
        await HandoffWorld.EventuallyAsync(async () => (await world.Support.StateAsync(world.Customer.Conversation)).Owner == "queue", "the handoff");
        var handoff = (await world.Support.Agent.Client.GetJsonAsync("/v1/handoffs")).GetProperty("items").EnumerateArray().Single();
        handoff.GetProperty("priority").GetString().ShouldBe("urgent");
        handoff.GetProperty("summary").GetString().ShouldBe("Asked: You charged me twice this month");
    }

    [Theory]
    [InlineData("Hello!", "Hello! What can I help you with?")]
    [InlineData("Thank you very much", "You are welcome! Is there anything else?")]
    [InlineData("Vielen Dank!", "Gern geschehen! Kann ich sonst noch etwas tun?")]
    public async Task Small_talk_needs_no_knowledge(string says, string answers)
    {
        var world = await TurnWorld.MakeAsync(_host, knowledge: false);
        Customer.Text(await world.Customer.AskAsync(says)).ShouldBe(answers);
        (await TurnsAsync(world)).Single().Outcome.ShouldBe("small_talk");
        (await world.Support.InAsync(s => s.QueryAsync<string>("select name from turn_steps order by ordinal"))).ShouldNotContain("retrieve");
    }

    private static Task<IReadOnlyList<string>> EventTypesAsync(TurnWorld world) => world.Support.InAsync(s =>
        s.QueryAsync<string>("select type from events where conversation_id = @Conversation and visibility = 'public' order by seq", new { world.Customer.Conversation }));

    private static Task<IReadOnlyList<StoredTurn>> TurnsAsync(TurnWorld world) => world.Support.InAsync(s =>
        s.QueryAsync<StoredTurn>("select id, state, outcome, tier, draft, confidence, language from turns where conversation_id = @Conversation order by created_at, id", new { world.Customer.Conversation }));

    private sealed record StoredTurn
    {
        public Guid Id { get; init; }

        public string State { get; init; } = "";

        public string? Outcome { get; init; }

        public string? Tier { get; init; }

        public string Draft { get; init; } = "";

        public double? Confidence { get; init; }

        public string? Language { get; init; }
    }
}
