using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform.Objects;
using Parley.Testkit;
using Parley.Tests.Integration.Conversations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Privacy;

public sealed class ErasureTests(WidgetWorldFixture fixture) : IClassFixture<WidgetWorldFixture>, IAsyncLifetime
{
    /// <summary>Ids without content that stay for a while: why.</summary>
    private static readonly Dictionary<string, string> Stay = new(StringComparer.Ordinal)
    {
        ["budget_reservations"] = "money held for a call under way: minutes",
        ["batch_items"] = "paid work whose money is to be settled: a month, without texts",
    };

    private readonly WidgetWorld _world = fixture.World;
    private WidgetTenant _tenant = null!;
    private SignedIn _owner = null!;

    public async ValueTask InitializeAsync()
    {
        _tenant = await _world.TenantAsync();
        _owner = await _tenant.AgentAsync("owner");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private TestDatabase Database => _world.Host.Database;

    [Fact]
    public async Task Nothing_of_a_conversation_is_left_in_any_table_that_the_catalogue_knows()
    {
        var planted = await PlantAsync();
        var before = await Footprints.MentioningAsync(Database.Everything, _tenant.Tenant.Id, [.. planted.Ids, planted.Canary]);
        // What is added to the schema later and is not planted here fails first, not the search for what is left.
        (await Footprints.OfConversationsAsync(Database.Everything)).Except(Stay.Keys).Except(before).ShouldBeEmpty("plant a row of these tables, and see that erasing takes it");
        (await _world.Host.Services.GetRequiredService<ObjectStore>().HoldsAsync(_tenant.Tenant.Id, planted.File, default)).ShouldBeTrue();

        await (await _owner.Client.PostAsJsonAsync($"/v1/conversations/{planted.Conversation}/erase", new { confirm = "delete" })).ShouldFailAsync(400, "invalid", "confirm");
        (await EraseAsync($"/v1/conversations/{planted.Conversation}/erase")).ShouldBe(1);

        (await Footprints.MentioningAsync(Database.Everything, _tenant.Tenant.Id, planted.Ids)).Except(Stay.Keys).ShouldBe(["audit"]);
        (await Footprints.MentioningAsync(Database.Everything, _tenant.Tenant.Id, planted.Canary)).ShouldBe(["end_users"], "the customer, whose name it is, stays");
        (await _world.Host.Services.GetRequiredService<ObjectStore>().HoldsAsync(_tenant.Tenant.Id, planted.File, default)).ShouldBeFalse();
        (await _tenant.QueryAsync<decimal>("select cost from usage")).ShouldBe([0.25m], "what was paid was paid");
        (await _owner.Client.GetJsonAsync("/v1/conversations/search?q=" + planted.Canary)).GetProperty("items").GetArrayLength().ShouldBe(0);
        await (await _owner.Client.GetAsync($"/v1/conversations/{planted.Conversation}")).ShouldFailAsync(404, "not_found");
        await (await planted.Visitor.PostAsync(planted.Conversation, new { text = "Hello?" })).ShouldFailAsync(404, "not_found");
        (await _tenant.QueryAsync<string>("select payload::text from audit where action = 'conversation.erased'")).ShouldBe(["""{"conversations": 1}"""]);
    }

    [Fact]
    public async Task A_customer_goes_with_every_conversation_and_another_one_stays()
    {
        var (planted, other) = (await PlantAsync(), await _tenant.VisitorAsync());
        var kept = await other.StartAsync("Where is my parcel?");
        var second = await planted.Visitor.StartAsync("And " + planted.Canary);
        var customer = await _owner.Client.GetJsonAsync($"/v1/customers/{planted.Visitor.EndUserId}");
        customer.GetProperty("conversations").GetInt32().ShouldBe(2);
        customer.GetProperty("name").GetString().ShouldBe(planted.Canary);

        (await EraseAsync($"/v1/customers/{planted.Visitor.EndUserId}/erase")).ShouldBe(2);

        (await Footprints.MentioningAsync(Database.Everything, _tenant.Tenant.Id, planted.Canary)).ShouldBeEmpty();
        (await Footprints.MentioningAsync(Database.Everything, _tenant.Tenant.Id, [.. planted.Ids, second.ToString(), planted.Visitor.EndUserId.ToString()])).Except(Stay.Keys).ShouldBe(["audit"]);
        ((int)(await planted.Visitor.Client.GetAsync("/v1/widget/conversations")).StatusCode).ShouldBe(401, "the session went with the customer");
        (await other.MessagesAsync(kept)).Count.ShouldBe(1);
        await (await _owner.Client.PostAsJsonAsync($"/v1/customers/{planted.Visitor.EndUserId}/erase", new { confirm = "erase" })).ShouldFailAsync(404, "not_found");
    }

    [Fact]
    public async Task Another_tenants_conversation_is_not_there_to_be_erased()
    {
        var other = await _world.TenantAsync();
        var visitor = await other.VisitorAsync();
        var theirs = await visitor.StartAsync("Mine");
        await (await _owner.Client.PostAsJsonAsync($"/v1/conversations/{theirs}/erase", new { confirm = "erase" })).ShouldFailAsync(404, "not_found");
        await (await _owner.Client.PostAsJsonAsync($"/v1/customers/{visitor.EndUserId}/erase", new { confirm = "erase" })).ShouldFailAsync(404, "not_found");
        (await visitor.MessagesAsync(theirs)).Count.ShouldBe(1);
        var agent = await _tenant.AgentAsync("manager");
        await (await agent.Client.PostAsJsonAsync($"/v1/conversations/{theirs}/erase", new { confirm = "erase" })).ShouldFailAsync(403, "forbidden");
    }

    [Fact]
    public async Task All_conversations_go_where_an_owner_says_the_name_and_the_password()
    {
        var visitor = await _tenant.VisitorAsync();
        await visitor.StartAsync("One");
        await visitor.StartAsync("Two");
        var name = "Tenant " + _tenant.Tenant.Slug;
        async Task<HttpResponseMessage> AskAsync(HttpClient client, string confirm, string? password) =>
            await client.PostAsJsonAsync("/v1/workspace/erase-conversations", new { confirm, password });
        await (await AskAsync(_owner.Client, "Another", IdentityHost.Password)).ShouldFailAsync(400, "invalid", "confirm");
        await (await AskAsync(_owner.Client, name, null)).ShouldFailAsync(400, "invalid", "password");
        await (await AskAsync(_owner.Client, name, "not the password")).ShouldFailAsync(400, "invalid", "password");
        var key = await _tenant.Tenant.ApiKeyAsync("privacy:write");
        await (await AskAsync(_world.Host.Client(key.Key), name, IdentityHost.Password)).ShouldFailAsync(403, "workspace.owner_only");

        using var begun = await AskAsync(_owner.Client, name, IdentityHost.Password);
        ((int)begun.StatusCode).ShouldBe(202);
        (await begun.JsonAsync()).GetProperty("conversations").GetInt32().ShouldBe(2);
        await UntilAsync(async () => (await _tenant.QueryAsync<int>("select count(*)::int from conversations")).Single() == 0);
        await UntilAsync(async () => (await _tenant.QueryAsync<int>("select count(*)::int from end_users")).Single() == 0);
        (await _tenant.QueryAsync<int>("select count(*)::int from widgets")).Single().ShouldBe(1);
    }

    private async Task<int> EraseAsync(string path)
    {
        using var response = await _owner.Client.PostAsJsonAsync(path, new { confirm = "erase" });
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        return (await response.JsonAsync()).GetProperty("conversations").GetInt32();
    }

    private static async Task UntilAsync(Func<Task<bool>> done)
    {
        for (var i = 0; i < 600 && !await done(); i++)
        {
            await Task.Delay(50);
        }
        (await done()).ShouldBeTrue();
    }

    private sealed record Planted(Visitor Visitor, Guid Conversation, string Canary, byte[] File, string[] Ids);

    /// <summary>A conversation that has left something wherever a conversation can.</summary>
    private async Task<Planted> PlantAsync()
    {
        var canary = "canary" + Guid.CreateVersion7().ToString("N")[^12..];
        var visitor = await _tenant.VisitorAsync();
        using var first = new HttpRequestMessage(HttpMethod.Post, "/v1/widget/conversations") { Content = JsonContent.Create(new { text = "Where is " + canary }) };
        first.Headers.Add("Idempotency-Key", canary);
        using var started = await visitor.Client.SendAsync(first);
        var conversation = (await started.JsonAsync()).GetProperty("id").GetGuid();
        using var tag = await _owner.Client.PostAsJsonAsync("/v1/tags", new { name = canary[^8..], color = "teal" });
        var tagId = (await tag.JsonAsync()).GetProperty("id").GetGuid();
        (await _owner.Client.PostAsJsonAsync("/v1/conversations/actions", new { conversationIds = new[] { conversation }, action = "tag", tagId })).EnsureSuccessStatusCode();
        (await _owner.Client.PostAsJsonAsync("/v1/tasks", new { title = canary, conversationId = conversation })).EnsureSuccessStatusCode();
        var golden = await _owner.Client.PostAsJsonAsync("/v1/quality/golden-questions", new { question = "Where is " + canary, sourceConversationId = conversation });
        golden.EnsureSuccessStatusCode();
        (await _owner.Client.PostAsJsonAsync($"/v1/conversations/{conversation}/messages", new { text = "Here is " + canary, visibility = "note" })).EnsureSuccessStatusCode();
        var message = (await _tenant.QueryAsync<Guid>("select id from messages where conversation_id = @conversation order by seq limit 1", new { conversation })).Single();
        var objects = _world.Host.Services.GetRequiredService<ObjectStore>();
        var file = await objects.PutAsync(_tenant.Tenant.Id, new MemoryStream(Encoding.UTF8.GetBytes(canary)), "text/plain", default);
        var ids = new
        {
            tenantId = _tenant.Tenant.Id, conversation, message, canary, turn = Guid.CreateVersion7(), handoff = Guid.CreateVersion7(), webhook = Guid.CreateVersion7(), delivery = Guid.CreateVersion7(),
            item = Guid.CreateVersion7(), run = Guid.CreateVersion7(), resolution = Guid.CreateVersion7(), endUser = visitor.EndUserId, assistant = _tenant.Defaults.AssistantId, hash = file.Hash,
            now = _world.Host.Time.GetUtcNow(), golden = (await golden.JsonAsync()).GetProperty("id").GetGuid(),
        };
        await Database.Tenants.InTransactionAsync(_tenant.Tenant.Id, async s =>
        {
            await objects.RecordAsync(s, file, "text/plain");
            await s.ExecuteAsync(PlantSql, ids);
        }, default);
        return new Planted(visitor, conversation, canary, file.Hash,
            [conversation.ToString(), message.ToString(), .. new[] { ids.turn, ids.handoff, ids.delivery, ids.golden, ids.resolution }.Select(id => id.ToString())]);
    }

    private const string PlantSql = """
        update end_users set name = @canary where id = @endUser;
        insert into message_parts (tenant_id, message_id, ordinal, type, content, object_hash) values (@tenantId, @message, 7, 'file', jsonb_build_object('name', @canary), @hash);
        insert into turns (tenant_id, id, conversation_id, message_id, job_id, through_seq, state, draft, created_at) values (@tenantId, @turn, @conversation, @message, @turn, 1, 'done', @canary, @now);
        insert into turn_steps (tenant_id, turn_id, attempt, ordinal, name, started_at, duration_us, created_at) values (@tenantId, @turn, 1, 1, 'generate', @now, 1, @now);
        insert into model_decisions (tenant_id, id, ordinal, at, turn_id, feature, step, reason) values (@tenantId, @item, 1, @now, @turn, 'answer', 'tier', 'test');
        insert into model_decisions (tenant_id, id, ordinal, at, conversation_id, feature, step, reason) values (@tenantId, @item, 2, @now, @conversation, 'summary', 'tier', 'test');
        insert into usage (tenant_id, id, at, service, provider, model, feature, conversation_id, end_user_id, turn_id, cost) values (@tenantId, @item, @now, 'llm', 'p', 'm', 'answer', @conversation, @endUser, @turn, 0.25);
        insert into answer_judgements (tenant_id, turn_id, conversation_id, outcome, is_right, judged_at) values (@tenantId, @turn, @conversation, 'answered', true, @now);
        insert into conversation_summaries (tenant_id, id, conversation_id, through_seq, text, asked_at) values (@tenantId, @item, @conversation, 1, @canary, @now);
        insert into batch_items (tenant_id, id, handler, subject_id, feature, service, conversation_id, end_user_id, anonymous, created_at, waits_from)
          values (@tenantId, @item, 'summary', @conversation, 'summary', 'llm', @conversation, @endUser, false, @now, @now);
        insert into batch_contents (tenant_id, item_id, request) values (@tenantId, @item, @canary);
        insert into budget_reservations (tenant_id, id, amount, node, expires_at, at, service, provider, model, feature, conversation_id, anonymous)
          values (@tenantId, @item, 0.1, 'test', now() + interval '1 hour', @now, 'llm', 'p', 'm', 'answer', @conversation, false);
        insert into budget_scopes (tenant_id, kind, subject_id, period, settled, touched_on) values (@tenantId, 'conversation', @conversation, '1970-01-01', 1, '2026-01-01');
        insert into handoffs (tenant_id, id, conversation_id, state, priority, reasons, summary, requested_by, waiting_since, created_at, updated_at, ended_at)
          values (@tenantId, @handoff, @conversation, 'closed', 'low', '{}', @canary, 'agent', @now, @now, @now, @now);
        insert into handoff_transitions (tenant_id, handoff_id, ordinal, to_state, actor_kind, reason, at) values (@tenantId, @handoff, 1, 'requested', 'agent', @canary, @now);
        insert into resolutions (tenant_id, id, conversation_id, class, actor_kind, evidence, created_at) values (@tenantId, @resolution, @conversation, 'by_person', 'agent', '{}', @now);
        insert into webhooks (tenant_id, id, url, events, enabled, secret_hint, position, read_at, created_at, updated_at)
          values (@tenantId, @webhook, 'https://hooks.example.invalid', array['message.created'], false, 'x', 0, @now, @now, @now);
        insert into webhook_deliveries (tenant_id, id, webhook_id, event_id, type, conversation_id, body, state, occurred_at, created_at)
          values (@tenantId, @delivery, @webhook, @item, 'message.created', @conversation, @canary, 'delivered', @now, @now);
        insert into webhook_attempts (tenant_id, delivery_id, number, at, duration_ms, response) values (@tenantId, @delivery, 1, @now, 1, @canary);
        insert into golden_runs (tenant_id, id, assistant_id, base_version, candidate_version, total, created_at) values (@tenantId, @run, @assistant, 0, 0, 1, @now);
        insert into golden_results (tenant_id, run_id, question_id, side, outcome, correct, answer, cited) values (@tenantId, @run, @golden, 'base', 'answered', true, @canary, '{}');
        insert into jobs (tenant_id, id, kind, payload, state, run_at, last_error, created_at, dead_at)
          values (@tenantId, @item, 'test.dead', jsonb_build_object('conversationId', @conversation), 'dead', @now, @canary, @now, @now);
        """;
}
