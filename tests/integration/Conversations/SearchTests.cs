using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Conversations.Search;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Conversations;

public sealed class SearchTests(WidgetWorldFixture fixture) : IClassFixture<WidgetWorldFixture>, IAsyncLifetime
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

    private async Task<IReadOnlyList<JsonElement>> FindAsync(string q, string more = "", SignedIn? by = null) =>
        [.. (await (by ?? _agent).Client.GetJsonAsync($"/v1/conversations/search?q={Uri.EscapeDataString(q)}{more}")).GetProperty("items").EnumerateArray()];

    private async Task<IReadOnlyList<Guid>> IdsAsync(string q, string more = "") => [.. (await FindAsync(q, more)).Select(f => f.GetProperty("conversation").GetProperty("id").GetGuid())];

    [Theory]
    [InlineData("Where are my REFUNDS?", "refund")]
    [InlineData("Où est la café crème", "creme")]
    [InlineData("Die Rückerstattung fehlt", "rucker")]
    [InlineData("如何申请退款？", "退款")]
    [InlineData("ขอคืนเงินได้ไหม", "คืนเงิน")]
    [InlineData("환불은 어떻게 하나요", "환불")]
    [InlineData("अनुवाद कैसे करें", "अनुवाद")]
    [InlineData("как вернуть деньги", "верну")]
    [InlineData("كيف أسترجع المال", "المال")]
    [InlineData("error ERR-1042 again", "err-1042")]
    public async Task A_message_is_found_in_its_language_by_words_that_may_be_only_begun(string message, string typed)
    {
        var id = await _visitor.StartAsync(message);
        await _visitor.StartAsync("something else entirely");
        var found = (await FindAsync(typed)).Single();
        found.GetProperty("conversation").GetProperty("id").GetGuid().ShouldBe(id);
        var match = found.GetProperty("match");
        match.String("text").ShouldBe(message);
        match.GetProperty("marks").GetArrayLength().ShouldBeGreaterThan(0);
        match.GetProperty("seq").GetInt64().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Every_word_must_be_in_one_message_and_the_newest_such_message_is_shown()
    {
        var id = await _visitor.StartAsync("the invoice of March");
        await _tenant.AnswerAsync(id, "Which invoice?");
        await _visitor.SendAsync(id, "invoice number nine");
        (await IdsAsync("march nine")).ShouldBeEmpty();
        (await IdsAsync("march invoices")).ShouldBe([id]);
        (await FindAsync("invoice")).Single().GetProperty("match").String("text").ShouldBe("invoice number nine");
    }

    [Fact]
    public async Task Notes_are_found_by_agents_and_nothing_is_found_by_another_tenant()
    {
        var id = await _visitor.StartAsync("hello");
        await _agent.Client.PostAsJsonAsync($"/v1/conversations/{id}/messages", new { text = "the zanzibar account", visibility = "note" });
        (await FindAsync("zanzibar")).Single().GetProperty("match").String("visibility").ShouldBe("note");
        (await _visitor.Client.GetAsync("/v1/conversations/search?q=zanzibar")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        var other = await (await _world.TenantAsync()).AgentAsync();
        (await FindAsync("zanzibar", by: other)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_deleted_or_changed_is_not_found_from_then_on()
    {
        var id = await _visitor.StartAsync("my secret is quokka");
        var kept = await _visitor.StartAsync("a quokka is an animal");
        await _tenant.QueryAsync<int>("delete from messages where conversation_id = @id returning 1", new { id });
        (await IdsAsync("quokka")).ShouldBe([kept]);
        await _tenant.QueryAsync<int>("""
            update message_parts set content = '{"text":"an ocelot"}' where message_id in (select m.id from messages m where m.conversation_id = @kept) returning 1
            """, new { kept });
        (await IdsAsync("quokka")).ShouldBeEmpty();
        (await IdsAsync("ocelot")).ShouldBeEmpty();
        await using var scope = _world.Host.Services.CreateAsyncScope();
        (await scope.ServiceProvider.GetRequiredService<FillTerms>().FillAsync(_tenant.Tenant.Id, default)).ShouldBe(1);
        (await IdsAsync("ocelot")).ShouldBe([kept]);
    }

    [Fact]
    public async Task Filters_hold_together_with_the_words_and_pages_go_on_without_a_gap()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await _visitor.StartAsync($"parcel {i}"));
        }
        await _visitor.Client.PostAsync($"/v1/widget/conversations/{ids[0]}/end", null);
        (await IdsAsync("parcel", "&status=closed")).ShouldBe([ids[0]]);
        (await IdsAsync("parcel", "&status=open,closed&language=en&channel=widget,email")).Count.ShouldBe(5);
        (await IdsAsync("parcel", "&language=de")).ShouldBeEmpty();
        var (seen, cursor) = (new List<Guid>(), "");
        do
        {
            var page = await _agent.Client.GetJsonAsync($"/v1/conversations/search?q=parcel&limit=2&cursor={cursor}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(f => f.GetProperty("conversation").GetProperty("id").GetGuid()));
            cursor = page.String("next") ?? "";
        }
        while (cursor.Length > 0);
        seen.ShouldBe([ids[0], ids[4], ids[3], ids[2], ids[1]]);
    }

    [Fact]
    public async Task What_lies_further_back_than_is_compared_is_found_by_the_index()
    {
        var first = await _visitor.StartAsync("needle of long ago");
        var closed = await _visitor.StartAsync("needle that was closed");
        await _visitor.Client.PostAsync($"/v1/widget/conversations/{closed}/end", null);
        await _tenant.QueryAsync<int>("""
            insert into conversations (tenant_id, id, end_user_id, assistant_id, widget_id, created_at, updated_at)
            select c.tenant_id, gen_random_uuid(), c.end_user_id, c.assistant_id, c.widget_id, c.created_at, c.updated_at + interval '1 hour' + n * interval '1 second'
              from conversations c, generate_series(1, @many) n where c.id = @first returning 1
            """, new { first, many = SearchConversations.Newest + 10 });
        (await IdsAsync("needle")).ShouldBe([closed, first]);
        (await IdsAsync("needle", "&limit=1")).ShouldBe([closed]);
        (await IdsAsync("needle", "&status=open")).ShouldBe([first]);
        (await IdsAsync("needle", "&status=closed")).ShouldBe([closed]);
        (await IdsAsync("needles missing")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("?q=", "q")]
    [InlineData("", "q")]
    [InlineData("?q=%00", "q")]
    [InlineData("?q=a&status=dead", "status")]
    [InlineData("?q=a&rating=6", "rating")]
    [InlineData("?q=a&outcome=bad", "outcome")]
    [InlineData("?q=a&confidence=.5", "confidence")]
    [InlineData("?q=a&language=%25", "language")]
    [InlineData("?q=a&from=2026-02-01&to=2026-01-01", "to")]
    [InlineData("?q=a&limit=0", "limit")]
    [InlineData("?q=a&cursor=x", "cursor")]
    public async Task What_cannot_be_meant_is_refused_by_its_name(string query, string field)
    {
        using var response = await _agent.Client.GetAsync("/v1/conversations/search" + query);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.JsonAsync()).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Signs_alone_find_nothing() => (await FindAsync("&|!:*")).ShouldBeEmpty();
}
