using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Parley.Testkit.Documents;
using Shouldly;

namespace Parley.Testkit.Faults;

/// <summary>
/// The disk is full, that of the files or that of the database. Whoever sends something is told so with 507 and what to do; what was
/// confirmed is there, no half file is left; imports and crawls wait and go on by themselves once there is room.
/// </summary>
public static class DiskFault
{
    private static readonly SmallDisk Files = new("files", 8);
    private static readonly SmallDisk Database = new("data", 224);

    private const string HashesSql = "select encode(hash, 'hex') as hash from objects";

    private const string StuckSql = "select error from imports where id = @id";

    /// <summary>An instance whose files and whose database each have a small disk of their own.</summary>
    public static Task<FaultInstance> StartAsync(WebsiteDouble site) => FaultInstance.StartAsync(new FaultSetting
    {
        Around = folder => SmallDisk.Around(folder, Files, Database), Arguments = folder => ["--objects", Path.Combine(Files.PathIn(folder), "objects")],
        Environment = [("PARLEY_PRIVATE_HOSTS", site.HostAndPort)],
    });

    /// <summary>The disk of the files is full while an archive is unpacked, a site is crawled, files are sent and a backup is made.</summary>
    public static async Task<FaultRound> FilesAsync(FaultInstance instance, WebsiteDouble site, Random random)
    {
        var before = await ImportFault.ImportAsync(instance, FaultCorpus.Made(10, random.Next()));
        var archive = await BeginAsync(instance, ("all.zip", ArchiveFile.Zip([.. Enumerable.Range(0, 20).Select(n => ($"page-{n}.md", Page(random)))])));
        var at = $"/{Guid.CreateVersion7():N}/";
        site.Page(at, "Start", "<p>The pumps of this site are described on their own pages, one for each of them.</p>" + string.Concat(Enumerable.Range(0, 5).Select(n => $"<a href=\"pump-{n}\">Pump {n}</a> ")));
        for (var n = 0; n < 5; n++) site.Page($"{at}pump-{n}", $"Pump {n}", $"<p>The lamp of pump {n} is lit after {random.Next(1000)} turns of its screw.</p>");

        Files.Fill(instance);
        var stored = Stored(instance);
        await SendAsync(instance, HttpMethod.Post, $"/v1/knowledge/imports/{archive.Import}/start", 202);
        var crawl = (await SendAsync(instance, HttpMethod.Post, "/v1/knowledge/websites", 201, new { name = $"site {Guid.CreateVersion7():N}", url = new Uri(site.Address, at).AbsoluteUri })).GetProperty("import").GetProperty("id").GetGuid();
        var refused = await BeginAsync(instance);
        foreach (var size in (int[])[500, 400_000])
        {
            using var answer = await UploadAsync(instance, refused.Import, ("more.md", RandomNumberGenerator.GetBytes(size)));
            await ShouldSayFullAsync(answer, "objects_full");
        }
        foreach (var run in (Guid[])[archive.Import, crawl])
        {
            await Patience.EventuallyAsync(async () => (await instance.QueryAsync<string?>(StuckSql, new { id = run })).Single()?.Contains("goes on by itself", StringComparison.Ordinal) == true, "a run does not say what it waits for");
        }
        await ShouldLeaveNoBackupAsync(instance);
        Stored(instance).ShouldBe(stored, "a full disk takes no half file");

        Files.Free(instance);
        var unpacked = await EndAsync(instance, archive.Import);
        var crawled = await EndAsync(instance, crawl);
        using (var again = await UploadAsync(instance, refused.Import, ("more.md", Page(random)))) ((int)again.StatusCode).ShouldBe(200);
        (unpacked.GetProperty("added").GetInt32(), crawled.GetProperty("added").GetInt32()).ShouldBe((20, 6));
        (await DocumentsAsync(instance, before)).ShouldBe(10);
        await SendAsync(instance, HttpMethod.Post, $"/v1/knowledge/imports/{refused.Import}/start", 202);
        (await EndAsync(instance, refused.Import)).GetProperty("added").GetInt32().ShouldBe(1);
        await instance.ShouldComeToRestAsync();
        (await instance.QueryAsync<string>(HashesSql)).Except(Stored(instance).Select(Path.GetFileName)).ShouldBeEmpty("each file that a row knows is there");
        return FaultRound.Of($"disk of the files full: 2 uploads told 507, an archive of 20 and a crawl of 6 pages waited and ended, no backup and no half file left", ("told507", 2));
    }

    /// <summary>The disk of the database is full while messages and imports come.</summary>
    public static async Task<FaultRound> DatabaseAsync(FaultInstance instance, Random random)
    {
        await using var customer = await FaultCustomer.StartAsync(instance);
        await customer.AskAsync(TurnFault.Questions[0]);
        Database.Fill(instance, leave: 4 << 20);
        var statuses = new Dictionary<HttpStatusCode, int>();
        var confirmed = new List<string>();
        // Until the room that its files still had is used up, and some time on.
        for (var n = 0; n < 400 && statuses.GetValueOrDefault(HttpStatusCode.InsufficientStorage) + statuses.GetValueOrDefault(HttpStatusCode.ServiceUnavailable) < 12; n++)
        {
            var name = $"kept {Guid.CreateVersion7():N}";
            using var made = await instance.SendAsync(HttpMethod.Post, "/v1/knowledge/articles", new { title = name, body = Encoding.UTF8.GetString(Page(random, 60_000)), locale = "en" });
            if (made.IsSuccessStatusCode) confirmed.Add(name);
            else await ShouldSayFullAsync(made, made.StatusCode == HttpStatusCode.ServiceUnavailable ? "database_unavailable" : "database_full");
            statuses[made.StatusCode] = statuses.GetValueOrDefault(made.StatusCode) + 1;
        }
        statuses.Keys.ShouldContain(s => (int)s == 507 || (int)s == 503, "the disk is not full");
        confirmed.ShouldNotBeEmpty("there was room for some");
        Database.Free(instance);
        await Patience.EventuallyAsync(async () =>
        {
            using var ready = await instance.SendAsync(HttpMethod.Get, "/health/ready");
            return ready.IsSuccessStatusCode;
        }, "the server does not recover");
        await customer.AskAsync(TurnFault.Questions[1]);
        (await ImportFault.ImportOnceAsync(instance, FaultCorpus.Made(10, random.Next()))).ShouldBe(10);
        var there = await instance.QueryAsync<string>("select distinct title from article_texts where title like 'kept %'");
        confirmed.Except(there).ShouldBeEmpty("what was confirmed is there");
        await customer.ShouldBeExactAsync(instance);
        await instance.ShouldComeToRestAsync();
        return FaultRound.Of($"disk of the database full: {confirmed.Count} articles confirmed and kept, {statuses.GetValueOrDefault(HttpStatusCode.InsufficientStorage)} told 507, {statuses.GetValueOrDefault(HttpStatusCode.ServiceUnavailable)} told 503, it recovered by itself",
            ("confirmed", confirmed.Count), ("told507", statuses.GetValueOrDefault(HttpStatusCode.InsufficientStorage)), ("told503", statuses.GetValueOrDefault(HttpStatusCode.ServiceUnavailable)));
    }

    private static async Task ShouldLeaveNoBackupAsync(FaultInstance instance)
    {
        var target = Path.Combine(Files.PathIn(instance.Folder), "all.backup");
        string[] inside = ["nsenter", "--mount", "--target", instance.Process.Id.ToString(CultureInfo.InvariantCulture)];
        var (code, output) = await ParleyProcess.RunAsync(inside, ["backup", target, "--data", instance.Data], []);
        code.ShouldNotBe(0);
        output.ShouldContain("cannot be written");
        output.ShouldContain("No space left");
        Directory.EnumerateFiles(Files.Seen(instance)).Select(Path.GetFileName).ShouldBe(["filler"], "neither a backup nor half of one");
    }

    private static async Task ShouldSayFullAsync(HttpResponseMessage answer, string code)
    {
        var body = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(code == "database_unavailable" ? 503 : 507, body);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        JsonSerializer.Deserialize<JsonElement>(body).GetProperty("code").GetString().ShouldBe(code);
    }

    /// <summary>Every file of the store, drafts included.</summary>
    private static List<string> Stored(FaultInstance instance)
    {
        var root = Path.Combine(Files.Seen(instance), "objects");
        return [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(root, f)).Where(f => !f.StartsWith('.')).Order(StringComparer.Ordinal)];
    }

    private static async Task<(Guid Import, Guid Source)> BeginAsync(FaultInstance instance, params (string, byte[])[] files)
    {
        var name = $"disk {Guid.CreateVersion7():N}";
        var import = await SendAsync(instance, HttpMethod.Post, "/v1/knowledge/imports", 201, new { name, canonical = name, mode = "complete" });
        var id = import.GetProperty("id").GetGuid();
        if (files.Length > 0)
        {
            using var uploaded = await UploadAsync(instance, id, files);
            ((int)uploaded.StatusCode).ShouldBe(200, await uploaded.Content.ReadAsStringAsync());
        }
        return (id, import.GetProperty("sourceId").GetGuid());
    }

    private static async Task<HttpResponseMessage> UploadAsync(FaultInstance instance, Guid import, params (string Path, byte[] Content)[] files)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (path, content) in files) form.Add(new ByteArrayContent(content), "files", path);
        return await instance.UploadAsync($"/v1/knowledge/imports/{import}/files", form);
    }

    private static async Task<JsonElement> SendAsync(FaultInstance instance, HttpMethod method, string path, int status, object? body = null)
    {
        using var response = await instance.SendAsync(method, path, body);
        ((int)response.StatusCode).ShouldBe(status, $"{path}: {await response.Content.ReadAsStringAsync()}");
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task<JsonElement> EndAsync(FaultInstance instance, Guid import)
    {
        JsonElement now = default;
        await Patience.EventuallyAsync(async () => (now = await instance.GetAsync($"/v1/knowledge/imports/{import}")).GetProperty("state").GetString() is "succeeded" or "failed" or "cancelled", "the import does not end");
        now.GetProperty("state").GetString().ShouldBe("succeeded", now.ToString());
        now.GetProperty("error").ValueKind.ShouldBe(JsonValueKind.Null);
        return now;
    }

    private static async Task<int> DocumentsAsync(FaultInstance instance, Guid source) =>
        (await instance.QueryAsync<int>("select count(*)::int from documents where source_id = @source", new { source })).Single();

    /// <summary>Words that no compression makes small.</summary>
    private static byte[] Page(Random random, int length = 4000)
    {
        var text = new StringBuilder($"# Page {random.Next()}\n\n");
        while (text.Length < length) text.Append(CultureInfo.InvariantCulture, $"Lamp {random.NextInt64():x} follows screw {random.NextInt64():x}. ");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
