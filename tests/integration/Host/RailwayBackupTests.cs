using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Parley.Host.Backup;
using Parley.Platform.Objects;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Parley.Tests.Integration.Knowledge;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Host;

/// <summary>A real help centre, 200 real questions: what is restored answers as the original does.</summary>
public sealed class RailwayBackupTests(PostgresFixture postgres, ITestOutputHelper output)
{
    private const int Questions = 200;

    [Fact]
    public async Task After_a_restore_200_questions_get_the_same_answers()
    {
        var ct = TestContext.Current.CancellationToken;
        var (documents, questions) = (DatasetFolder.Find("railway_docs/md"), DatasetFolder.Find("railway_faq"));
        Assert.SkipWhen(documents is null || questions is null, "The data sets railway_docs and railway_faq are not there (PARLEY_DATASETS).");
        var texts = (await File.ReadAllLinesAsync(Path.Combine(questions!, "queries.jsonl"), ct)).Concat(await File.ReadAllLinesAsync(Path.Combine(questions!, "queries_unanswerable.jsonl"), ct))
            .Select(line => JsonNode.Parse(line)!["text"]!.GetValue<string>()).Take(Questions).ToList();
        texts.Count.ShouldBe(Questions);

        await using var host = await IdentityHost.StartAsync(postgres);
        var tenant = await host.TenantAsync();
        await tenant.Operator().ImportAsync("Railway", "complete", Directory.GetFiles(documents!, "*", SearchOption.AllDirectories).Select(f => (Path.GetRelativePath(documents!, f), File.ReadAllBytes(f))).ToArray());
        var before = await AskAsync(host, tenant.Slug, texts);
        before.Count(a => a.StartsWith("\"answered\"", StringComparison.Ordinal)).ShouldBeGreaterThan(Questions / 4);

        using var scratch = new ScratchFolder();
        var file = Path.Combine(scratch.Path, "railway.tar.gz");
        using var store = new FolderObjects(Path.Combine(host.DataDirectory, "objects"));
        var made = await new BackupWriter(host.Database.Options, store, TimeProvider.System, new Progress<string>()).WriteAsync(file, ct);
        made.Objects.ShouldBe(383);
        await using var target = await postgres.CreateEmptyDatabaseAsync(ct);
        using var restored = new FolderObjects(Path.Combine(scratch.Path, "objects"));
        var archive = new BackupArchive(file);
        var (header, manifest) = await archive.VerifyAsync(new Progress<string>(), ct);
        (await new BackupRestore(archive, target.Options, target.Key, restored, new Progress<string>()).RunAsync(header, manifest, ct)).Rows.ShouldBe(made.Rows);
        output.WriteLine($"{made.Rows} rows, {made.Objects} files, {made.Bytes >> 10} kB");

        await using var again = await ParleyHost.StartAsync(postgres, database: target, ct: ct);
        (await AskAsync(again, tenant.Slug, texts)).ShouldBe(before);
    }

    private static async Task<List<string>> AskAsync(ParleyHost host, string slug, IEnumerable<string> questions)
    {
        var client = host.OperatorClient(slug);
        var answers = new List<string>();
        foreach (var question in questions)
        {
            using var response = await client.PostAsJsonAsync("/v1/assistant/ask", new { question });
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
            answers.Add($"{answer["outcome"]?.ToJsonString()} {answer["answer"]?.ToJsonString()} {answer["confidence"]?.ToJsonString()} {answer["citations"]?.ToJsonString()}");
        }
        return answers;
    }
}
