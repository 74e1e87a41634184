using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Parley.Platform.Cli;

namespace Parley.Knowledge.Imports;

/// <summary>What <c>parley import PATH</c> was told.</summary>
/// <param name="Path">A folder, a file, or the address of a page or a sitemap.</param>
/// <param name="Audience">Null: public for a new source, unchanged for a known one.</param>
/// <param name="Language">Of documents that state none.</param>
public sealed record ImportCommandOptions(string Path, string? Audience = null, string? Language = null);

/// <summary>
/// Imports a folder or a website into an instance over HTTP: what is new or changed is read, what is gone is removed. The same folder or
/// address is the same source each time.
/// </summary>
public static class ImportCommand
{
    private const int BatchFiles = 50;
    private const long BatchBytes = 20 * 1024 * 1024;
    private const int MaxErrorsShown = 1000;
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(150);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private sealed record FileError(string Path, string Reason);

    private sealed record Counts(int Added, int Changed, int Unchanged, int Removed, int Failed);

    private sealed record Report(Guid SourceId, Counts Documents, int Chunks, double Seconds, IReadOnlyList<FileError> Errors, int Skipped);

    /// <summary>Runs it; 0 when the import succeeded, also where single files could not be read (they are listed).</summary>
    /// <exception cref="CommandException">It could not be done; nothing has been removed.</exception>
    public static async Task<int> RunAsync(CommandContext command, ImportCommandOptions options, CancellationToken ct)
    {
        if (Uri.TryCreate(options.Path, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
            return await ImportWebsiteAsync(command, options, ct);
        var folder = ImportFolder.Read(options.Path) ?? throw new CommandException($"There is no file or folder '{options.Path}'.");
        if (folder.Files.Count == 0)
            throw new CommandException($"'{options.Path}' holds no Markdown, HTML or text files.");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var import = await SendAsync<ImportView>(command.Http, HttpMethod.Post, "/v1/knowledge/imports", JsonContent.Create(new
        {
            name = folder.Name, kind = "folder", canonical = folder.Canonical, audience = options.Audience, language = options.Language, mode = "complete",
        }, options: Json), ct);
        try
        {
            await UploadAsync(command, import.Id, folder, ct);
            import = await SendAsync<ImportView>(command.Http, HttpMethod.Post, $"/v1/knowledge/imports/{import.Id}/start", null, ct);
            import = await WaitAsync(command, import, ct);
        }
        catch (Exception e) when (e is OperationCanceledException or CommandException or HttpRequestException)
        {
            await CancelQuietlyAsync(command.Http, import.Id);
            throw;
        }
        await EndAsync(command, folder.Name, folder.Skipped, import, clock.Elapsed, ct);
        return 0;
    }

    /// <summary>The same address is the same source each time; what it shows no longer is removed.</summary>
    private static async Task<int> ImportWebsiteAsync(CommandContext command, ImportCommandOptions options, CancellationToken ct)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var started = await SendAsync<JsonElement>(command.Http, HttpMethod.Post, "/v1/knowledge/websites",
            JsonContent.Create(new { url = options.Path, audience = options.Audience, language = options.Language, update = true }, options: Json), ct);
        var import = started.GetProperty("import").Deserialize<ImportView>(Json)!;
        try
        {
            import = await WaitAsync(command, import, ct);
        }
        catch (Exception e) when (e is OperationCanceledException or CommandException or HttpRequestException)
        {
            await CancelQuietlyAsync(command.Http, import.Id);
            throw;
        }
        await EndAsync(command, options.Path, 0, import, clock.Elapsed, ct);
        return 0;
    }

    private static Task EndAsync(CommandContext command, string name, int skipped, ImportView import, TimeSpan took, CancellationToken ct) =>
        import.State == "succeeded" ? PrintAsync(command, name, skipped, import, took, ct)
        : throw new CommandException($"The import was {import.State}: {import.Error ?? "somebody ended it"}");

    private static async Task UploadAsync(CommandContext command, Guid importId, ImportFolder folder, CancellationToken ct)
    {
        var sent = 0;
        foreach (var batch in Batches(folder.Files))
        {
            using var form = new MultipartFormDataContent();
            foreach (var file in batch)
                form.Add(new StreamContent(Open(file)), "files", file.Path);
            await SendAsync<JsonElement>(command.Http, HttpMethod.Post, $"/v1/knowledge/imports/{importId}/files", form, ct);
            sent += batch.Count;
            command.Progress.Report(string.Create(CultureInfo.InvariantCulture, $"Uploaded {sent} of {folder.Files.Count} files"));
        }
    }

    private static FileStream Open(FolderFile file)
    {
        try
        {
            return new FileStream(file.FullPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"'{file.FullPath}' cannot be read: {e.Message}");
        }
    }

    private static IEnumerable<IReadOnlyList<FolderFile>> Batches(IReadOnlyList<FolderFile> files)
    {
        var (batch, bytes) = (new List<FolderFile>(), 0L);
        foreach (var file in files)
        {
            if (batch.Count == BatchFiles || (batch.Count > 0 && bytes + file.Size > BatchBytes))
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }
            batch.Add(file);
            bytes += file.Size;
        }
        yield return batch;
    }

    private static async Task<ImportView> WaitAsync(CommandContext command, ImportView import, CancellationToken ct)
    {
        var shown = -1;
        while (import.IsActive)
        {
            await Task.Delay(PollEvery, ct);
            import = await SendAsync<ImportView>(command.Http, HttpMethod.Get, $"/v1/knowledge/imports/{import.Id}", null, ct);
            var done = import.State == "crawling" ? import.Total : import.Added + import.Changed + import.Unchanged + import.Failed;
            if (done != shown && import.State == "crawling")
                command.Progress.Report(string.Create(CultureInfo.InvariantCulture, $"Fetched {shown = done} pages"));
            else if (done != shown)
                command.Progress.Report(string.Create(CultureInfo.InvariantCulture, $"Read {shown = done} of {import.Total} files"));
        }
        return import;
    }

    private static async Task PrintAsync(CommandContext command, string name, int skipped, ImportView import, TimeSpan took, CancellationToken ct)
    {
        var source = await SendAsync<JsonElement>(command.Http, HttpMethod.Get, $"/v1/knowledge/sources/{import.SourceId}", null, ct);
        var report = new Report(import.SourceId, new Counts(import.Added, import.Changed, import.Unchanged, import.Removed, import.Failed),
            source.GetProperty("chunks").GetInt32(), Math.Round(took.TotalSeconds, 2), await ErrorsAsync(command.Http, import.Id, ct), skipped);
        if (command.Json)
        {
            await command.Out.WriteLineAsync(JsonSerializer.Serialize(report, Json));
            return;
        }
        var d = report.Documents;
        await command.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{name}: {d.Added} added, {d.Changed} changed, {d.Unchanged} unchanged, {d.Removed} removed, {d.Failed} failed; {report.Chunks} passages; {report.Seconds:0.0} s"));
        foreach (var error in report.Errors)
            await command.Out.WriteLineAsync($"  {error.Path}: {error.Reason}");
        if (report.Skipped > 0)
            await command.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {report.Skipped} files of other types were left out."));
    }

    private static async Task<IReadOnlyList<FileError>> ErrorsAsync(HttpClient http, Guid importId, CancellationToken ct)
    {
        var errors = new List<FileError>();
        string? cursor = null;
        do
        {
            var page = await SendAsync<JsonElement>(http, HttpMethod.Get,
                $"/v1/knowledge/imports/{importId}/files?state=failed&limit=200" + (cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor)), null, ct);
            errors.AddRange(page.GetProperty("items").EnumerateArray().Select(f => new FileError(f.GetProperty("path").GetString()!, f.GetProperty("reason").GetString() ?? "")));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null && errors.Count < MaxErrorsShown);
        return errors;
    }

    private static async Task CancelQuietlyAsync(HttpClient http, Guid importId)
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            using var response = await http.PostAsync(new Uri($"/v1/knowledge/imports/{importId}/cancel", UriKind.Relative), null, patience.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // The instance is gone too; an upload that nobody adds to ends by itself.
        }
    }

    private static async Task<T> SendAsync<T>(HttpClient http, HttpMethod method, string path, HttpContent? content, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await http.SendAsync(request, ct);
        if (!response.IsSuccessStatusCode)
            throw new CommandException(await ProblemAsync(response, ct));
        return (await response.Content.ReadFromJsonAsync<T>(Json, ct))!;
    }

    private static async Task<string> ProblemAsync(HttpResponseMessage response, CancellationToken ct)
    {
        try
        {
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Json, ct);
            if (problem.TryGetProperty("errors", out var fields) && fields.EnumerateObject().FirstOrDefault() is { Value.ValueKind: JsonValueKind.Array } field)
                return $"{field.Name}: {field.Value[0].GetString()}";
            if (problem.TryGetProperty("title", out var title))
                return title.GetString()!;
        }
        catch (JsonException)
        {
            // Something between us and the instance answered.
        }
        return response.StatusCode == HttpStatusCode.Unauthorized ? "The instance refused the token (PARLEY_TOKEN)." : $"The instance answered {(int)response.StatusCode}.";
    }
}
