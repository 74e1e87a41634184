using System.Text.Json;
using Parley.Testkit;
using Parley.Tests.Integration.Conversations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;
using static Parley.Tests.Integration.Knowledge.KnowledgeWorld;

namespace Parley.Tests.Integration.Knowledge;

/// <summary>What the feed tells about imports.</summary>
public sealed class ImportFeedTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly string[] Counters = ["added", "changed", "unchanged", "removed", "failed", "chunks"];

    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task An_import_is_followed_from_its_start_over_its_progress_to_its_end()
    {
        var tenant = await _host.TenantAsync();
        await using var feed = new FeedClient((await tenant.MemberAsync("manager")).Client);
        await feed.ReadyAsync();

        var end = await tenant.Operator().ImportAsync("Docs", "complete", Many(300, "first"));
        var heard = await UntilEndAsync(feed, end.GetProperty("id").GetGuid());

        heard[^1].Text("state").ShouldBe("succeeded");
        foreach (var counter in Counters.Append("total"))
            heard[^1].Int(counter).ShouldBe(end.Int(counter), counter);
        heard[^1].Int("added").ShouldBe(300);
        heard.Count(e => e.Text("state") == "running").ShouldBeGreaterThan(0);
        foreach (var counter in Counters)
            heard.Select(e => e.Int(counter)).ShouldBeInOrder();
        heard.Select(e => (e.Text("state"), string.Join(' ', Counters.Select(c => e.Int(c))))).ShouldBeUnique();
    }

    [Fact]
    public async Task A_feed_that_was_away_hears_of_the_end_when_it_comes_back()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("manager");
        await using var feed = new FeedClient(member.Client);
        await feed.ReadyAsync();
        var client = tenant.Operator();
        var id = (await client.CreateImportAsync("Docs")).GetProperty("id").GetGuid();
        (await feed.NextOfAsync("import")).Data.Text("state").ShouldBe("uploading");
        await feed.DropAsync();

        using (var uploaded = await client.UploadAsync(id, Many(5, "away")))
            uploaded.EnsureSuccessStatusCode();
        using (var started = await client.PostAsync($"/v1/knowledge/imports/{id}/start", null))
            started.EnsureSuccessStatusCode();
        (await client.EndAsync(id)).Text("state").ShouldBe("succeeded");

        await feed.ConnectAsync();
        var last = (await UntilEndAsync(feed, id))[^1];
        (last.Text("state"), last.Int("added")).ShouldBe(("succeeded", 5));

        // A tab that opens now is told as well; the neighbour's is not.
        await using var other = new FeedClient(member.Client);
        await other.ConnectAsync();
        (await UntilEndAsync(other, id))[^1].Int("added").ShouldBe(5);
    }

    [Fact]
    public async Task Another_tenant_hears_only_of_its_own()
    {
        var (mine, theirs) = (await _host.TenantAsync(), await _host.TenantAsync());
        await using var feed = new FeedClient((await mine.MemberAsync("manager")).Client);
        await feed.ReadyAsync();

        await theirs.Operator().ImportAsync("Docs", "complete", Many(3, "theirs"));
        var own = await mine.Operator().ImportAsync("Docs", "complete", Many(2, "mine"));

        // Were the other's events sent, they would come before the end of this one.
        foreach (var heard in await UntilEndAsync(feed, own.GetProperty("id").GetGuid(), onlyThat: false))
            heard.Text("importId").ShouldBe(own.Text("id"));
    }

    private static (string, byte[])[] Many(int count, string what) =>
        [.. Enumerable.Range(0, count).Select(i => File($"{what}/{i}.md", $"# Page {i}\n\nThe {what} page number {i} says little."))];

    private static async Task<List<JsonElement>> UntilEndAsync(FeedClient feed, Guid importId, bool onlyThat = true)
    {
        var heard = new List<JsonElement>();
        while (true)
        {
            var e = (await feed.NextOfAsync("import")).Data;
            var isThat = e.GetProperty("importId").GetGuid() == importId;
            if (isThat || !onlyThat)
                heard.Add(e);
            if (isThat && e.Text("state") is "succeeded" or "failed" or "cancelled")
                return heard;
        }
    }
}
