using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Parley.Conversations.Contracts;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Conversations;

public sealed class WidgetApiTests(WidgetWorldFixture fixture) : IClassFixture<WidgetWorldFixture>, IAsyncLifetime
{
    private readonly WidgetWorld _world = fixture.World;
    private WidgetTenant _tenant = null!;

    public async ValueTask InitializeAsync() => _tenant = await _world.TenantAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task The_configuration_is_public_and_complete()
    {
        var config = await _world.Host.Client().GetJsonAsync($"/v1/widget/config?key={_tenant.Defaults.PublicKey}");
        config.GetProperty("widgetId").GetGuid().ShouldBe(_tenant.Defaults.WidgetId);
        config.String("assistantName").ShouldBe("Assistant");
        config.String("greeting")!.ShouldNotBeEmpty();
        config.String("color").ShouldBe(new WidgetSettings().Color);
        config.GetProperty("suggestedQuestions").GetArrayLength().ShouldBe(0);
        config.GetProperty("features").GetProperty("person").GetBoolean().ShouldBeTrue();
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("pw_unknownunknownunknownunknown", 404)]
    [InlineData("'; drop table widgets; --", 404)]
    [InlineData("%00", 404)]
    public async Task An_unknown_key_opens_nothing(string key, int status)
    {
        (await _world.Host.Client().GetAsync("/v1/widget/config?key=" + key)).StatusCode.ShouldBe((HttpStatusCode)status);
        using var session = await _world.Host.Client().PostAsJsonAsync("/v1/widget/sessions", new { key = Uri.UnescapeDataString(key) });
        await session.ShouldFailAsync(404, "not_found");
    }

    [Fact]
    public async Task A_session_goes_on_with_its_token_and_dies_after_thirty_days_without_use()
    {
        var visitor = await _tenant.VisitorAsync();
        visitor.Token.ShouldStartWith("ps_");
        _world.Host.Time.Advance(TimeSpan.FromDays(29));
        var id = await visitor.StartAsync();
        _world.Host.Time.Advance(TimeSpan.FromDays(29));
        (await visitor.Client.GetAsync($"/v1/widget/conversations/{id}")).StatusCode.ShouldBe(HttpStatusCode.OK, "using it has moved its end");
        using var again = await _world.Host.Client().PostAsJsonAsync("/v1/widget/sessions", new { key = _tenant.Defaults.PublicKey, token = visitor.Token });
        (await again.JsonAsync()).String("token").ShouldBe(visitor.Token);
        _world.Host.Time.Advance(TimeSpan.FromDays(31));
        await (await visitor.Client.GetAsync($"/v1/widget/conversations/{id}")).ShouldFailAsync(401, "unauthenticated");
        using var fresh = await _world.Host.Client().PostAsJsonAsync("/v1/widget/sessions", new { key = _tenant.Defaults.PublicKey, token = visitor.Token });
        (await fresh.JsonAsync()).GetProperty("endUserId").GetGuid().ShouldNotBe(visitor.EndUserId);
    }

    [Fact]
    public async Task Tokens_are_stored_as_hashes_only()
    {
        var visitor = await _tenant.VisitorAsync();
        var rows = await _tenant.QueryAsync<string>("select s::text from end_user_sessions s");
        rows.ShouldNotBeEmpty();
        rows.ShouldAllBe(row => !row.Contains(visitor.Token) && !row.Contains(visitor.Token.Substring(3)));
    }

    [Theory]
    [InlineData("ps_forged0000000000000000000000000000000000000")]
    [InlineData("ps_")]
    [InlineData("pk_abc")]
    [InlineData("nonsense")]
    public async Task A_forged_token_is_nobody(string token) =>
        await (await _world.Host.Client(token).GetAsync("/v1/widget/conversations")).ShouldFailAsync(401, "unauthenticated");

    [Fact]
    public async Task A_bad_locale_is_named()
    {
        using var response = await _world.Host.Client().PostAsJsonAsync("/v1/widget/sessions", new { key = _tenant.Defaults.PublicKey, locale = "<script>" });
        await response.ShouldFailAsync(400, "invalid", "locale");
    }

    [Fact]
    public async Task A_conversation_begins_with_its_first_message_and_the_assistant_is_asked()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync("  How do I   reset\nmy password? ");
        var view = await visitor.Client.GetJsonAsync($"/v1/widget/conversations/{id}");
        view.String("status").ShouldBe("open");
        view.String("owner").ShouldBe("assistant");
        view.String("subject").ShouldBe("How do I reset my password?");
        var message = (await visitor.MessagesAsync(id)).ShouldHaveSingleItem();
        message.Text().ShouldBe("How do I   reset\nmy password?");
        message.String("authorKind").ShouldBe("end_user");
        view.GetProperty("lastSeq").GetInt64().ShouldBe(message.Seq());
        _world.Turns.Scheduled.Count(t => t.Conversation == id).ShouldBe(1);
    }

    [Fact]
    public async Task Sending_returns_the_message_its_turn_and_its_number()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync();
        var sent = await visitor.SendAsync(id, "One question");
        var scheduled = _world.Turns.Scheduled.Single(t => t.Conversation == id);
        sent.GetProperty("messageId").GetGuid().ShouldBe(scheduled.Message);
        sent.GetProperty("turnId").GetGuid().ShouldBe(scheduled.Turn);
        (await visitor.MessagesAsync(id)).Single().Seq().ShouldBe(sent.Seq());
    }

    [Fact]
    public async Task A_retried_send_is_stored_once_and_returns_the_same_answer()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => visitor.SendAsync(id, "Only once", "c-1")));
        answers.Select(a => a.GetRawText()).Distinct().Count().ShouldBe(1);
        await (await visitor.PostAsync(id, new { text = "Something else", clientId = "c-1" })).ShouldFailAsync(422, "idempotency.mismatch");
        (await visitor.MessagesAsync(id)).Count.ShouldBe(1);
        _world.Turns.Scheduled.Count(t => t.Conversation == id).ShouldBe(1);
    }

    [Fact]
    public async Task An_idempotency_key_replays_and_refuses_another_body()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync();
        async Task<HttpResponseMessage> Send(string text)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/widget/conversations/{id}/messages") { Content = JsonContent.Create(new { text }) };
            request.Headers.Add("Idempotency-Key", "key-1");
            return await visitor.Client.SendAsync(request);
        }

        var first = await (await Send("hello")).JsonAsync();
        (await (await Send("hello")).JsonAsync()).GetRawText().ShouldBe(first.GetRawText());
        await (await Send("other")).ShouldFailAsync(422, "idempotency.mismatch");
        (await visitor.MessagesAsync(id)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_repeated_start_finds_the_same_conversation()
    {
        var visitor = await _tenant.VisitorAsync();
        async Task<Guid> Start() => (await (await visitor.Client.PostAsJsonAsync("/v1/widget/conversations", new { text = "Hi", clientId = "start-1" })).JsonAsync()).GetProperty("id").GetGuid();
        (await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Start()))).Distinct().Count().ShouldBe(1);
        (await visitor.Client.GetJsonAsync("/v1/widget/conversations")).GetProperty("items").GetArrayLength().ShouldBe(1);
        (await visitor.MessagesAsync(await Start())).Count.ShouldBe(1);
    }

    public static TheoryData<string, string> BadTexts => new()
    {
        { """{"text":""}""", "text" }, { """{"text":"   \n\t "}""", "text" }, { "{}", "text" }, { """{"text":null}""", "text" }, { """{"text":5}""", "text" },
        { """{"text":["a"]}""", "text" }, { """{"text":"\u0000"}""", "text" }, { """{"text":"a\u0007b"}""", "text" }, { """{"text":"\ud800"}""", "text" },
        { """{"text":"ok","clientId":""}""", "clientId" }, { """{"text":"ok","clientId":"with space"}""", "clientId" },
        { $$"""{"text":"{{new string('x', 8001)}}"}""", "text" },
    };

    [Theory]
    [MemberData(nameof(BadTexts))]
    public async Task A_bad_message_is_refused_by_name_and_changes_nothing(string body, string field)
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync();
        var before = await _tenant.QueryAsync<string>("select c::text from conversations c where id = @id", new { id });
        using var response = await visitor.Client.PostAsync($"/v1/widget/conversations/{id}/messages", new StringContent(body, Encoding.UTF8, "application/json"));
        await response.ShouldFailAsync(400, "invalid", field);
        (await visitor.MessagesAsync(id)).ShouldBeEmpty();
        (await _tenant.QueryAsync<string>("select c::text from conversations c where id = @id", new { id })).ShouldBe(before);
    }

    public static TheoryData<byte[], string, int> BadBodies => new()
    {
        { [0xff, 0xfe, 0x00, 0x80], "application/json", 400 },
        { [.. "{\"text\":\""u8, 0xc3, 0x28, .. "\"}"u8], "application/json", 400 },
        { "{\"text\":"u8.ToArray(), "application/json", 400 },
        { [], "application/json", 400 },
        { [0x89, 0x50, 0x4e, 0x47], "application/octet-stream", 415 },
        { Encoding.UTF8.GetBytes("{\"text\":\"" + new string('x', 1_000_000) + "\"}"), "application/json", 413 },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_body_that_is_no_json_is_refused(byte[] body, string type, int status)
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync();
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        using var response = await visitor.Client.PostAsync($"/v1/widget/conversations/{id}/messages", content);
        ((int)response.StatusCode).ShouldBe(status, await response.Content.ReadAsStringAsync());
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await visitor.MessagesAsync(id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Any_script_and_eight_thousand_characters_arrive_unchanged()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync();
        var text = ("日本語 العربية 👩‍🚀 <b>&amp;\"'\\ " + new string('ß', 8000))[..8000];
        await visitor.SendAsync(id, text);
        (await visitor.MessagesAsync(id)).Single().Text().ShouldBe(text);
    }

    [Fact]
    public async Task Messages_are_paged_by_number()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await visitor.SendAsync(id, "m" + i);
        }
        var seen = new List<string>();
        string? after = "0";
        while (after is not null)
        {
            var page = await visitor.Client.GetJsonAsync($"/v1/widget/conversations/{id}/messages?after={after}&limit=2");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(m => m.Text()));
            after = page.String("next");
        }
        seen.ShouldBe(["m0", "m1", "m2", "m3", "m4"]);
        await (await visitor.Client.GetAsync($"/v1/widget/conversations/{id}/messages?after=-1")).ShouldFailAsync(400, "invalid", "after");
        await (await visitor.Client.GetAsync($"/v1/widget/conversations/{id}/messages?limit=0")).ShouldFailAsync(400, "invalid", "limit");
        await (await visitor.Client.GetAsync($"/v1/widget/conversations/{id}/messages?after=x")).ShouldFailAsync(400, "invalid", "after");
        await (await visitor.Client.GetAsync("/v1/widget/conversations?cursor=zzz")).ShouldFailAsync(400, "invalid", "cursor");
        await (await visitor.Client.GetAsync("/v1/widget/conversations?cursor=" + new string('!', 32))).ShouldFailAsync(400, "invalid", "cursor");
    }

    [Fact]
    public async Task Fifty_senders_get_consecutive_numbers_and_nothing_is_lost()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync();
        var sent = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => visitor.SendAsync(id, "n" + i, "n" + i)));
        sent.Select(s => s.Seq()).Order().ShouldBe(Enumerable.Range(2, 50).Select(i => (long)i));
        var messages = await visitor.MessagesAsync(id);
        messages.Select(m => m.Seq()).ShouldBeInOrder();
        messages.Select(m => m.Text()).ShouldBe(Enumerable.Range(0, 50).Select(i => "n" + i), ignoreOrder: true);
        foreach (var (message, answer) in messages.Join(sent, m => m.GetProperty("id").GetGuid(), s => s.GetProperty("messageId").GetGuid(), (m, s) => (m, s)))
        {
            message.Seq().ShouldBe(answer.Seq());
        }
    }

    [Fact]
    public async Task A_person_can_be_asked_for_and_the_request_taken_back()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync();
        using var asked = await visitor.Client.PostAsJsonAsync($"/v1/widget/conversations/{id}/handoff", new { reason = "Please" });
        asked.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await asked.JsonAsync()).String("state").ShouldBe("queued");
        var view = await visitor.Client.GetJsonAsync($"/v1/widget/conversations/{id}");
        view.GetProperty("handoff").GetProperty("position").GetInt32().ShouldBe(1);
        (await visitor.Client.DeleteAsync($"/v1/widget/conversations/{id}/handoff")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await (await visitor.Client.DeleteAsync($"/v1/widget/conversations/{id}/handoff")).ShouldFailAsync(409, "handoff.none");
        (await visitor.Client.PostAsync($"/v1/widget/conversations/{id}/handoff", null)).StatusCode.ShouldBe(HttpStatusCode.Accepted, "a body is not needed");
        using var tooLong = await visitor.Client.PostAsJsonAsync($"/v1/widget/conversations/{id}/handoff", new { reason = new string('x', 501) });
        await tooLong.ShouldFailAsync(400, "invalid", "reason");
    }

    [Fact]
    public async Task While_an_agent_owns_it_the_assistant_is_not_asked()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync();
        await _tenant.TakeOverAsync(id, Guid.CreateVersion7());
        (await visitor.SendAsync(id, "Hello?")).GetProperty("turnId").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        _world.Turns.Scheduled.ShouldNotContain(t => t.Conversation == id);
    }

    [Theory]
    [InlineData("""{"rating":0}""", "rating")]
    [InlineData("""{"rating":6}""", "rating")]
    [InlineData("""{"rating":"five"}""", "rating")]
    [InlineData("""{}""", "rating")]
    [InlineData("""{"rating":3,"comment":"a\u0001"}""", "comment")]
    public async Task A_bad_rating_is_refused(string body, string field)
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync();
        using var response = await visitor.Client.PostAsync($"/v1/widget/conversations/{id}/rating", new StringContent(body, Encoding.UTF8, "application/json"));
        await response.ShouldFailAsync(400, "invalid", field);
        (await visitor.Client.GetJsonAsync($"/v1/widget/conversations/{id}")).GetProperty("rating").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
    }

    [Fact]
    public async Task A_customer_rates_ends_and_comes_back()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync("How?");
        await _tenant.AnswerAsync(id, "So.");
        (await visitor.Client.PostAsJsonAsync($"/v1/widget/conversations/{id}/rating", new { rating = 5, comment = "Great" })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await visitor.Client.PostAsJsonAsync($"/v1/widget/conversations/{id}/end", new { resolved = true })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await visitor.Client.PostAsync($"/v1/widget/conversations/{id}/end", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent, "ended already: nothing changes");
        var view = await visitor.Client.GetJsonAsync($"/v1/widget/conversations/{id}");
        view.String("status").ShouldBe("closed");
        view.GetProperty("rating").GetInt32().ShouldBe(5);
        await (await visitor.Client.PostAsync($"/v1/widget/conversations/{id}/handoff", null)).ShouldFailAsync(409, "conversation.closed");
        (await LedgerAsync(id)).ShouldBe(["confirmed"]);

        await visitor.SendAsync(id, "It came back");
        (await visitor.Client.GetJsonAsync($"/v1/widget/conversations/{id}")).String("status").ShouldBe("open");
        (await LedgerAsync(id)).ShouldBe(["confirmed", "reversed"]);

        await visitor.Client.PostAsync($"/v1/widget/conversations/{id}/end", null);
        _world.Host.Time.Advance(TimeSpan.FromDays(8));
        await (await visitor.PostAsync(id, new { text = "Much later" })).ShouldFailAsync(409, "conversation.closed");
    }

    [Fact]
    public async Task Typing_stores_nothing()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync();
        (await visitor.Client.PostAsync($"/v1/widget/conversations/{id}/typing", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await _tenant.QueryAsync<string>("select type from events where conversation_id = @id", new { id })).ShouldBe(["started"]);
    }

    private Task<IReadOnlyList<string>> LedgerAsync(Guid id) => _tenant.QueryAsync<string>("select class from resolutions where conversation_id = @id order by created_at, id", new { id });
}

/// <summary>Limits are the tenant's customers' protection from each other.</summary>
public sealed class WidgetLimitTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Too_many_messages_are_refused_with_the_time_to_wait()
    {
        await using var world = await WidgetWorld.StartAsync(postgres, limits => limits.MessagesPerEndUser = 3);
        var tenant = await world.TenantAsync();
        var (visitor, other) = (await tenant.VisitorAsync(), await tenant.VisitorAsync());
        var id = await visitor.StartAsync();
        var statuses = new List<HttpStatusCode>();
        HttpResponseMessage last = null!;
        for (var i = 0; i < 8; i++)
        {
            last = await visitor.PostAsync(id, new { text = "again" });
            statuses.Add(last.StatusCode);
        }
        // A window may end between two of them; the limit holds within each.
        statuses.Count(s => s == HttpStatusCode.Accepted).ShouldBeInRange(3, 6);
        await last.ShouldFailAsync(429, "too_many_requests");
        last.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        (await visitor.MessagesAsync(id)).Count.ShouldBe(statuses.Count(s => s == HttpStatusCode.Accepted));
        await other.SendAsync(await other.StartAsync(), "I am not limited by others");
    }

    [Fact]
    public async Task An_address_is_limited_over_all_its_customers()
    {
        await using var world = await WidgetWorld.StartAsync(postgres, limits => limits.MessagesPerAddress = 5);
        var tenant = await world.TenantAsync();
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 12; i++)
        {
            var visitor = await tenant.VisitorAsync();
            statuses.Add((await visitor.PostAsync(await visitor.StartAsync(), new { text = "one" })).StatusCode);
        }
        statuses.ShouldContain(HttpStatusCode.TooManyRequests);
        statuses.Count(s => s == HttpStatusCode.Accepted).ShouldBeInRange(5, 10);
    }
}
