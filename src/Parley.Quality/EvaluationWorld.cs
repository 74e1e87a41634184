using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Parley.Assistant;
using Parley.Knowledge.Imports;
using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Search;
using Parley.Platform.Errors;
using Parley.Quality.Evaluation;

namespace Parley.Quality;

/// <summary>
/// A dataset's documents, imported into a scratch tenant by the code that imports a customer's; questions go to the entries that serve
/// customers, with escalation off.
/// </summary>
internal sealed class EvaluationWorld
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    private readonly Dictionary<Guid, string> _names;
    private readonly Playground _assistant;

    private EvaluationWorld(Dataset data, Guid tenantId, Playground assistant, Dictionary<Guid, string> names) =>
        (Data, TenantId, _assistant, _names) = (data, tenantId, assistant, names);

    internal Dataset Data { get; }

    internal Guid TenantId { get; }

    internal double ImportSeconds { get; private init; }

    /// <summary>From an empty process to an index that answers: reading PostgreSQL and analysing.</summary>
    internal double IndexSeconds { get; private set; }

    /// <summary>Documents whose phrasings a classifier was trained on.</summary>
    internal int PhraseLists { get; private set; }

    /// <summary>Documents of the set that could not be read, with the reason: they can never be found.</summary>
    internal IReadOnlyDictionary<string, string> Unreadable { get; private init; } = new Dictionary<string, string>();

    /// <exception cref="InvalidDataException">The documents could not be imported.</exception>
    internal static async Task<EvaluationWorld> LoadAsync(Dataset data, Guid tenantId, EvaluationTools tools, IProgress<string> progress, CancellationToken ct)
    {
        progress.Report(string.Create(CultureInfo.InvariantCulture, $"Importing {data.Documents.Count} documents of {data.Name}"));
        var started = Stopwatch.GetTimestamp();
        var importId = await tools.Import.QueueAsync(tenantId, new LocalSource("evaluation", data.Name), [.. data.Documents.Select((d, i) => new LocalFile(PathOf(i), () => Content(d)))], ct)
            ?? throw new InvalidDataException("The documents are being imported already.");
        var end = await tools.Import.WaitAsync(tenantId, importId, Patience, ct);
        if (end.State != "succeeded")
            throw new InvalidDataException($"The documents of {data.Name} could not be imported: {end.Errors.Values.FirstOrDefault() ?? end.State}");
        var world = new EvaluationWorld(data, tenantId, tools.Assistant, end.Documents.ToDictionary(d => d.Value, d => data.Documents[OrdinalOf(d.Key)].Id))
        {
            ImportSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
            Unreadable = end.Errors.ToDictionary(e => data.Documents[OrdinalOf(e.Key)].Id, e => e.Value),
        };
        progress.Report("Indexing");
        started = Stopwatch.GetTimestamp();
        tools.Search.Evict(tenantId);
        world.PhraseLists = (await tools.Search.RefreshAsync(tenantId, ct)).PhraseLists;
        world.IndexSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return world;
    }

    /// <summary>The dataset's id of a document.</summary>
    internal string NameOf(Guid documentId) => _names.GetValueOrDefault(documentId, "");

    /// <summary>Looks a question up as the turn does.</summary>
    /// <param name="question">Its excluded documents are found on top of the depth that serves customers.</param>
    /// <param name="history">Lend it its conversation.</param>
    /// <param name="ct">Ends it.</param>
    /// <param name="phrasings">With the classifier of lists of phrasings.</param>
    internal Task<RetrievalResult> FindAsync(DatasetQuestion question, bool history, CancellationToken ct, bool phrasings = true)
    {
        var query = new RetrievalQuery
        {
            Text = question.Text,
            Phrasings = phrasings,
            History = history ? [.. question.History.Select(t => new HistoryTurn(t.IsCustomer ? TurnAuthor.Customer : TurnAuthor.Assistant, t.Text))] : [],
        };
        return _assistant.FindAsync(TenantId, query with { Documents = query.Documents + question.Exclude.Count }, ct);
    }

    /// <summary>Asks a question as the playground does, answering however weak the support, so that every answer can be judged.</summary>
    internal Task<Result<AskAnswer>> AskAsync(DatasetQuestion question, CancellationToken ct)
    {
        var history = question.History.Where(t => t.Text.Length > 0).TakeLast(AskRequest.MaxHistory).Select(t => new AskHistory(t.IsCustomer ? "customer" : "assistant", t.Text));
        return _assistant.AskAsync(TenantId, new AskRequest(question.Text, [.. history], Escalation: false, Threshold: 0), ct);
    }

    /// <summary>As somebody would have written the document: its title in the front matter, its text below.</summary>
    private static MemoryStream Content(DatasetDocument document) => new(Encoding.UTF8.GetBytes(
        document.Title.Length == 0 ? document.Text : $"---\ntitle: {JsonSerializer.Serialize(document.Title)}\n---\n\n{document.Text}"));

    private static string PathOf(int ordinal) => ordinal.ToString("D8", CultureInfo.InvariantCulture) + ".md";

    private static int OrdinalOf(string path) => int.Parse(path.AsSpan(0, 8), CultureInfo.InvariantCulture);
}

/// <summary>What an evaluation works with: import, index and assistant, as they serve customers.</summary>
public sealed class EvaluationTools(LocalImport import, KnowledgeSearch search, Playground assistant)
{
    internal LocalImport Import => import;

    internal KnowledgeSearch Search => search;

    internal Playground Assistant => assistant;
}
