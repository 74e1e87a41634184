using System.Net.Http.Json;
using System.Text.Json;
using Parley.Testkit;
using Parley.Tests.Integration.Escalations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Conversations;

/// <summary>What one of the team changes, the others' lists follow: by the one feed, and nobody else hears of it.</summary>
public sealed class ChangesTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_team_hears_what_kind_of_thing_changed_and_nothing_of_what_stands_in_it()
    {
        var world = await HandoffWorld.MakeAsync(_host);
        var other = await HandoffWorld.MakeAsync(_host);
        await using var team = new FeedClient(world.Agent.Client);
        await using var strangers = new FeedClient(other.Agent.Client);
        await team.ReadyAsync();
        await strangers.ReadyAsync();

        using var added = await world.Agent.Client.PostAsJsonAsync("/v1/tasks", new { title = "Call the secret supplier" });
        var id = (await added.JsonAsync()).GetProperty("id").GetGuid();
        using var refused = await world.Agent.Client.PostAsJsonAsync("/v1/tasks", new { title = "" });
        ((int)refused.StatusCode).ShouldBe(400);
        using var changed = await world.Agent.Client.PatchAsJsonAsync($"/v1/tasks/{id}", new { state = "done" });

        var first = await team.NextOfAsync("changed");
        (first.Id, first.Data.GetRawText()).ShouldBe((null, """{"what":"tasks","id":null}"""), "no cursor: it is in no table");
        var second = await team.NextOfAsync("changed");
        (second.Data.GetProperty("what").GetString(), second.Data.GetProperty("id").GetGuid()).ShouldBe(("tasks", id), "what was refused is not told");

        // The first that the other workspace hears is its own.
        using var own = await other.Agent.Client.PostAsJsonAsync("/v1/tasks", new { title = "Ours" });
        var ownId = (await own.JsonAsync()).GetProperty("id").GetGuid();
        using var done = await other.Agent.Client.PatchAsJsonAsync($"/v1/tasks/{ownId}", new { state = "done" });
        (await strangers.NextOfAsync("changed")).Data.GetProperty("id").ValueKind.ShouldBe(JsonValueKind.Null);
        (await strangers.NextOfAsync("changed")).Data.GetProperty("id").GetGuid().ShouldBe(ownId);
    }
}
