using System.Net;
using System.Net.Http.Json;
using System.Text;
using Parley.Conversations;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Conversations;

public sealed class AgentApiTests(WidgetWorldFixture fixture) : IClassFixture<WidgetWorldFixture>, IAsyncLifetime
{
    private readonly WidgetWorld _world = fixture.World;
    private WidgetTenant _tenant = null!;
    private SignedIn _agent = null!;

    public async ValueTask InitializeAsync()
    {
        _tenant = await _world.TenantAsync();
        _agent = await _tenant.AgentAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<IReadOnlyList<Guid>> ListAsync(string query) =>
        [.. (await _agent.Client.GetJsonAsync("/v1/conversations" + query)).GetProperty("items").EnumerateArray().Select(c => c.GetProperty("id").GetGuid())];

    private Task<HttpResponseMessage> PostAsync(Guid id, object body, SignedIn? by = null) => (by ?? _agent).Client.PostAsJsonAsync($"/v1/conversations/{id}/messages", body);

    [Fact]
    public async Task The_list_shows_what_an_inbox_needs()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync("Where is my invoice? " + new string('x', 300));
        await visitor.Client.PostAsJsonAsync($"/v1/widget/conversations/{id}/handoff", new { });
        var item = (await _agent.Client.GetJsonAsync("/v1/conversations")).GetProperty("items").EnumerateArray().Single();
        item.GetProperty("id").GetGuid().ShouldBe(id);
        item.String("status").ShouldBe("open");
        item.GetProperty("endUser").GetProperty("id").GetGuid().ShouldBe(visitor.EndUserId);
        item.GetProperty("endUser").GetProperty("verified").GetBoolean().ShouldBeFalse();
        item.GetProperty("lastMessage").String("kind").ShouldBe("end_user");
        item.GetProperty("lastMessage").String("text")!.Length.ShouldBe(140);
        item.GetProperty("handoff").String("state").ShouldBe("queued");
        item.GetProperty("handoff").GetProperty("reasons")[0].GetString().ShouldBe("explicit_request");
    }

    [Fact]
    public async Task Filters_narrow_and_pages_go_on_without_a_gap()
    {
        var visitor = await _tenant.VisitorAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await visitor.StartAsync($"question number {i} 100%"));
        }
        await visitor.Client.PostAsync($"/v1/widget/conversations/{ids[0]}/end", null);
        await _tenant.TakeOverAsync(ids[1], _agent.UserId);
        (await ListAsync("?status=closed")).ShouldBe([ids[0]]);
        (await ListAsync($"?owner=agent&agentId={_agent.UserId}")).ShouldBe([ids[1]]);
        (await ListAsync("?owner=assistant&status=open&channel=widget")).ShouldBe([ids[4], ids[3], ids[2]]);
        (await ListAsync("?channel=email")).ShouldBeEmpty();
        (await ListAsync("?q=NUMBER%202")).ShouldBe([ids[2]]);
        (await ListAsync("?q=100%25")).Count.ShouldBe(5);
        (await ListAsync("?q=number_2")).ShouldBeEmpty("the signs of a pattern are only signs");

        var (seen, cursor) = (new List<Guid>(), "");
        do
        {
            var page = await _agent.Client.GetJsonAsync($"/v1/conversations?limit=2&cursor={cursor}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(c => c.GetProperty("id").GetGuid()));
            cursor = page.String("next") ?? "";
        }
        while (cursor.Length > 0);
        seen.ShouldBe([ids[1], ids[0], ids[4], ids[3], ids[2]]);
    }

    [Theory]
    [InlineData("?status=dead", "status")]
    [InlineData("?owner=me", "owner")]
    [InlineData("?channel=fax", "channel")]
    [InlineData("?agentId=me", "agentId")]
    [InlineData("?limit=201", "limit")]
    [InlineData("?limit=x", "limit")]
    [InlineData("?cursor=abc", "cursor")]
    [InlineData("?q=%00", "q")]
    public async Task A_bad_filter_is_named(string query, string field) =>
        await (await _agent.Client.GetAsync("/v1/conversations" + query)).ShouldFailAsync(400, "invalid", field);

    [Fact]
    public async Task Only_the_owning_agent_replies_and_everybody_may_note()
    {
        var visitor = await _tenant.VisitorAsync();
        var other = await _tenant.AgentAsync();
        var id = await visitor.StartAsync("Help");
        var refused = await PostAsync(id, new { text = "I interrupt" });
        await refused.ShouldFailAsync(409, "conversation.not_yours");
        (await PostAsync(id, new { text = "Only we see this", visibility = "note" })).StatusCode.ShouldBe(HttpStatusCode.Created);
        await _tenant.TakeOverAsync(id, other.UserId);
        var belongs = await PostAsync(id, new { text = "I interrupt" });
        (await belongs.Content.ReadAsStringAsync()).ShouldContain("Member of");
        var replied = await PostAsync(id, new { text = "Hello, I am here." }, other);
        replied.StatusCode.ShouldBe(HttpStatusCode.Created);
        var message = await replied.JsonAsync();
        message.String("authorKind").ShouldBe("agent");
        message.String("authorName").ShouldBe("Member of " + _tenant.Tenant.Slug);
        (await visitor.MessagesAsync(id)).Select(m => m.Text()).ShouldBe(["Help", "Hello, I am here."]);
        var all = (await _agent.Client.GetJsonAsync($"/v1/conversations/{id}/messages")).GetProperty("items").EnumerateArray().ToList();
        all.Select(m => m.String("visibility")).ShouldBe(["public", "note", "public"]);
    }

    [Fact]
    public async Task A_retried_reply_is_sent_once()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync("Help");
        await _tenant.TakeOverAsync(id, _agent.UserId);
        async Task<HttpResponseMessage> Reply(string text)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/conversations/{id}/messages") { Content = JsonContent.Create(new { text }) };
            request.Headers.Add("Idempotency-Key", "reply-1");
            return await _agent.Client.SendAsync(request);
        }

        var first = await (await Reply("Once")).JsonAsync();
        (await (await Reply("Once")).JsonAsync()).GetRawText().ShouldBe(first.GetRawText());
        await (await Reply("Twice")).ShouldFailAsync(422, "idempotency.mismatch");
        (await visitor.MessagesAsync(id)).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("""{"text":""}""", "text")]
    [InlineData("""{"text":"a\u0000"}""", "text")]
    [InlineData("""{"text":"ok","visibility":"secret"}""", "visibility")]
    public async Task A_bad_reply_is_refused(string body, string field)
    {
        var id = await (await _tenant.VisitorAsync()).StartAsync();
        using var response = await _agent.Client.PostAsync($"/v1/conversations/{id}/messages", new StringContent(body, Encoding.UTF8, "application/json"));
        await response.ShouldFailAsync(400, "invalid", field);
    }

    [Fact]
    public async Task Closing_says_how_it_ended_and_shows_it()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync("Help");
        await _tenant.TakeOverAsync(id, _agent.UserId);
        await PostAsync(id, new { text = "Done." });
        await (await _agent.Client.PostAsJsonAsync($"/v1/conversations/{id}/close", new { note = "x" })).ShouldFailAsync(400, "invalid", "resolved");
        using var closed = await _agent.Client.PostAsJsonAsync($"/v1/conversations/{id}/close", new { resolved = true, note = "It was the cable." });
        closed.StatusCode.ShouldBe(HttpStatusCode.OK, await closed.Content.ReadAsStringAsync());
        var detail = await closed.JsonAsync();
        detail.String("status").ShouldBe("closed");
        detail.GetProperty("resolutions").EnumerateArray().Single().String("class").ShouldBe("by_person");
        await (await _agent.Client.PostAsJsonAsync($"/v1/conversations/{id}/close", new { resolved = true })).ShouldFailAsync(409, "conversation.closed");
        await (await PostAsync(id, new { text = "One more thing" })).ShouldFailAsync(409, "conversation.closed");
        var again = await _agent.Client.GetJsonAsync($"/v1/conversations/{id}");
        again.GetProperty("lastSeq").GetInt64().ShouldBe(detail.GetProperty("lastSeq").GetInt64());
    }

    [Fact]
    public async Task What_is_unknown_or_another_tenants_is_not_found()
    {
        var stranger = await (await _world.TenantAsync()).VisitorAsync();
        foreach (var id in new[] { Guid.CreateVersion7(), await stranger.StartAsync("theirs") })
        {
            await (await _agent.Client.GetAsync($"/v1/conversations/{id}")).ShouldFailAsync(404, "not_found");
            await (await _agent.Client.GetAsync($"/v1/conversations/{id}/messages")).ShouldFailAsync(404, "not_found");
            await (await PostAsync(id, new { text = "x", visibility = "note" })).ShouldFailAsync(404, "not_found");
            await (await _agent.Client.PostAsJsonAsync($"/v1/conversations/{id}/close", new { resolved = true })).ShouldFailAsync(404, "not_found");
            await (await _agent.Client.PostAsync($"/v1/conversations/{id}/typing", null)).ShouldFailAsync(404, "not_found");
        }
        await (await _agent.Client.GetAsync("/v1/conversations/not-an-id")).ShouldFailAsync(400, "invalid", "id");
    }

    [Fact]
    public async Task Two_customers_of_one_tenant_do_not_exist_for_each_other()
    {
        var (mine, other) = (await _tenant.VisitorAsync(), await _tenant.VisitorAsync());
        var id = await mine.StartAsync("private");
        var path = $"/v1/widget/conversations/{id}";
        await (await other.Client.GetAsync(path)).ShouldFailAsync(404, "not_found");
        await (await other.Client.GetAsync(path + "/messages")).ShouldFailAsync(404, "not_found");
        await (await other.PostAsync(id, new { text = "x" })).ShouldFailAsync(404, "not_found");
        await (await other.Client.PostAsync(path + "/handoff", null)).ShouldFailAsync(404, "not_found");
        await (await other.Client.DeleteAsync(path + "/handoff")).ShouldFailAsync(404, "not_found");
        await (await other.Client.PostAsJsonAsync(path + "/rating", new { rating = 1 })).ShouldFailAsync(404, "not_found");
        await (await other.Client.PostAsync(path + "/end", null)).ShouldFailAsync(404, "not_found");
        await (await other.Client.PostAsync(path + "/typing", null)).ShouldFailAsync(404, "not_found");
        (await other.Client.GetJsonAsync("/v1/widget/conversations")).GetProperty("items").GetArrayLength().ShouldBe(0);
        (await mine.MessagesAsync(id)).Count.ShouldBe(1);
        (await mine.Client.GetJsonAsync(path)).String("status").ShouldBe("open");
        await (await mine.Client.GetAsync("/v1/conversations")).ShouldFailAsync(403, "forbidden");
    }

    [Fact]
    public async Task Reads_of_personal_data_are_audited_once_an_hour_and_changes_each_time()
    {
        var id = await (await _tenant.VisitorAsync()).StartAsync("Help");
        for (var i = 0; i < 3; i++)
        {
            await _agent.Client.GetJsonAsync($"/v1/conversations/{id}");
            await PostAsync(id, new { text = "note", visibility = "note" });
        }
        _world.Host.Time.Advance(TimeSpan.FromHours(1.1));
        await _agent.Client.GetJsonAsync($"/v1/conversations/{id}/messages");
        var actions = await _tenant.QueryAsync<string>("select action from audit where target_id = @id and actor_id = @agent", new { id = id.ToString(), agent = _agent.UserId });
        actions.Count(a => a == "conversation.read").ShouldBe(2);
        actions.Count(a => a == "conversation.noted").ShouldBe(3);
    }

    [Fact]
    public async Task The_schedule_settles_silent_conversations_of_the_tenants_that_have_some()
    {
        var visitor = await _tenant.VisitorAsync();
        var id = await visitor.StartAsync("How?");
        await _tenant.AnswerAsync(id, "So.");
        _world.Host.Time.Advance(TimeSpan.FromHours(25));
        await SettleConversations.FanOutAsync(_world.Host.Services, default);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var client = _tenant.Tenant.Operator(); // the agent's session has ended in these 25 hours
        while ((await client.GetJsonAsync($"/v1/conversations/{id}")).String("status") != "closed")
        {
            await Task.Delay(50, patience.Token);
        }
        (await client.GetJsonAsync($"/v1/conversations/{id}")).GetProperty("resolutions").EnumerateArray().Single().String("class").ShouldBe("silent");
    }

    [Fact]
    public async Task Viewers_read_and_nobody_without_the_permission_writes()
    {
        var viewer = await _tenant.AgentAsync("viewer");
        var id = await (await _tenant.VisitorAsync()).StartAsync("Help");
        await viewer.Client.GetJsonAsync($"/v1/conversations/{id}");
        await (await PostAsync(id, new { text = "x", visibility = "note" }, viewer)).ShouldFailAsync(403, "forbidden");
        await (await viewer.Client.PostAsJsonAsync($"/v1/conversations/{id}/close", new { resolved = true })).ShouldFailAsync(403, "forbidden");
        await (await viewer.Client.PostAsJsonAsync("/v1/widgets", new { name = "x" })).ShouldFailAsync(403, "forbidden");
        await (await _world.Host.Client().GetAsync("/v1/conversations")).ShouldFailAsync(401, "unauthenticated");
    }
}

public sealed class WidgetManagementTests(WidgetWorldFixture fixture) : IClassFixture<WidgetWorldFixture>, IAsyncLifetime
{
    private readonly WidgetWorld _world = fixture.World;
    private WidgetTenant _tenant = null!;
    private HttpClient _manager = null!;

    public async ValueTask InitializeAsync()
    {
        _tenant = await _world.TenantAsync();
        _manager = (await _tenant.AgentAsync("manager")).Client;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_widget_is_made_changed_and_removed()
    {
        using var made = await _manager.PostAsJsonAsync("/v1/widgets", new { name = " Shop ", allowedOrigins = new[] { "https://Shop.example/", "https://shop.example" } });
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        var widget = await made.JsonAsync();
        var id = widget.GetProperty("id").GetGuid();
        widget.String("name").ShouldBe("Shop");
        widget.GetProperty("allowedOrigins").EnumerateArray().Select(o => o.GetString()).ShouldBe(["https://shop.example"]);
        widget.GetProperty("assistantId").GetGuid().ShouldBe(_tenant.Defaults.AssistantId);

        using var changed = await _manager.PatchAsJsonAsync($"/v1/widgets/{id}", new { settings = new { title = "Hilfe", greeting = "Hallo!", color = "#112233", suggestedQuestions = new[] { "Wie?" } } });
        changed.StatusCode.ShouldBe(HttpStatusCode.OK, await changed.Content.ReadAsStringAsync());
        var key = widget.String("publicKey")!;
        var config = await _world.Host.Client().GetJsonAsync($"/v1/widget/config?key={key}");
        config.String("title").ShouldBe("Hilfe");
        config.GetProperty("suggestedQuestions")[0].GetString().ShouldBe("Wie?");
        (await changed.JsonAsync()).String("name").ShouldBe("Shop", "what is absent stays");

        var visitor = await _tenant.VisitorAsync(key);
        await visitor.StartAsync("hello");
        (await _manager.GetJsonAsync("/v1/widgets")).GetProperty("items").GetArrayLength().ShouldBe(2);
        (await _manager.DeleteAsync($"/v1/widgets/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await (await _manager.DeleteAsync($"/v1/widgets/{id}")).ShouldFailAsync(404, "not_found");
        await (await _world.Host.Client().GetAsync($"/v1/widget/config?key={key}")).ShouldFailAsync(404, "not_found");
        await (await visitor.Client.GetAsync("/v1/widget/conversations")).ShouldFailAsync(401, "unauthenticated");
    }

    [Fact]
    public async Task A_visitor_stays_the_same_person_in_another_widget_of_the_tenant_and_in_no_other_tenants()
    {
        var visitor = await _tenant.VisitorAsync();
        using var made = await _manager.PostAsJsonAsync("/v1/widgets", new { name = "Second" });
        var second = (await made.JsonAsync()).String("publicKey");
        using var same = await _world.Host.Client().PostAsJsonAsync("/v1/widget/sessions", new { key = second, token = visitor.Token });
        var session = await same.JsonAsync();
        session.GetProperty("endUserId").GetGuid().ShouldBe(visitor.EndUserId);
        session.String("token").ShouldNotBe(visitor.Token);
        var other = await _world.TenantAsync();
        using var foreign = await _world.Host.Client().PostAsJsonAsync("/v1/widget/sessions", new { key = other.Defaults.PublicKey, token = visitor.Token });
        (await foreign.JsonAsync()).GetProperty("endUserId").GetGuid().ShouldNotBe(visitor.EndUserId);
    }

    public static TheoryData<string, string> BadWidgets => new()
    {
        { """{}""", "name" }, { """{"name":""}""", "name" }, { """{"name":"a\u0000"}""", "name" }, { """{"name":"x","allowedOrigins":["ftp://a"]}""", "allowedOrigins" },
        { """{"name":"x","allowedOrigins":["https://a/b"]}""", "allowedOrigins" }, { """{"name":"x","allowedOrigins":[null]}""", "allowedOrigins" },
        { """{"name":"x","settings":{"color":"red"}}""", "settings.color" }, { """{"name":"x","settings":{"suggestedQuestions":null}}""", "settings.suggestedQuestions" },
        { """{"name":"x","settings":{"texts":null}}""", "settings.texts" }, { """{"name":"x","assistantId":"00000000-0000-0000-0000-000000000001"}""", "assistantId" },
    };

    [Theory]
    [MemberData(nameof(BadWidgets))]
    public async Task A_bad_widget_is_refused_by_name(string body, string field)
    {
        using var response = await _manager.PostAsync("/v1/widgets", new StringContent(body, Encoding.UTF8, "application/json"));
        await response.ShouldFailAsync(400, "invalid", field);
        (await _manager.GetJsonAsync("/v1/widgets")).GetProperty("items").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Another_tenants_widget_cannot_be_changed()
    {
        var other = await _world.TenantAsync();
        using var response = await _manager.PatchAsJsonAsync($"/v1/widgets/{other.Defaults.WidgetId}", new { name = "mine now" });
        await response.ShouldFailAsync(404, "not_found");
        await (await _manager.DeleteAsync($"/v1/widgets/{other.Defaults.WidgetId}")).ShouldFailAsync(404, "not_found");
    }
}
