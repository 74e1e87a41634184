using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Parley.Conversations.Organizing;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Conversations;

public sealed class OrganizingTests(WidgetWorldFixture fixture) : IClassFixture<WidgetWorldFixture>, IAsyncLifetime
{
    private readonly WidgetWorld _world = fixture.World;
    private WidgetTenant _tenant = null!;
    private SignedIn _agent = null!;
    private Visitor _visitor = null!;

    public async ValueTask InitializeAsync()
    {
        _tenant = await _world.TenantAsync();
        _agent = await _tenant.AgentAsync();
        _visitor = await _tenant.VisitorAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private HttpClient Http => _agent.Client;

    private async Task<Guid> TagAsync(string name, string color = "teal")
    {
        using var response = await Http.PostAsJsonAsync("/v1/tags", new { name, color });
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync());
        return (await response.JsonAsync()).GetProperty("id").GetGuid();
    }

    private async Task<JsonElement> ActAsync(object body)
    {
        using var response = await Http.PostAsJsonAsync("/v1/conversations/actions", body);
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    private async Task<IReadOnlyList<Guid>> ListAsync(string query) =>
        [.. (await Http.GetJsonAsync("/v1/conversations" + query)).GetProperty("items").EnumerateArray().Select(c => c.GetProperty("id").GetGuid())];

    [Fact]
    public async Task A_tag_is_made_given_found_counted_renamed_and_deleted_and_all_of_it_is_written_down()
    {
        var tag = await TagAsync("Billing");
        var id = await _visitor.StartAsync("about money");
        await _visitor.StartAsync("about weather");
        (await Http.PutAsync($"/v1/conversations/{id}/tags/{tag}", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Http.PutAsync($"/v1/conversations/{id}/tags/{tag}", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await ListAsync($"?tagId={tag}")).ShouldBe([id]);
        (await ListAsync($"?tagId={tag}&tagId={Guid.CreateVersion7()}")).ShouldBe([id]);
        (await Http.GetJsonAsync("/v1/tags")).GetProperty("items").EnumerateArray().Single().GetProperty("conversations").GetInt32().ShouldBe(1);
        (await Http.PatchAsJsonAsync($"/v1/tags/{tag}", new { name = "Invoices", color = "red" })).StatusCode.ShouldBe(HttpStatusCode.OK);
        var shown = (await Http.GetJsonAsync($"/v1/conversations/{id}")).GetProperty("tags").EnumerateArray().Single();
        (shown.String("name"), shown.String("color")).ShouldBe(("Invoices", "red"));
        (await Http.DeleteAsync($"/v1/conversations/{id}/tags/{tag}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await ListAsync($"?tagId={tag}")).ShouldBeEmpty();
        (await Http.DeleteAsync($"/v1/tags/{tag}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await _tenant.QueryAsync<string>("select action from audit where tenant_id = @tenant and (action like 'tag.%' or action like '%tagged') order by at, id", new { tenant = _tenant.Tenant.Id }))
            .ShouldBe(["tag.created", "conversation.tagged", "tag.changed", "conversation.untagged", "tag.deleted"]);
    }

    [Theory]
    [InlineData("", "teal", "name")]
    [InlineData("two\nlines", "teal", "name")]
    [InlineData("a name that is much longer than a tag may be", "teal", "name")]
    [InlineData("BILLING", "teal", "name")]
    [InlineData("fine", "purple", "color")]
    public async Task A_tag_that_cannot_be_is_refused_by_its_field(string name, string color, string field)
    {
        await TagAsync("Billing");
        using var response = await Http.PostAsJsonAsync("/v1/tags", new { name, color });
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.JsonAsync()).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Tags_of_another_tenant_are_not_there()
    {
        var id = await _visitor.StartAsync("hello");
        var other = await _world.TenantAsync();
        using var made = await (await other.AgentAsync()).Client.PostAsJsonAsync("/v1/tags", new { name = "Theirs" });
        var theirs = (await made.JsonAsync()).GetProperty("id").GetGuid();
        (await Http.PutAsync($"/v1/conversations/{id}/tags/{theirs}", null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Http.DeleteAsync($"/v1/tags/{theirs}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Http.PostAsJsonAsync("/v1/conversations/views", new { name = "x", filter = new { tagId = new[] { theirs } } })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task What_is_done_with_many_is_done_with_each_and_what_fails_is_named()
    {
        var (open, closed, unknown) = (await _visitor.StartAsync("one"), await _visitor.StartAsync("two"), Guid.CreateVersion7());
        await _visitor.Client.PostAsync($"/v1/widget/conversations/{closed}/end", null);
        var result = await ActAsync(new { conversationIds = new[] { open, closed, unknown }, action = "close", resolved = true });
        result.GetProperty("done").EnumerateArray().Select(d => d.GetGuid()).ShouldBe([open]);
        result.GetProperty("failed").EnumerateArray().Select(f => (f.GetProperty("conversationId").GetGuid(), f.String("code"))).ShouldBe([(closed, "conversation.closed"), (unknown, "not_found")]);
        (await ListAsync("?outcome=by_person")).ShouldBe([open]);

        (await ActAsync(new { conversationIds = new[] { open, closed }, action = "reopen" })).GetProperty("done").GetArrayLength().ShouldBe(2);
        (await ListAsync("?status=open")).Count.ShouldBe(2);
        (await ListAsync("?outcome=by_person")).ShouldBeEmpty("what the ledger said is reversed");
        (await _tenant.QueryAsync<int>("select count(*)::int from conversations where settle_at is null")).ShouldBe([0], "silence settles what nobody takes up");

        var tag = await TagAsync("Many");
        (await ActAsync(new { conversationIds = new[] { open, closed }, action = "tag", tagId = tag })).GetProperty("done").GetArrayLength().ShouldBe(2);
        (await ListAsync($"?tagId={tag}")).Count.ShouldBe(2);
        (await ActAsync(new { conversationIds = new[] { open }, action = "untag", tagId = tag })).GetProperty("failed").GetArrayLength().ShouldBe(0);
        (await ListAsync($"?tagId={tag}")).ShouldBe([closed]);
        (await ActAsync(new { conversationIds = new[] { open }, action = "assign", agentId = _agent.UserId })).GetProperty("done").GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"conversationIds":[],"action":"close","resolved":true}""", "conversationIds")]
    [InlineData("""{"conversationIds":["01936a5e-0000-7000-8000-0123456789ab"],"action":"delete"}""", "action")]
    [InlineData("""{"conversationIds":["01936a5e-0000-7000-8000-0123456789ab"],"action":"close"}""", "resolved")]
    [InlineData("""{"conversationIds":["01936a5e-0000-7000-8000-0123456789ab"],"action":"tag"}""", "tagId")]
    [InlineData("""{"conversationIds":["01936a5e-0000-7000-8000-0123456789ab"],"action":"assign"}""", "agentId")]
    public async Task An_action_that_says_too_little_is_refused_by_its_field(string body, string field)
    {
        using var response = await Http.PostAsync("/v1/conversations/actions", new StringContent(body, null, "application/json"));
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.JsonAsync()).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Views_are_ones_own_until_they_are_shared_and_everybody_chooses_with_which_the_list_opens()
    {
        var colleague = await _tenant.AgentAsync();
        var reader = await _tenant.AgentAsync("viewer");
        var view = await MakeAsync(_agent, new { name = "Bad ones", filter = new { status = "closed", rating = "1,2", q = "refund" }, @default = true });
        view.GetProperty("filter").String("rating").ShouldBe("1,2");
        view.GetProperty("default").GetBoolean().ShouldBeTrue();
        (await NamesAsync(colleague)).ShouldBeEmpty();
        (await NamesAsync(_agent)).ShouldBe(["Bad ones"]);
        var path = $"/v1/conversations/views/{view.GetProperty("id").GetGuid()}";
        (await colleague.Client.DeleteAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        (await Http.PatchAsJsonAsync(path, new { shared = true })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await NamesAsync(colleague)).ShouldBe(["Bad ones"]);
        (await reader.Client.PatchAsJsonAsync(path, new { name = "Mine now" })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await reader.Client.DeleteAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await reader.Client.PutAsync(path + "/default", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await reader.Client.GetJsonAsync("/v1/conversations/views")).GetProperty("items")[0].GetProperty("default").GetBoolean().ShouldBeTrue();
        (await reader.Client.PostAsJsonAsync("/v1/conversations/views", new { name = "x", filter = new { } })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        await MakeAsync(colleague, new { name = "Own", filter = new { status = "open" } });
        (await NamesAsync(colleague)).ShouldBe(["Own", "Bad ones"]);

        (await Http.PatchAsJsonAsync(path, new { shared = false })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await NamesAsync(colleague)).ShouldBe(["Own"]);
        (await reader.Client.DeleteAsync(path + "/default")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _tenant.QueryAsync<int>("select count(*)::int from conversation_view_defaults")).ShouldBe([1]);
        (await Http.DeleteAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await _tenant.QueryAsync<int>("select count(*)::int from conversation_view_defaults")).ShouldBe([0]);
    }

    private static async Task<JsonElement> MakeAsync(SignedIn by, object body)
    {
        using var response = await by.Client.PostAsJsonAsync("/v1/conversations/views", body);
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    private static async Task<IReadOnlyList<string?>> NamesAsync(SignedIn by) =>
        [.. (await by.Client.GetJsonAsync("/v1/conversations/views")).GetProperty("items").EnumerateArray().Select(v => v.String("name"))];

    [Theory]
    [InlineData("""{"name":"","filter":{}}""", "name")]
    [InlineData("""{"name":"x"}""", "filter")]
    [InlineData("""{"name":"x","filter":{"status":"dead"}}""", "filter.status")]
    [InlineData("""{"name":"x","filter":{"agentId":"01936a5e-0000-7000-8000-0123456789ab"}}""", "filter.agentId")]
    public async Task A_view_that_could_not_be_opened_is_not_saved(string body, string field)
    {
        using var response = await Http.PostAsync("/v1/conversations/views", new StringContent(body, null, "application/json"));
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.JsonAsync()).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Filters_know_how_it_ended_how_certain_it_was_how_it_was_rated_and_when_it_began()
    {
        var (answered, fresh) = (await _visitor.StartAsync("first"), await _visitor.StartAsync("second"));
        await _tenant.AnswerAsync(answered, "an answer");
        await _visitor.Client.PostAsJsonAsync($"/v1/widget/conversations/{answered}/rating", new { rating = 2 });
        (await ListAsync("?outcome=answered")).ShouldBe([answered]);
        (await ListAsync("?outcome=none")).ShouldBe([fresh]);
        (await ListAsync("?confidence=high")).ShouldBe([answered]);
        (await ListAsync("?confidence=low,none")).ShouldBe([fresh]);
        (await ListAsync("?rating=1,2")).ShouldBe([answered]);
        (await ListAsync("?rating=none")).ShouldBe([fresh]);
        (await ListAsync("?language=EN&rating=2&confidence=high&outcome=answered&status=open")).ShouldBe([answered]);
        (await ListAsync("?to=2020-01-01")).ShouldBeEmpty();
        (await ListAsync("?from=2020-01-01")).Count.ShouldBe(2);
        (await Http.GetJsonAsync("/v1/conversations/count?rating=2")).GetProperty("count").GetInt32().ShouldBe(1);
        (await Http.GetJsonAsync("/v1/conversations/count")).GetProperty("more").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task The_export_holds_what_the_list_shows_safe_for_spreadsheets_and_is_written_down_without_the_words()
    {
        var id = await _visitor.StartAsync("=HYPERLINK(\"http://x\") refund");
        await _tenant.AnswerAsync(id, "It is on its way.");
        await _agent.Client.PostAsJsonAsync($"/v1/conversations/{id}/messages", new { text = "called them", visibility = "note" });
        await _visitor.StartAsync("weather");
        var csv = await Http.GetStringAsync("/v1/conversations/export?q=refund");
        var lines = csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(2);
        lines[1].ShouldStartWith($"\"{id}\"");
        lines[1].ShouldEndWith("\"'=HYPERLINK(\"\"http://x\"\") refund\"");
        (await Http.GetStringAsync("/v1/conversations/export")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(3);

        using var response = await Http.GetAsync("/v1/conversations/export?format=jsonl&outcome=answered");
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/jsonl");
        var line = JsonDocument.Parse((await response.Content.ReadAsStringAsync()).Trim().Split('\n').Single()).RootElement;
        line.GetProperty("conversation").GetProperty("id").GetGuid().ShouldBe(id);
        line.GetProperty("messages").EnumerateArray().Select(m => m.Text()).ShouldBe(["=HYPERLINK(\"http://x\") refund", "It is on its way.", "called them"]);

        (await Http.GetAsync("/v1/conversations/export?format=xml")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var audited = await _tenant.QueryAsync<string>("select payload::text from audit where action = 'conversations.exported' order by at, id");
        audited.Count.ShouldBe(3);
        audited.ShouldAllBe(payload => !payload.Contains("refund"));
    }

    [Theory]
    [InlineData("=1+1", "\"'=1+1\"")]
    [InlineData("  @x", "\"'  @x\"")]
    [InlineData("plain, with \"quotes\"", "\"plain, with \"\"quotes\"\"\"")]
    [InlineData(null, "")]
    public void A_cell_is_never_a_formula(string? text, string cell) => ExportConversations.Cell(text).ShouldBe(cell);
}
