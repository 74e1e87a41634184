using System.Net.Http.Json;
using System.Text.Json;
using Parley.Testkit;
using Parley.Tests.Integration.Escalations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Conversations;

public sealed class TaskTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_task_is_written_down_given_to_somebody_and_done()
    {
        var world = await HandoffWorld.MakeAsync(_host);
        var talk = await world.ConversationAsync("Help");
        using var added = await world.Agent.Client.PostAsJsonAsync("/v1/tasks", new { title = " Send the invoice ", conversationId = talk, ownerId = world.Agent.UserId, dueAt = "2027-01-01T00:00:00Z" });
        ((int)added.StatusCode).ShouldBe(201, await added.Content.ReadAsStringAsync());
        var task = await added.JsonAsync();
        var id = task.GetProperty("id").GetGuid();
        task.GetProperty("title").GetString().ShouldBe("Send the invoice");
        task.GetProperty("ownerName").GetString().ShouldNotBeNullOrEmpty();
        using var changed = await world.Agent.Client.PatchAsJsonAsync($"/v1/tasks/{id}", new { state = "done" });
        (await changed.JsonAsync()).GetProperty("state").GetString().ShouldBe("done");
        (await world.Agent.Client.GetJsonAsync("/v1/tasks?state=open")).GetProperty("items").GetArrayLength().ShouldBe(0);
        (await world.Agent.Client.GetJsonAsync($"/v1/tasks?conversationId={talk}")).GetProperty("items").GetArrayLength().ShouldBe(1);
        (await world.InAsync(s => s.QueryAsync<string>("select action from audit where target_kind = 'task' order by at, id"))).ShouldBe(["task.added", "task.changed"]);
    }

    [Fact]
    public async Task Tasks_are_found_by_state_by_owner_and_by_what_is_late_the_most_pressing_first()
    {
        var world = await HandoffWorld.MakeAsync(_host);
        var talk = await world.ConversationAsync("Where is my parcel?");
        await world.InAsync(s => s.ExecuteAsync("update conversations set subject = 'Where is my parcel?' where id = @talk", new { talk }));
        var now = _host.Time.GetUtcNow();
        var late = await AddAsync(new { title = "late", dueAt = now.AddHours(-1), ownerId = world.Agent.UserId, conversationId = talk });
        await AddAsync(new { title = "no time" });
        await AddAsync(new { title = "soon", dueAt = now.AddHours(1) });
        await AddAsync(new { title = "begun", dueAt = now.AddHours(2) }, new { state = "in_progress" });
        await AddAsync(new { title = "done", dueAt = now.AddHours(-2) }, new { state = "done" });

        (await TitlesAsync("state=open,in_progress&order=due")).ShouldBe(["late", "soon", "begun", "no time"]);
        (await TitlesAsync("overdue=true")).ShouldBe(["late"]);
        (await TitlesAsync($"ownerId={world.Agent.UserId}")).ShouldBe(["late"]);
        (await TitlesAsync("order=newest")).ShouldBe(["done", "begun", "soon", "no time", "late"]);
        var first = await world.Agent.Client.GetJsonAsync("/v1/tasks?state=open,in_progress&order=due&limit=3");
        first.GetProperty("items")[0].GetProperty("conversationSubject").GetString().ShouldBe("Where is my parcel?");
        (await TitlesAsync($"state=open,in_progress&order=due&limit=3&cursor={Uri.EscapeDataString(first.GetProperty("next").GetString()!)}")).ShouldBe(["no time"]);

        using var freed = await world.Agent.Client.PatchAsJsonAsync($"/v1/tasks/{late}", new { noOwner = true, noDueAt = true });
        var free = await freed.JsonAsync();
        (free.GetProperty("ownerId").ValueKind, free.GetProperty("dueAt").ValueKind, free.GetProperty("title").GetString()).ShouldBe((JsonValueKind.Null, JsonValueKind.Null, "late"));
        using var wrong = await world.Agent.Client.GetAsync("/v1/tasks?order=luck");
        await wrong.ShouldFailAsync(400, "invalid", "order");

        async Task<IReadOnlyList<string?>> TitlesAsync(string query) =>
            [.. (await world.Agent.Client.GetJsonAsync("/v1/tasks?" + query)).GetProperty("items").EnumerateArray().Select(t => t.GetProperty("title").GetString())];

        async Task<Guid> AddAsync(object body, object? change = null)
        {
            using var added = await world.Agent.Client.PostAsJsonAsync("/v1/tasks", body);
            var id = (await added.JsonAsync()).GetProperty("id").GetGuid();
            if (change is not null)
            {
                using var changed = await world.Agent.Client.PatchAsJsonAsync($"/v1/tasks/{id}", change);
                ((int)changed.StatusCode).ShouldBe(200);
            }
            return id;
        }
    }

    [Fact]
    public async Task What_is_wrong_is_named_and_changes_nothing()
    {
        var world = await HandoffWorld.MakeAsync(_host);
        await FailsAsync(new { title = " " }, 400, "invalid", "title");
        await FailsAsync(new { title = new string('x', 301) }, 400, "invalid", "title");
        await FailsAsync(new { title = "x", ownerId = Guid.CreateVersion7() }, 400, "invalid", "ownerId");
        await FailsAsync(new { title = "x", conversationId = Guid.CreateVersion7() }, 404, "not_found");
        using var state = await world.Agent.Client.GetAsync("/v1/tasks?state=lost");
        await state.ShouldFailAsync(400, "invalid", "state");
        using var unknown = await world.Agent.Client.PatchAsJsonAsync($"/v1/tasks/{Guid.CreateVersion7()}", new { state = "done" });
        await unknown.ShouldFailAsync(404, "not_found");
        (await world.Agent.Client.GetJsonAsync("/v1/tasks")).GetProperty("items").GetArrayLength().ShouldBe(0);
        var viewer = await world.Tenant.MemberAsync("viewer");
        using var forbidden = await viewer.Client.PostAsJsonAsync("/v1/tasks", new { title = "x" });
        await forbidden.ShouldFailAsync(403, "forbidden");

        async Task FailsAsync(object body, int status, string code, string? field = null)
        {
            using var response = await world.Agent.Client.PostAsJsonAsync("/v1/tasks", body);
            await (field is null ? response.ShouldFailAsync(status, code) : response.ShouldFailAsync(status, code, field));
        }
    }
}
