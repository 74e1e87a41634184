using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Host.Instance;

using Parley.Platform.Cli;
using Parley.Quality;
using Parley.Quality.Evaluation;

namespace Parley.Host.Cli;

/// <summary><c>parley eval retrieval|answers --dataset DIR</c>: in a scratch tenant of a scratch database, removed afterwards.</summary>
internal static class EvalCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private static readonly Option<string> Folder = new("--dataset") { HelpName = "DIR", Description = "A data set: a folder, or its name below PARLEY_DATASETS", Required = true };
    private static readonly Option<string> History = new("--history") { HelpName = "rule|none", Description = "Lend follow-up questions their conversation, or rank them alone", DefaultValueFactory = _ => "rule" };
    private static readonly Option<string?> Queries = new("--queries") { HelpName = "FILE", Description = "Questions instead of queries.jsonl, inside the data set" };

    private static readonly Option<string?> Others = new("--others")
    {
        HelpName = "SET,SET|none", Description = "Data sets whose questions fit the threshold that is reported beside the set's own; default: those in the same folder with enough questions of each kind",
    };

    internal static Command Create()
    {
        History.AcceptOnlyFromAmong("rule", "none");
        return new Command("eval", "Measure search and answers: on a data set, in a scratch instance; or on your golden questions")
        {
            CommandFrame.Create("retrieval", "How well the right documents are found", [Folder, History, Queries, CommandFrame.Json, CommandFrame.Quiet], (parsed, ct) =>
                RunAsync(parsed, parsed.GetValue(Queries), RetrievalAsync, ct)),
            CommandFrame.Create("answers", "How often answers are right, and questions without an answer are declined", [Folder, Others, CommandFrame.Json, CommandFrame.Quiet], (parsed, ct) =>
                RunAsync(parsed, null, AnswersAsync, ct)),
            EvalGoldenCommand.Create(),
        };
    }

    private static async Task<JsonObject> RetrievalAsync(IServiceProvider services, Dataset data, ParseResult parsed, IProgress<string> progress, CancellationToken ct)
    {
        var evaluation = await services.GetRequiredService<EvaluateRetrieval>().RunAsync(data, await TenantAsync(services, data.Name, ct), parsed.GetValue(History) == "rule", progress, ct);
        var result = JsonSerializer.SerializeToNode(evaluation.Report, Json)!.AsObject();
        result["importSeconds"] = evaluation.ImportSeconds;
        result["unreadable"] = evaluation.Unreadable;
        if (evaluation.WithoutClassifier is { } without)
        {
            result["withoutClassifier"] = JsonSerializer.SerializeToNode(without, Json);
        }
        return result;
    }

    private static async Task<JsonObject> AnswersAsync(IServiceProvider services, Dataset data, ParseResult parsed, IProgress<string> progress, CancellationToken ct) =>
        JsonSerializer.SerializeToNode(await services.GetRequiredService<EvaluateAnswers>().RunAsync(
            data, OthersOf(parsed), (name, stop) => TenantAsync(services, name, stop), progress, ct), Json)!.AsObject();

    private static async Task<Guid> TenantAsync(IServiceProvider services, string name, CancellationToken ct) =>
        (await services.GetRequiredService<Identity.Bootstrap>().CreateTenantAsync("evaluation-" + Guid.CreateVersion7().ToString("N"), name, demo: false, ct)).Value;

    /// <summary>The sets named, else all neighbours that hold questions without an answer.</summary>
    private static List<Dataset> OthersOf(ParseResult parsed)
    {
        if (parsed.GetValue(Others) is { Length: > 0 } named)
            return named == "none" ? [] : [.. named.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(n => Load(n, null))];
        var own = Path.TrimEndingDirectorySeparator(Path.GetFullPath(FolderOf(parsed.GetValue(Folder)!)));
        return [.. Directory.EnumerateDirectories(Path.GetDirectoryName(own)!).Order(StringComparer.Ordinal)
            .Where(f => f != own && File.Exists(Path.Combine(f, "queries_unanswerable.jsonl"))).Select(f => Load(f, null))];
    }

    private static async Task<int> RunAsync(
        ParseResult parsed, string? queries, Func<IServiceProvider, Dataset, ParseResult, IProgress<string>, CancellationToken, Task<JsonObject>> evaluate, CancellationToken ct)
    {
        var progress = CommandFrame.ProgressOf(parsed);
        var data = Load(parsed.GetValue(Folder)!, queries);
        var scratch = Directory.CreateTempSubdirectory("parley-eval-").FullName;
        // The database may run under an account of its own, which must reach its folder below.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(scratch, (UnixFileMode)0b111_001_001);
        try
        {
            await using var instance = await LocalInstance.StartAsync(new LocalInstanceSettings { Data = Path.Combine(scratch, "data"), Durable = false, FirstStart = false }, progress, ct);
            var result = await evaluate(instance.App.Services, data, parsed, progress, ct);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(CommandFrame.Json) ? result.ToJsonString(Json) : Lines(data, result));
            return 0;
        }
        catch (InvalidDataException e)
        {
            throw new CommandException(e.Message);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static string FolderOf(string folder) => Directory.Exists(folder) ? folder : Path.Combine(Root(), folder);

    private static Dataset Load(string folder, string? queries)
    {
        var found = FolderOf(folder);
        if (!Directory.Exists(found)) throw new CommandException($"There is no data set '{folder}'. Give a folder, or a name below PARLEY_DATASETS.");
        try
        {
            return Dataset.Load(found, queries);
        }
        catch (InvalidDataException e)
        {
            throw new CommandException(e.Message);
        }
    }

    /// <summary>PARLEY_DATASETS, else the folder beside the clone that this program was built in.</summary>
    private static string Root()
    {
        if (Environment.GetEnvironmentVariable("PARLEY_DATASETS") is { Length: > 0 } root) return root;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Parley.slnx"))) return Path.Combine(folder.FullName, "..", "shared", "data");
        return ".";
    }

    private static string Lines(Dataset data, JsonObject result) =>
        data.Name + "\n" + string.Join('\n', result.Select(r => $"  {r.Key,-18} {r.Value?.ToJsonString()}"));
}
