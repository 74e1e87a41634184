using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Parley.Conversations.Contracts;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Outbound;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Parley.Tests.Integration.Knowledge;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Host;

/// <summary>What the console shows, from the command line of another machine.</summary>
public sealed class ClientCommandsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private WebsiteDouble _site = null!;
    private ParleyHost _host = null!;
    private TestTenant _tenant = null!;

    public async ValueTask InitializeAsync()
    {
        _site = await WebsiteDouble.StartAsync();
        _host = await ParleyHost.StartAsync(postgres, services => services.AddSingleton(_ => new GuardedHttp(_site.HostAndPort, TimeProvider.System, (name, ct) => System.Net.Dns.GetHostAddressesAsync(name, ct))));
        _tenant = await _host.TenantAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _site.DisposeAsync();
    }

    [Fact]
    public async Task A_website_is_looked_at_imported_fetched_again_scheduled_paused_and_deleted()
    {
        _site.Sitemap("/sitemap.xml", ["/docs/cron", "/docs/billing"]);
        _site.Page("/docs/cron", "Cron", "<p>Cron jobs run each hour.</p>");
        _site.Page("/docs/billing", "Billing", "<p>A seat costs nine dollars.</p>");

        (await LinesAsync("sources", "preview", _site.Address + "sitemap.xml")).Count(l => l.StartsWith("comes", StringComparison.Ordinal)).ShouldBe(2);
        (await LinesAsync("sources", "list")).ShouldBe(["There are no sources. Import some documentation: parley import PATH|URL"]);
        await LinesAsync("import", _site.Address + "sitemap.xml", "--quiet");
        var source = JsonDocument.Parse(string.Concat(await LinesAsync("sources", "list", "--json"))).RootElement.GetProperty("sources")[0];
        var id = source.Text("id")!;

        _site.Page("/docs/cron", "Cron", "<p>Cron jobs run each minute.</p>");
        _site.Remove("/docs/billing");
        (await LinesAsync("sources", "run", id, "--quiet")).ShouldBe(["0 added, 1 changed, 0 unchanged, 1 removed, 0 failed"]);
        var shown = await LinesAsync("sources", "show", id);
        shown.ShouldContain(l => l.StartsWith("changed", StringComparison.Ordinal) && l.Contains("/docs/cron", StringComparison.Ordinal));
        shown.ShouldContain(l => l.StartsWith("gone", StringComparison.Ordinal) && l.Contains("/docs/billing", StringComparison.Ordinal));
        (await LinesAsync("sources", "schedule", id, "24")).Single().ShouldContain("every 24 hours, next 20");
        (await LinesAsync("sources", "canary", id, "How often do cron jobs run?")).ShouldBe(["unknown: How often do cron jobs run?"]);
        (await LinesAsync("sources", "pause", id)).Single().ShouldEndWith("is paused.");

        (await RunAsync("sources", "run", id)).ShouldBe((1, "parley: The source is paused. Resume it first."));
        (await RunAsync("sources", "schedule", id, "often")).ShouldBe((1, "parley: 'often' is no number of hours: give 1 to 8760, or 'never'."));
        (await RunAsync("sources", "show", "Nothing")).ShouldBe((1, "parley: There is no source 'Nothing'. 'parley sources list' shows them."));
        (await RunAsync("sources", "delete", id)).Output.ShouldContain("Add --yes.");
        (await LinesAsync("sources", "delete", id, "--yes")).Single().ShouldEndWith("is deleted.");
    }

    [Fact]
    public async Task An_article_is_written_changed_published_and_read()
    {
        using var scratch = new ScratchFolder();
        var file = Path.Combine(scratch.Path, "refunds.md");
        await File.WriteAllTextAsync(file, "# Refunds\n\nRefunds are possible within 30 days.", TestContext.Current.CancellationToken);
        var id = JsonDocument.Parse(string.Concat(await LinesAsync("articles", "save", file, "--json"))).RootElement.Text("id")!;
        await File.WriteAllTextAsync(file, "# Refunds\n\nRefunds are possible within 14 days.", TestContext.Current.CancellationToken);
        await LinesAsync("articles", "save", file, "--id", id);
        (await LinesAsync("articles", "publish", id)).ShouldBe(["It is published."]);
        (await LinesAsync("articles", "list")).Single().ShouldContain("published");
        (await LinesAsync("articles", "show", id)).ShouldBe(["# Refunds", "", "Refunds are possible within 14 days."]);
        (await RunAsync("articles", "show", id, "--locale", "de")).ShouldBe((1, "parley: The article has no text in 'de'."));
        (await RunAsync("articles", "save", file + "x")).Output.ShouldStartWith("parley: There is no file");
    }

    [Fact]
    public async Task Work_that_failed_for_good_is_seen_tried_again_and_given_up()
    {
        (await LinesAsync("jobs", "dead")).ShouldBe(["No job has failed for good."]);
        var (kept, again) = (await BuryAsync(), await BuryAsync());
        var dead = await LinesAsync("jobs", "dead");
        dead.Count.ShouldBe(2);
        dead.ShouldAllBe(l => l.Contains("test.buried", StringComparison.Ordinal) && l.EndsWith("after 5 attempts: out of order", StringComparison.Ordinal));
        (await LinesAsync("jobs", "retry", again.ToString())).ShouldBe(["1 retried."]);
        (await RunAsync("jobs", "retry", "soon")).ShouldBe((1, "parley: 'soon' is no job's id: give an id of 'parley jobs dead', or 'all'."));
        (await LinesAsync("jobs", "discard", "all", "--json")).ShouldBe([$$"""{"jobs":["{{kept}}"]}"""]);
        (await RunAsync("jobs", "discard", kept.ToString())).Code.ShouldBe(1, "it is gone");
    }

    [Fact]
    public async Task Costs_and_the_budget_are_read_to_the_last_digit()
    {
        (await LinesAsync("costs")).Single().ShouldStartWith("Nothing was paid from ");
        await using (var everything = await _host.Database.Everything.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            await everything.ExecuteAsync("""
                insert into usage (tenant_id, id, at, service, provider, model, feature, input_tokens, cost, settled)
                values (@t, gen_random_uuid(), @at, 'llm', 'anthropic', 'claude-haiku-5-5', 'answer', 1200, 0.000123456, true), (@t, gen_random_uuid(), @at, 'llm', 'p', 'm', 'answer', 0, 0.5, false)
                """, new { t = _tenant.Id, at = _host.Time.GetUtcNow() });
        }
        var lines = await LinesAsync("costs", "--by", "model");
        lines[0].ShouldStartWith("m ");
        lines[0].ShouldContain("1 with an unknown bill: $0.50");
        lines[1].ShouldStartWith("Claude Haiku 5.5 ");
        lines[1].ShouldEndWith("$0.000123456");
        lines[2].ShouldContain("2 calls          1,200 tokens     $0.500123456");
        JsonDocument.Parse(string.Concat(await LinesAsync("costs", "--json"))).RootElement.GetProperty("total").GetProperty("cost").GetDecimal().ShouldBe(.500123456m);
        (await RunAsync("costs", "--by", "colour")).ShouldBe((1, "parley: by: Give one of service, provider, model, feature, assistant, tier, day, conversation."));
        (await LinesAsync("budget")).Select(line => line.Split(' ')[0]).ShouldBe(["this", "today", "visitors"]);
        (await LinesAsync("budget", "--json")).Single().ShouldContain("\"month\":100");
    }

    [Fact]
    public async Task Two_versions_are_compared_on_the_golden_questions()
    {
        (await RunAsync("eval", "golden")).ShouldBe((1, "parley: There is no assistant."));
        await _host.Services.GetRequiredService<ConversationsBootstrap>().EnsureDefaultsAsync(_tenant.Id, TestContext.Current.CancellationToken);
        (await RunAsync("eval", "golden")).ShouldBe((1, "parley: There are no such golden questions. Add some first."));
        await _tenant.Operator().PostAsJsonAsync("/v1/quality/golden-questions", new { question = "How do I bake bread?", expectedOutcome = "abstained", category = "edge", language = "en" }, TestContext.Current.CancellationToken);
        (await LinesAsync("eval", "golden", "--threshold", "0.9")).ShouldBe(
        [
            "Version 1 against 0: even",
            "  all                      1 questions  right 1.000 -> 1.000  difference 0.000 [0.000, 0.000]  won 0, lost 0",
            "  category edge            1 questions  right 1.000 -> 1.000  difference 0.000 [0.000, 0.000]  won 0, lost 0",
            "  language en              1 questions  right 1.000 -> 1.000  difference 0.000 [0.000, 0.000]  won 0, lost 0",
        ]);
        (await RunAsync("eval", "golden", "--candidate", "9")).Output.ShouldBe("parley: candidateVersion: There is no such version.");
    }

    private async Task<Guid> BuryAsync()
    {
        var id = Guid.CreateVersion7();
        await _host.Database.Tenants.InTransactionAsync(_tenant.Id, s => s.ExecuteAsync(
            "insert into jobs (tenant_id, id, kind, state, run_at, attempts, last_error, created_at, dead_at) values (@tenantId, @id, 'test.buried', 'dead', now(), 5, 'out of order', now(), now())",
            new { tenantId = s.TenantId, id }), TestContext.Current.CancellationToken);
        return id;
    }

    private async Task<IReadOnlyList<string>> LinesAsync(params string[] arguments)
    {
        var (code, output) = await RunAsync(arguments);
        code.ShouldBe(0, output);
        return output.Split('\n').Select(l => l.TrimEnd()).ToList();
    }

    private async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var (code, output) = await ParleyProcess.RunAsync([.. arguments, "--tenant", _tenant.Slug],
            ("PARLEY_URL", _host.Address.ToString()), ("PARLEY_TOKEN", _host.Services.GetRequiredService<LocalOperatorToken>().Value));
        return (code, output.TrimEnd());
    }
}
