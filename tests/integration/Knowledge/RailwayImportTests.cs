using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Knowledge;

/// <summary>A real product's help centre, as a user would import it.</summary>
public sealed class RailwayImportTests(PostgresFixture postgres, ITestOutputHelper output) : IAsyncLifetime
{
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task All_documents_go_in_a_second_time_nothing_changes_and_the_right_article_is_found()
    {
        var folder = DatasetFolder.Find("railway_docs/md");
        Assert.SkipWhen(folder is null, "The data set railway_docs is not there (PARLEY_DATASETS).");
        var files = Directory.GetFiles(folder!, "*", SearchOption.AllDirectories).Select(f => (Path.GetRelativePath(folder!, f), File.ReadAllBytes(f))).ToArray();
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();

        var first = await client.ImportAsync("Railway", "complete", files);

        (first.Text("state"), first.Int("added"), first.Int("failed")).ShouldBe(("succeeded", 383, 0));
        var took = first.GetProperty("finishedAt").GetDateTimeOffset() - first.GetProperty("startedAt").GetDateTimeOffset();
        output.WriteLine($"383 documents, {first.Int("chunks")} chunks in {took.TotalSeconds:0.00} s: {383 / took.TotalSeconds:0} documents/s");
        var result = await _host.SearchAsync(tenant.Id, "Why isn't my cron running as scheduled?");
        result.Documents[0].Title.ShouldBe("Cron Jobs");
        var evidence = await _host.EvidenceAsync(tenant.Id, result);
        evidence.ShouldContain(e => e.HeadingPath.Contains("Why isn't my cron running as scheduled?"));

        var second = await client.ImportAsync("Railway", "complete", files);
        (second.Int("added"), second.Int("changed"), second.Int("unchanged"), second.Int("removed")).ShouldBe((0, 0, 383, 0));
    }
}
