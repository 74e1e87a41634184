using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Identity;
using Parley.Knowledge;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;
using static Parley.Tests.Integration.Knowledge.KnowledgeWorld;

namespace Parley.Tests.Integration.Knowledge;

/// <summary>What a manager sees of the state of knowledge: versions, duplicates, contradictions.</summary>
public sealed class FreshnessTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Restore =
        "To restore a database from a backup open the backups tab of the service, choose the backup by its date, press restore and wait until the new volume is mounted before you deploy again.";

    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ParleyHost.StartAsync(postgres, services =>
    {
        services.Configure<IdentityOptions>(options => options.PasswordIterations = 1000);
        services.AddSingleton(new KnowledgeOptions { ReviewDelay = TimeSpan.Zero, ChangeDelay = TimeSpan.Zero });
    });

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_changed_document_shows_what_it_said_before()
    {
        var client = (await _host.TenantAsync()).Operator();
        for (var i = 1; i <= 13; i++)
            await client.ImportAsync("Docs", "complete", File("plans.md", $"# Plans\n\n## Prices\n\nThe hobby plan costs {i} dollars.\n\n## Seats\n\nIt has one seat."));
        var document = (await client.GetJsonAsync("/v1/knowledge/documents")).GetProperty("items")[0].Text("id");

        var versions = (await client.GetJsonAsync($"/v1/knowledge/documents/{document}/versions")).GetProperty("items").EnumerateArray().ToList();
        versions.Select(v => v.Int("version")).ShouldBe(Enumerable.Range(3, 11).Reverse());
        versions[0].GetProperty("replacedAt").ValueKind.ShouldBe(JsonValueKind.Null);
        var diff = await client.GetJsonAsync($"/v1/knowledge/documents/{document}/diff?from=5");
        (diff.Int("from"), diff.Int("to"), diff.Int("added"), diff.Int("removed")).ShouldBe((5, 13, 1, 1));
        diff.GetProperty("lines").EnumerateArray().Where(l => l.Text("kind") is "added" or "removed").Select(l => l.Text("text")).ShouldBe(["The hobby plan costs 5 dollars.", "The hobby plan costs 13 dollars."]);
        (await client.GetJsonAsync($"/v1/knowledge/documents/{document}/diff")).Int("from").ShouldBe(12);
        using var unknown = await client.GetAsync($"/v1/knowledge/documents/{document}/diff?from=1");
        await unknown.ShouldFailAsync(400, "invalid", "from");
    }

    [Fact]
    public async Task Duplicates_and_contradictions_are_found_dismissed_and_gone_with_their_passages()
    {
        var client = (await _host.TenantAsync()).Operator();
        var one = await client.ImportAsync("Handbook", "complete", File("restore.md", Restore), File("refund.md", "Refunds are possible within 30 days of the purchase."));
        await client.ImportAsync("Blog", "complete", File("post.md", "Dear friends. " + Restore), File("faq.md", "Refunds are possible within 14 days of the purchase."));

        var findings = await FindingsAsync(client, 2);
        var contradiction = findings.Single(f => f.Text("kind") == "contradiction");
        new[] { contradiction.Text("passage"), contradiction.Text("otherPassage") }.ShouldBe(
            ["Refunds are possible within 30 days of the purchase.", "Refunds are possible within 14 days of the purchase."], ignoreOrder: true);
        var duplicate = findings.Single(f => f.Text("kind") == "duplicate");
        new[] { duplicate.Text("title"), duplicate.Text("otherTitle") }.ShouldBe(["Restore", "Post"], ignoreOrder: true);
        duplicate.GetProperty("similarity").GetDouble().ShouldBeGreaterThan(0.85);
        var freshness = (await client.GetJsonAsync($"/v1/knowledge/sources/{one.Text("sourceId")}")).GetProperty("freshness");
        (freshness.Int("duplicates"), freshness.Int("contradictions")).ShouldBe((1, 1));

        (await client.PostAsync($"/v1/knowledge/findings/{contradiction.Text("id")}/dismiss", null)).EnsureSuccessStatusCode();
        (await client.PostAsync("/v1/knowledge/review", null)).EnsureSuccessStatusCode();
        await client.ImportAsync("Handbook", "complete", File("restore.md", "Restoring is described in the blog."), File("refund.md", "Refunds are possible within 30 days of the purchase."));
        (await FindingsAsync(client, 0)).ShouldBeEmpty();
        (await client.GetJsonAsync("/v1/knowledge/findings?state=dismissed")).GetProperty("items").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_canary_is_answered_while_its_source_is_there_fails_when_it_says_so_no_longer_and_is_gone_with_it()
    {
        var client = (await _host.TenantAsync()).Operator();
        var import = await client.ImportAsync("Handbook", "complete", File("refund.md", "# Refunds\n\nRefunds are possible within 30 days of the purchase."), File("seats.md", "# Seats\n\nA seat costs nine dollars."));
        var source = import.Text("sourceId");
        using var bad = await client.PutAsJsonAsync($"/v1/quality/canaries/{source}", new { question = " " });
        await bad.ShouldFailAsync(400, "invalid", "question");
        using var nowhere = await client.PutAsJsonAsync($"/v1/quality/canaries/{Guid.CreateVersion7()}", new { question = "Are refunds possible?" });
        await nowhere.ShouldFailAsync(404, "not_found");
        (await client.PutAsJsonAsync($"/v1/quality/canaries/{source}", new { question = "Within how many days are refunds possible?" })).EnsureSuccessStatusCode();
        (await CanaryAsync(client, "answered")).GetProperty("confidence").GetDouble().ShouldBeGreaterThan(0);

        await client.ImportAsync("Handbook", "complete", File("seats.md", "# Seats\n\nA seat costs nine dollars."));
        (await CanaryAsync(client, "unanswered")).GetProperty("failingSince").ValueKind.ShouldBe(JsonValueKind.String);
        await client.ImportAsync("Handbook", "complete", File("refund.md", "# Refunds\n\nRefunds are possible within 30 days of the purchase."));
        (await CanaryAsync(client, "answered")).GetProperty("failingSince").ValueKind.ShouldBe(JsonValueKind.Null);
        (await client.DeleteAsync($"/v1/knowledge/sources/{source}")).EnsureSuccessStatusCode();
        (await CanaryAsync(client, "gone")).Text("sourceName").ShouldBe("Handbook");
        (await client.DeleteAsync($"/v1/quality/canaries/{source}")).EnsureSuccessStatusCode();
    }

    private static async Task<JsonElement> CanaryAsync(HttpClient client, string state)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var canary = (await client.GetJsonAsync("/v1/quality/canaries")).GetProperty("items")[0];
            if (canary.Text("state") == state)
                return canary;
            await Task.Delay(50, patience.Token);
        }
    }

    private static async Task<IReadOnlyList<JsonElement>> FindingsAsync(HttpClient client, int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var items = (await client.GetJsonAsync("/v1/knowledge/findings")).GetProperty("items").EnumerateArray().ToList();
            if (items.Count == count)
                return items;
            await Task.Delay(50, patience.Token);
        }
    }
}
