using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;

namespace Parley.Testkit.Faults;

/// <summary>
/// Customers ask for a person, an agent accepts, replies and closes or hands back, while the server is killed at a random moment. Each
/// transition is there once, in order; each handoff reaches its end; each conversation has one entry in the ledger.
/// </summary>
public static class HandoffFault
{
    private const string TransitionsSql = "select to_state from handoff_transitions where handoff_id = @handoff order by ordinal";

    private const string StatesSql = """
        select data ->> 'state' from events where conversation_id = @conversation and type = 'handoff' order by seq
        """;

    private const string ResolutionsSql = "select class from resolutions where conversation_id = @conversation order by created_at";

    private const string RepliesSql = """
        select p.content ->> 'text' from messages m join message_parts p on p.tenant_id = m.tenant_id and p.message_id = m.id
         where m.conversation_id = @conversation and m.author_kind = 'agent' order by m.seq
        """;

    private static readonly string[] Closed = ["requested", "acknowledged", "queued", "accepted", "closed"];
    private static readonly string[] Returned = ["requested", "acknowledged", "queued", "accepted", "returned"];

    private sealed record Case(FaultCustomer Customer, bool Returns, HttpClient Agent, FaultInstance Instance)
    {
        internal Guid Handoff { get; set; }

        internal string[] Expected => Returns ? Returned : Closed;

        internal async Task PlayAsync()
        {
            await Customer.AskAsync(TurnFault.Questions[0]);
            Handoff = (await Customer.PostAsync($"/v1/widget/conversations/{Customer.Conversation}/handoff", new { })).GetProperty("handoffId").GetGuid();
            await MoveAsync("accept", new { }, "accepted");
            await ReplyAsync("I am looking into it.");
            if (Returns)
            {
                await MoveAsync("return", new { }, "returned");
                await Customer.AskAsync(TurnFault.Questions[1]);
            }
            else
            {
                (await Customer.SayAsync("Thank you, it works now.")).TurnId.ShouldBeNull("a person answers");
                await ReplyAsync("Good to hear.");
                await MoveAsync("close", new { resolved = true }, "closed");
            }
            await Customer.PostAsync($"/v1/widget/conversations/{Customer.Conversation}/end", new { resolved = true });
        }

        internal async Task ShouldBeExactAsync()
        {
            await Customer.ShouldBeExactAsync(Instance);
            var conversation = Customer.Conversation;
            (await Instance.QueryAsync<string>(TransitionsSql, new { Handoff })).ShouldBe(Expected);
            (await Instance.QueryAsync<string>(StatesSql, new { conversation })).ShouldBe(["queued", "accepted", Expected[^1]]);
            (await Instance.QueryAsync<string>(RepliesSql, new { conversation })).ShouldBe(Returns ? ["I am looking into it."] : ["I am looking into it.", "Good to hear."]);
            (await Instance.QueryAsync<string>(ResolutionsSql, new { conversation })).Count.ShouldBe(1, "the ledger has one entry");
        }

        /// <summary>Moves the handoff. Where the answer did not come, the state tells whether it happened.</summary>
        private async Task MoveAsync(string verb, object body, string state)
        {
            using var response = await Patience.SendAsync(() => SendAsync(HttpMethod.Post, $"/v1/handoffs/{Handoff}/{verb}", body));
            if (response.StatusCode != HttpStatusCode.OK)
            {
                response.StatusCode.ShouldBe(HttpStatusCode.Conflict, await response.Content.ReadAsStringAsync());
                using var now = await Patience.SendAsync(() => SendAsync(HttpMethod.Get, $"/v1/handoffs/{Handoff}"));
                (await now.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("state").GetString().ShouldBe(state);
            }
        }

        private async Task ReplyAsync(string text)
        {
            var key = Guid.CreateVersion7().ToString();
            using var response = await Patience.SendAsync(() => SendAsync(HttpMethod.Post, $"/v1/conversations/{Customer.Conversation}/messages", new { text, visibility = "public" }, key));
            response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        }

        private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null, string? key = null)
        {
            var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            if (key is not null) request.Headers.Add("Idempotency-Key", key);
            return Instance.SendAsync(Agent, request);
        }
    }

    public static async Task<FaultRound> RunAsync(FaultInstance instance, Random random, int conversations)
    {
        using var agent = await instance.AgentAsync();
        var cases = new List<Case>();
        try
        {
            for (var i = 0; i < conversations; i++) cases.Add(new Case(await FaultCustomer.StartAsync(instance), i % 2 == 1, agent, instance));
            // The first one undisturbed, to know how long it takes: the moment is to fall anywhere in the others.
            var clock = Stopwatch.StartNew();
            await cases[0].PlayAsync();
            clock.Stop();
            var after = random.Next(0, (int)clock.ElapsedMilliseconds);
            var playing = Task.WhenAll(cases.Skip(1).Select(c => c.PlayAsync()));
            await Task.Delay(after);
            await instance.KillAsync();
            await playing;
            foreach (var played in cases) await played.ShouldBeExactAsync();
            await instance.ShouldComeToRestAsync();
            return FaultRound.Of($"killed after {after} ms of about {clock.ElapsedMilliseconds}, {cases.Count} handoffs each once to their end", ("handoffs", cases.Count));
        }
        finally
        {
            foreach (var played in cases) await played.Customer.DisposeAsync();
        }
    }
}
