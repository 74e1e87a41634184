using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Host.Instance;
using Parley.Knowledge;
using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Search;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;
using static Parley.Tests.Integration.Knowledge.KnowledgeWorld;

namespace Parley.Tests.Integration.Knowledge;

/// <summary>Indexes in memory: given up for others, made again, and kept right on every node.</summary>
public sealed class IndexNodesTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Short_of_memory_the_tenant_asked_longest_ago_gives_way_and_its_index_is_made_again_when_asked()
    {
        await using var host = await ParleyHost.StartAsync(postgres, services => services.AddSingleton(new KnowledgeOptions { IndexBytes = 1 }));
        var search = host.Services.GetRequiredService<KnowledgeSearch>();
        var (first, second) = (await host.TenantAsync(), await host.TenantAsync());
        await first.Operator().ImportAsync("Docs", "complete", File("cron.md", "# Cron\n\nA cron run waits for the one before."), File("plans.md", "# Plans\n\nThe hobby plan costs five dollars."));
        await second.Operator().ImportAsync("Docs", "complete", File("volumes.md", "# Volumes\n\nA volume can be resized at any time."));

        var before = await host.SearchAsync(first.Id, "why does a cron run wait");
        before.Documents.ShouldNotBeEmpty();
        search.Holds(first.Id).ShouldBeTrue();
        (await host.SearchAsync(second.Id, "resize a volume")).Documents.ShouldNotBeEmpty();
        // One always stays: the one that was asked last.
        (search.Holds(first.Id), search.Holds(second.Id)).ShouldBe((false, true));

        // What happens to a tenant whose index is not in memory is there when it is made again.
        (await first.Operator().DeleteAsync($"/v1/knowledge/documents/{before.Documents[0].Id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await host.SearchAsync(first.Id, "why does a cron run wait")).Documents.ShouldNotContain(d => d.Id == before.Documents[0].Id);
        (await host.SearchAsync(first.Id, "what does the hobby plan cost")).Documents.ShouldHaveSingleItem().Title.ShouldBe("Plans");
        search.Holds(second.Id).ShouldBeFalse();
    }

    [Fact]
    public async Task Within_the_budget_no_tenant_gives_way()
    {
        await using var host = await IdentityHost.StartAsync(postgres);
        var search = host.Services.GetRequiredService<KnowledgeSearch>();
        TestTenant[] tenants = [await host.TenantAsync(), await host.TenantAsync(), await host.TenantAsync()];
        foreach (var tenant in tenants)
            await tenant.Operator().ImportAsync("Docs", "complete", File("cron.md", "# Cron\n\nA cron run waits for the one before."));
        foreach (var tenant in tenants)
            (await host.SearchAsync(tenant.Id, "cron run")).Documents.ShouldNotBeEmpty();
        tenants.ShouldAllBe(t => search.Holds(t.Id));
    }

    [Fact]
    public async Task Another_node_sees_a_change_and_a_deletion_and_never_quotes_what_is_gone()
    {
        await using var first = await IdentityHost.StartAsync(postgres);
        await using var second = await ParleyHost.StartAsync(postgres, database: first.Database, role: NodeRole.Web);
        var tenant = await first.TenantAsync();
        var here = tenant.Operator();
        var there = second.OperatorClient(tenant.Slug);
        await here.ImportAsync("Docs", "complete", File("cron.md", "# Cron\n\nA cron run waits five minutes for the one before."), File("plans.md", "# Plans\n\nThe hobby plan costs five dollars."));
        (await AskAsync(there, "How long does a cron run wait?")).ShouldContain("five minutes");

        await here.ImportAsync("Docs", "complete", File("cron.md", "# Cron\n\nA cron run waits nine minutes for the one before."), File("plans.md", "# Plans\n\nThe hobby plan costs five dollars."));

        // At once nothing of the old version is quoted; within the node's poll the new one is.
        await EventuallyAsync(async () =>
        {
            var answer = await AskAsync(there, "How long does a cron run wait?");
            answer.ShouldNotContain("five minutes");
            return answer.Contains("nine minutes", StringComparison.Ordinal);
        });

        var stale = await second.Services.GetRequiredService<KnowledgeSearch>().RefreshAsync(tenant.Id, default);
        var found = stale.Search(new RetrievalQuery { Text = "How long does a cron run wait?" });
        (await second.EvidenceAsync(tenant.Id, found)).ShouldContain(e => e.Text.Contains("nine minutes"));
        (await here.DeleteAsync($"/v1/knowledge/documents/{found.Documents[0].Id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        // The index above will never hear of the deletion, and finds the passage still: it is not there to be quoted.
        stale.Search(new RetrievalQuery { Text = "How long does a cron run wait?" }).Chunks.ShouldNotBeEmpty();
        (await second.EvidenceAsync(tenant.Id, found)).ShouldNotContain(e => e.DocumentId == found.Documents[0].Id);
        (await AskAsync(there, "How long does a cron run wait?")).ShouldNotContain("nine minutes");
        await EventuallyAsync(async () => !(await second.SearchAsync(tenant.Id, "cron run")).Documents.Any(d => d.Id == found.Documents[0].Id));
    }

    private static async Task<string> AskAsync(HttpClient client, string question)
    {
        using var response = await client.PostAsJsonAsync("/v1/assistant/ask", new { question, threshold = 0 });
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        var answer = await response.JsonAsync();
        return answer.Text("answer") + string.Concat(answer.GetProperty("citations").EnumerateArray().Select(c => c.Text("quote")));
    }

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await holds())
            await Task.Delay(20, patience.Token);
    }
}
