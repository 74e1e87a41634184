using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Parley.Knowledge.Imports;
using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Search;
using Parley.Quality.Evaluation;

namespace Parley.Quality;

/// <summary>A dataset's documents, imported into a scratch tenant by the code that imports a customer's, and indexed by the code that serves them.</summary>
internal sealed class EvaluationWorld
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    private readonly Dictionary<Guid, string> _names;
    private readonly KnowledgeSearch _search;

    private EvaluationWorld(Dataset data, Guid tenantId, KnowledgeSearch search, Dictionary<Guid, string> names) =>
        (Data, TenantId, _search, _names) = (data, tenantId, search, names);

    internal Dataset Data { get; }

    internal Guid TenantId { get; }

    internal double ImportSeconds { get; private init; }

    /// <summary>From an empty process to an index that answers: reading PostgreSQL and analysing.</summary>
    internal double IndexSeconds { get; private set; }

    /// <summary>Documents of the set that could not be read, with the reason: they can never be found.</summary>
    internal IReadOnlyDictionary<string, string> Unreadable { get; private init; } = new Dictionary<string, string>();

    /// <exception cref="InvalidDataException">The documents could not be imported.</exception>
    internal static async Task<EvaluationWorld> LoadAsync(Dataset data, Guid tenantId, LocalImport import, KnowledgeSearch search, IProgress<string> progress, CancellationToken ct)
    {
        progress.Report(string.Create(CultureInfo.InvariantCulture, $"Importing {data.Documents.Count} documents"));
        var started = Stopwatch.GetTimestamp();
        var importId = await import.QueueAsync(tenantId, new LocalSource("evaluation", data.Name), [.. data.Documents.Select((d, i) => new LocalFile(PathOf(i), () => Content(d)))], ct)
            ?? throw new InvalidDataException("The documents are being imported already.");
        var end = await import.WaitAsync(tenantId, importId, Patience, ct);
        if (end.State != "succeeded")
            throw new InvalidDataException($"The documents of {data.Name} could not be imported: {end.Errors.Values.FirstOrDefault() ?? end.State}");
        var world = new EvaluationWorld(data, tenantId, search, end.Documents.ToDictionary(d => d.Value, d => data.Documents[OrdinalOf(d.Key)].Id))
        {
            ImportSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
            Unreadable = end.Errors.ToDictionary(e => data.Documents[OrdinalOf(e.Key)].Id, e => e.Value),
        };
        progress.Report("Indexing");
        started = Stopwatch.GetTimestamp();
        search.Evict(tenantId);
        await search.RefreshAsync(tenantId, ct);
        world.IndexSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return world;
    }

    /// <summary>The dataset's id of a document.</summary>
    internal string NameOf(Guid documentId) => _names.GetValueOrDefault(documentId, "");

    internal async Task<RetrievalResult> SearchAsync(DatasetQuestion question, bool history, int documents, CancellationToken ct) =>
        await _search.SearchAsync(TenantId, new RetrievalQuery
        {
            Text = question.Text, Documents = documents,
            History = history ? [.. question.History.Select(t => new HistoryTurn(t.IsCustomer ? TurnAuthor.Customer : TurnAuthor.Assistant, t.Text))] : [],
        }, ct);

    /// <summary>As somebody would have written the document: its title in the front matter, its text below.</summary>
    private static MemoryStream Content(DatasetDocument document) => new(Encoding.UTF8.GetBytes(
        document.Title.Length == 0 ? document.Text : $"---\ntitle: {JsonSerializer.Serialize(document.Title)}\n---\n\n{document.Text}"));

    private static string PathOf(int ordinal) => ordinal.ToString("D8", CultureInfo.InvariantCulture) + ".md";

    private static int OrdinalOf(string path) => int.Parse(path.AsSpan(0, 8), CultureInfo.InvariantCulture);
}
