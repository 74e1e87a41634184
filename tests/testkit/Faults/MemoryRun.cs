using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Shouldly;

namespace Parley.Testkit.Faults;

/// <summary>
/// One long import, with a look at resident memory each second. It goes into a tenant of which nobody has asked anything, so no node holds
/// an index of it: what is seen is what importing takes. A question afterwards makes the index, on the node that answers.
/// </summary>
public sealed partial class MemoryRun : IAsyncDisposable
{
    /// <summary>Documents between two figures.</summary>
    private const int Window = 2000;

    private const string TenantSql = "select tenant_create(@id, 'memory', 'Memory', false, now())";

    private const string DoneSql = "select state, added + changed + unchanged + failed as done from imports where id = @id";

    private readonly FaultInstance _instance;
    private readonly ParleyProcess _worker;

    private MemoryRun(FaultInstance instance, ParleyProcess worker) => (_instance, _worker) = (instance, worker);

    private sealed record Look(int Done, long Worker, long Readers, long Web);

    private sealed record Progress
    {
        public string State { get; init; } = "";

        public int Done { get; init; }
    }

    public static async Task<MemoryRun> StartAsync()
    {
        string[] role = [];
        var instance = await FaultInstance.StartAsync(new FaultSetting { Arguments = _ => role });
        role = ["--role", "web"];
        (await instance.Process.StopAsync()).ShouldBe(0, instance.Tail());
        await instance.UpAsync();
        var run = new MemoryRun(instance, await instance.AddNodeAsync("--role", "worker"));
        await instance.QueryAsync<Guid>(TenantSql, new { id = Guid.CreateVersion7() });
        instance.Tenant = "memory";
        return run;
    }

    /// <param name="documents">How many are imported; the texts are repeated, each time altered.</param>
    /// <param name="texts">Of the data sets.</param>
    public async Task<FaultRound> RunAsync(int documents, IReadOnlyList<string> texts)
    {
        var name = $"memory {Guid.CreateVersion7():N}";
        var import = (await PostAsync("/v1/knowledge/imports", new { name, canonical = name, mode = "complete" })).GetProperty("id").GetGuid();
        foreach (var batch in Enumerable.Range(0, documents).Chunk(100))
        {
            using var form = new MultipartFormDataContent();
            foreach (var n in batch) form.Add(new ByteArrayContent(Altered(texts[n % texts.Count], n, n / texts.Count)), "files", string.Create(CultureInfo.InvariantCulture, $"{n % 97}/{n}.md"));
            using var uploaded = await _instance.UploadAsync($"/v1/knowledge/imports/{import}/files", form);
            ((int)uploaded.StatusCode).ShouldBe(200);
        }
        await PostAsync($"/v1/knowledge/imports/{import}/start", new { });
        var looks = new List<Look>();
        Progress now;
        var still = (Done: -1, Looks: 0);
        do
        {
            await Task.Delay(1000);
            now = (await _instance.QueryAsync<Progress>(DoneSql, new { id = import })).Single();
            looks.Add(new Look(now.Done, Resident(_worker.Id), Readers(_worker.Id).Sum(Resident), Resident(_instance.Process.Id)));
            still = now.Done == still.Done ? (now.Done, still.Looks + 1) : (now.Done, 0);
            still.Looks.ShouldBeLessThan(180, "the import does not go on");
        }
        while (now.State is "queued" or "running");
        now.State.ShouldBe("succeeded");
        var (before, after) = (Resident(_instance.Process.Id), new List<long>());
        await PostAsync("/v1/assistant/ask", new { question = "What does the edition say about the number of a deployment?", escalation = false });
        for (var second = 0; second < 10; second++)
        {
            after.Add(Resident(_instance.Process.Id));
            await Task.Delay(1000);
        }
        return Report(documents, looks, before, after);
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _instance.DisposeAsync();
    }

    private static FaultRound Report(int documents, List<Look> looks, long before, List<long> after)
    {
        var windows = looks.GroupBy(l => Math.Min(l.Done, documents - 1) / Window).OrderBy(g => g.Key)
            .Select(g => (To: (g.Key + 1) * Window, Worker: Median(g.Select(l => l.Worker)), Readers: Median(g.Select(l => l.Readers)), Web: Median(g.Select(l => l.Web)))).ToList();
        var table = string.Join("; ", windows.Select(w => string.Create(CultureInfo.InvariantCulture, $"to {w.To}: {w.Worker >> 20} + {w.Readers >> 20}, {w.Web >> 20}")));
        var warm = windows.Skip(1).ToList();
        return FaultRound.Of(
            $"{documents} documents, medians of each {Window} in MB (importing node + its readers, answering node): {table}; answering node before and after its index was made: {before >> 20} and {after[^1] >> 20}, at most {after.Max() >> 20}; importing node without the first {Window}: {Spread(warm.Select(w => w.Worker)):0.0} % around their middle, with readers {Spread(warm.Select(w => w.Worker + w.Readers)):0.0} %",
            ("documents", documents), ("spreadPercent", Spread(warm.Select(w => w.Worker))), ("spreadWithReadersPercent", Spread(warm.Select(w => w.Worker + w.Readers))),
            ("peakImportingMb", looks.Max(l => l.Worker) >> 20), ("peakReadersMb", looks.Max(l => l.Readers) >> 20), ("indexNodeBeforeMb", before >> 20), ("indexNodeAfterMb", after[^1] >> 20));
    }

    /// <summary>Half of the way from the lowest to the highest, in percent of the middle between them: ± this much.</summary>
    private static double Spread(IEnumerable<long> values)
    {
        var all = values.ToList();
        return all.Count == 0 ? 0 : 100.0 * (all.Max() - all.Min()) / (all.Max() + all.Min());
    }

    private static long Median(IEnumerable<long> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static long Resident(int process)
    {
        try { return long.Parse(File.ReadAllText($"/proc/{process}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return 0; } // it has ended
    }

    private static List<int> Readers(int parent) =>
        [.. Directory.EnumerateDirectories("/proc").Select(f => int.TryParse(Path.GetFileName(f), CultureInfo.InvariantCulture, out var pid) ? pid : 0).Where(pid => pid > 0 && IsReader(pid, parent))];

    private static bool IsReader(int process, int parent)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ')[1] == parent.ToString(CultureInfo.InvariantCulture)
                && File.ReadAllText($"/proc/{process}/cmdline").Contains("parse\0--worker", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The text again, with other numbers, its paragraphs turned round, and a title of its own.</summary>
    private static byte[] Altered(string text, int number, int round)
    {
        if (round == 0) return Encoding.UTF8.GetBytes(text);
        var parts = Numbers().Replace(text, m => (long.Parse(m.Value, CultureInfo.InvariantCulture) + (round * 7)).ToString(CultureInfo.InvariantCulture)).Split("\n\n");
        var turned = parts.Length < 4 ? parts : [parts[0], .. parts[(1 + (number % (parts.Length - 1)))..], .. parts[1..(1 + (number % (parts.Length - 1)))]];
        return Encoding.UTF8.GetBytes($"# Edition {round}, number {number}\n\n{string.Join("\n\n", turned)}");
    }

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await _instance.SendAsync(HttpMethod.Post, path, body);
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    [GeneratedRegex(@"\b[0-9]{1,9}\b")]
    private static partial Regex Numbers();
}
