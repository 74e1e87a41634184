using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;

namespace Parley.Testkit.Faults;

/// <summary>
/// The server is killed at a random moment of an import. After the next start the import goes on by itself; in the end every document is
/// there once, and its sections and chunks are those of an import that nobody disturbed.
/// </summary>
public sealed class ImportFault
{
    private const string DocumentsSql = """
        select d.path, d.version, d.title, encode(d.content_hash, 'hex') as hash, d.chunks as counted,
               (select count(*)::int from sections s where s.tenant_id = d.tenant_id and s.document_id = d.id) as sections,
               (select count(*)::int from chunks c where c.tenant_id = d.tenant_id and c.document_id = d.id) as chunks,
               (select md5(string_agg(c.ordinal || ':' || c.kind || ':' || c.text, '|' order by c.ordinal)) from chunks c where c.tenant_id = d.tenant_id and c.document_id = d.id) as text
          from documents d where d.source_id = @sourceId order by d.path
        """;

    private const string ImportSql = "select i.id from imports i join knowledge_sources s on s.tenant_id = i.tenant_id and s.id = i.source_id where s.canonical = @source";

    private const string RunSql = """
        select i.id, i.state, j.state as job, coalesce(j.attempts, 0) as attempts,
               (select count(*)::int from import_files f where f.tenant_id = i.tenant_id and f.import_id = i.id and f.state = 'pending') as pending
          from imports i left join jobs j on j.tenant_id = i.tenant_id and j.kind = 'knowledge.import' and j.payload ->> 'importId' = i.id::text
         where i.id = @importId
        """;

    /// <summary>Until a new process has a reader that reads.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(700);

    private const string GoneSql = "select count(*)::int from knowledge_sources where id = @sourceId";

    private readonly FaultInstance _instance;
    private readonly FaultCorpus _corpus;
    private IReadOnlyList<DocumentRow> _reference = [];
    private IReadOnlyList<Ranking> _rankings = [];
    private TimeSpan _duration;

    private ImportFault(FaultInstance instance, FaultCorpus corpus) => (_instance, _corpus) = (instance, corpus);

    private sealed record RunRow
    {
        public Guid Id { get; init; }

        public string State { get; init; } = "";

        public string? Job { get; init; }

        public int Attempts { get; init; }

        public int Pending { get; init; }
    }

    private sealed record DocumentRow(string Path, int Version, string Title, string Hash, int Counted, int Sections, int Chunks, string Text);

    /// <summary>Imports the corpus undisturbed, for comparison and to know how long it takes.</summary>
    public static async Task<ImportFault> PrepareAsync(FaultInstance instance, FaultCorpus corpus)
    {
        var fault = new ImportFault(instance, corpus);
        var source = $"reference {Guid.CreateVersion7():N}";
        var clock = Stopwatch.StartNew();
        var import = await fault.BeginAsync(source);
        var ended = await fault.EndAsync(import);
        fault._duration = clock.Elapsed;
        fault._reference = await fault.DocumentsAsync(ended);
        fault._reference.Count.ShouldBe(corpus.Files.Count);
        fault._rankings = await Ranking.AskAsync(instance, ended.GetProperty("sourceId").GetGuid(), corpus.Questions);
        fault._rankings.Count(r => r.Documents.Count > 0).ShouldBeGreaterThan(corpus.Questions.Count / 2, "questions that find nothing compare nothing");
        await fault.DeleteAsync(ended);
        return fault;
    }

    /// <summary>An import to its end through whatever happens meanwhile; returns how many documents are there once.</summary>
    public static async Task<int> ImportOnceAsync(FaultInstance instance, FaultCorpus corpus)
    {
        var fault = new ImportFault(instance, corpus);
        var import = await fault.EndAsync(await fault.BeginAsync($"beside {Guid.CreateVersion7():N}"));
        import.GetProperty("state").GetString().ShouldBe("succeeded", import.ToString());
        return (await fault.DocumentsAsync(import)).Count(d => d.Counted == d.Chunks && d.Version == 1);
    }

    /// <summary>Imports and returns the source.</summary>
    public static async Task<Guid> ImportAsync(FaultInstance instance, FaultCorpus corpus)
    {
        var fault = new ImportFault(instance, corpus);
        var import = await fault.EndAsync(await fault.BeginAsync($"for {Guid.CreateVersion7():N}"));
        import.GetProperty("state").GetString().ShouldBe("succeeded", import.ToString());
        var failed = import.GetProperty("failed").GetInt32() == 0 ? "" : (await instance.GetAsync($"/v1/knowledge/imports/{Id(import)}/files?state=failed")).ToString();
        import.GetProperty("added").GetInt32().ShouldBe(corpus.Files.Count, failed);
        return import.GetProperty("sourceId").GetGuid();
    }

    /// <summary>One import with a kill after each of some random moments.</summary>
    public async Task<FaultRound> RunAsync(Random random, int kills)
    {
        var source = $"round {Guid.CreateVersion7():N}";
        var moments = new List<int>();
        var importing = Task.Run(async () => await EndAsync(await BeginAsync(source)));
        for (var kill = 0; kill < kills; kill++)
        {
            var moment = random.Next(0, (int)_duration.TotalMilliseconds);
            moments.Add(moment);
            await Task.Delay(moment);
            await _instance.KillAsync();
        }
        await ShouldEqualCleanImportAsync(await importing);
        return FaultRound.Of($"killed after {string.Join(" and ", moments)} ms of about {(int)_duration.TotalMilliseconds}, {_corpus.Files.Count} documents once", ("documents", _corpus.Files.Count), ("kills", kills));
    }

    /// <summary>One import, killed so often while it is really being worked on, each time soon after the job was taken up again.</summary>
    public async Task<FaultRound> RunManyAsync(Random random, int kills)
    {
        var import = await BeginAsync($"round {Guid.CreateVersion7():N}");
        var (attempt, progress) = (0, new List<int>());
        for (var left = kills; left > 0; left--)
        {
            var before = await TakenUpAsync(Id(import), attempt);
            attempt = before.Attempts;
            await Task.Delay(await MomentAsync(random, before, left));
            await _instance.Process.KillAsync();
            var after = await LookAsync(Id(import));
            (after.State, after.Pending > 0, after.Job).ShouldBe(("running", true, "running"), $"kill {kills - left + 1} of {kills} is to meet a running import");
            progress.Add(before.Pending - after.Pending);
            _instance.Launch();
        }
        await _instance.Process.ReadyAsync();
        await ShouldEqualCleanImportAsync(await EndAsync(import));
        return FaultRound.Of($"killed {kills} times while the import ran, documents done between: {string.Join(", ", progress)}; {_corpus.Files.Count} documents once, {_rankings.Count} rankings as after a clean import",
            ("documents", _corpus.Files.Count), ("kills", kills), ("killsWithProgress", progress.Count(p => p > 0)), ("rankings", _rankings.Count));
    }

    /// <summary>
    /// A random time from now on. Half of them fall while the new process warms up, the others when it has written some share of what
    /// is left, as long as that outlasts the kills that are left.
    /// </summary>
    private async Task<TimeSpan> MomentAsync(Random random, RunRow run, int left)
    {
        // A batch, or one file where it has become careful.
        var step = run.Attempts < 4 ? 64 : 1;
        if (run.Pending < (2 * step) + (2 * left)) return random.NextDouble() * WarmUp / 4;
        // The first is met by a process that is warm: in that time it would have done all.
        if (run.Attempts > 1 && random.Next(2) == 0) return random.NextDouble() * WarmUp;
        var share = 1 + (int)(random.NextDouble() * Math.Min(.4, 1.4 / left) * run.Pending);
        await Patience.EventuallyAsync(async () => run.Pending - (await LookAsync(run.Id)).Pending >= share, "the import does not go on", pause: 5);
        return TimeSpan.FromMilliseconds(random.Next(0, 25));
    }

    private async Task<RunRow> TakenUpAsync(Guid importId, int attempt)
    {
        RunRow now = new();
        await Patience.EventuallyAsync(async () =>
        {
            try
            {
                now = await LookAsync(importId);
                now.State.ShouldBeOneOf("queued", "running");
                return now is { Job: "running", State: "running" } && now.Attempts > attempt;
            }
            catch (Exception e) when (Patience.IsAway(e))
            {
                return false;
            }
        }, "the import is not taken up again");
        return now;
    }

    private async Task<RunRow> LookAsync(Guid importId) => (await _instance.QueryAsync<RunRow>(RunSql, new { importId })).Single();

    /// <summary>Every document once, with the sections and chunks of an import that nobody disturbed, and found in the same order.</summary>
    private async Task ShouldEqualCleanImportAsync(JsonElement import)
    {
        import.GetProperty("state").GetString().ShouldBe("succeeded", import.ToString());
        Counts(import).ShouldBe((_corpus.Files.Count, _corpus.Files.Count, 0, 0, 0, 0, _reference.Sum(d => d.Chunks)), import.ToString());
        (await DocumentsAsync(import)).ShouldBe(_reference);
        var rankings = await Ranking.AskAsync(_instance, import.GetProperty("sourceId").GetGuid(), _corpus.Questions);
        rankings.Select(r => r.ToString()).ShouldBe(_rankings.Select(r => r.ToString()));
        await DeleteAsync(import);
        await _instance.ShouldComeToRestAsync();
    }

    private static (int Total, int Added, int Changed, int Unchanged, int Removed, int Failed, int Chunks) Counts(JsonElement import)
    {
        return (Of("total"), Of("added"), Of("changed"), Of("unchanged"), Of("removed"), Of("failed"), Of("chunks"));

        int Of(string name) => import.GetProperty(name).GetInt32();
    }

    /// <summary>Opens the import, uploads and starts it; what was not acknowledged is repeated, as a client does.</summary>
    private async Task<JsonElement> BeginAsync(string source)
    {
        while (true)
        {
            try
            {
                var import = await OpenAsync(source);
                foreach (var batch in _corpus.Files.Chunk(100))
                {
                    if (import.GetProperty("state").GetString() != "uploading") return import;
                    using var form = new MultipartFormDataContent();
                    foreach (var (path, content) in batch) form.Add(new ByteArrayContent(content), "files", path);
                    using var uploaded = await _instance.UploadAsync($"/v1/knowledge/imports/{Id(import)}/files", form);
                    await ShouldBeAsync(200, uploaded);
                }
                using var started = await _instance.SendAsync(HttpMethod.Post, $"/v1/knowledge/imports/{Id(import)}/start");
                await ShouldBeAsync(202, started);
                return import;
            }
            catch (Exception e) when (Patience.IsAway(e))
            {
                await Task.Delay(30);
            }
        }
    }

    /// <summary>The import of this source, or a new one.</summary>
    private async Task<JsonElement> OpenAsync(string source)
    {
        if (await _instance.QueryAsync<Guid>(ImportSql, new { source }) is [var id]) return await ReadAsync(id);
        using var created = await _instance.SendAsync(HttpMethod.Post, "/v1/knowledge/imports", new { name = source, canonical = source, mode = "complete" });
        await ShouldBeAsync(201, created);
        return await created.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<JsonElement> EndAsync(JsonElement import)
    {
        JsonElement now = default;
        await Patience.EventuallyAsync(async () =>
        {
            try
            {
                now = await ReadAsync(Id(import));
                return now.GetProperty("state").GetString() is "succeeded" or "failed" or "cancelled";
            }
            catch (Exception e) when (Patience.IsAway(e))
            {
                return false;
            }
        }, "the import does not end");
        return now;
    }

    private Task<IReadOnlyList<DocumentRow>> DocumentsAsync(JsonElement import) =>
        _instance.QueryAsync<DocumentRow>(DocumentsSql, new { sourceId = import.GetProperty("sourceId").GetGuid() });

    private async Task DeleteAsync(JsonElement import)
    {
        var sourceId = import.GetProperty("sourceId").GetGuid();
        using var deleted = await _instance.SendAsync(HttpMethod.Delete, $"/v1/knowledge/sources/{sourceId}");
        ((int)deleted.StatusCode).ShouldBe(204);
        await Patience.EventuallyAsync(async () => (await _instance.QueryAsync<int>(GoneSql, new { sourceId })).Single() == 0, "the source does not go");
    }

    private async Task<JsonElement> ReadAsync(Guid id)
    {
        using var response = await _instance.SendAsync(HttpMethod.Get, $"/v1/knowledge/imports/{id}");
        await ShouldBeAsync(200, response);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>503 counts as being away.</summary>
    private static async Task ShouldBeAsync(int status, HttpResponseMessage response)
    {
        if ((int)response.StatusCode == 503) throw new IOException("away");
        ((int)response.StatusCode).ShouldBe(status, await response.Content.ReadAsStringAsync());
    }

    private static Guid Id(JsonElement import) => import.GetProperty("id").GetGuid();
}
