using System.Text.Json;

namespace Parley.Quality.Evaluation;

/// <summary>
/// A dataset folder: corpus.jsonl {id,title,text}, queries.jsonl {id,text[,answer|answers,history,exclude]}, qrels.tsv and optionally
/// queries_unanswerable.jsonl {id,text,type[,history]}.
/// </summary>
public sealed record Dataset
{
    public required string Name { get; init; }

    public required IReadOnlyList<DatasetDocument> Documents { get; init; }

    /// <summary>Only questions that have at least one relevant document, in the file's order.</summary>
    public required IReadOnlyList<DatasetQuestion> Questions { get; init; }

    public required IReadOnlyList<DatasetQuestion> Unanswerable { get; init; }

    private const string DefaultQueries = "queries.jsonl";
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16 };

    /// <summary>Reads a folder. <paramref name="queriesFile"/> replaces queries.jsonl.</summary>
    /// <exception cref="InvalidDataException">The folder is not a dataset; the message names file, line and what is wrong.</exception>
    public static Dataset Load(string folder, string? queriesFile = null)
    {
        var documents = ReadLines(folder, "corpus.jsonl", ReadDocument).ToList();
        var known = documents.Select(d => d.Id).ToHashSet(StringComparer.Ordinal);
        if (known.Count != documents.Count)
            throw new InvalidDataException($"{folder}/corpus.jsonl: an id occurs twice.");
        var relevance = ReadRelevance(folder, known);
        var questions = ReadLines(folder, queriesFile ?? DefaultQueries, e => ReadQuestion(e, relevance)).Where(q => q.Relevant.Count > 0).ToList();
        var unanswerable = File.Exists(Path.Combine(folder, "queries_unanswerable.jsonl"))
            ? ReadLines(folder, "queries_unanswerable.jsonl", e => ReadQuestion(e, relevance)).ToList()
            : [];
        if (questions.Count == 0)
            throw new InvalidDataException($"{folder}: no question of {queriesFile ?? DefaultQueries} has a relevant document in qrels.tsv.");
        return new Dataset
        {
            Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)),
            Documents = documents,
            Questions = questions,
            Unanswerable = unanswerable,
        };
    }

    /// <summary>All documents, and at most so many questions of each kind: the same ones on every machine.</summary>
    internal Dataset Sample(int questions) => this with
    {
        Questions = [.. Questions.OrderBy(q => StableHash.Of(q.Id)).Take(questions)],
        Unanswerable = [.. Unanswerable.OrderBy(q => StableHash.Of(q.Id)).Take(questions)],
    };

    private static DatasetDocument ReadDocument(JsonElement e) => new(Required(e, "id"), Optional(e, "title") ?? "", Required(e, "text"));

    private static DatasetQuestion ReadQuestion(JsonElement e, Dictionary<string, HashSet<string>> relevance)
    {
        var id = Required(e, "id");
        return new DatasetQuestion
        {
            Id = id,
            Text = Required(e, "text"),
            Type = Optional(e, "type"),
            Answers = [.. Strings(e, "answer"), .. Strings(e, "answers")],
            Exclude = Strings(e, "exclude").ToHashSet(StringComparer.Ordinal),
            History = e.TryGetProperty("history", out var history) && history.ValueKind == JsonValueKind.Array
                ? [.. history.EnumerateArray().Select(ReadTurn)]
                : [],
            Relevant = relevance.GetValueOrDefault(id) ?? [],
        };
    }

    private static DatasetTurn ReadTurn(JsonElement e) => e.ValueKind == JsonValueKind.String
        ? new DatasetTurn(true, e.GetString()!)
        : new DatasetTurn((Optional(e, "speaker") ?? Optional(e, "role")) is "user" or "customer", Required(e, "text"));

    private static IEnumerable<string> Strings(JsonElement e, string name)
    {
        if (!e.TryGetProperty(name, out var value))
            return [];
        return value.ValueKind switch
        {
            JsonValueKind.Array => value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!),
            JsonValueKind.String => [value.GetString()!],
            _ => [],
        };
    }

    private static string Required(JsonElement e, string name) =>
        Optional(e, name) ?? throw new InvalidDataException($"\"{name}\" is missing or not a string");

    private static string? Optional(JsonElement e, string name) =>
        e.ValueKind == JsonValueKind.Object && e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IEnumerable<T> ReadLines<T>(string folder, string file, Func<JsonElement, T> read)
    {
        var path = Path.Combine(folder, file);
        if (!File.Exists(path))
            throw new InvalidDataException($"{folder} is not a dataset: it has no {file}.");
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            T item;
            try
            {
                using var json = JsonDocument.Parse(line, Strict);
                item = read(json.RootElement);
            }
            catch (Exception e) when (e is JsonException or InvalidDataException)
            {
                throw new InvalidDataException($"{path}, line {number}: {e.Message}", e);
            }
            yield return item;
        }
    }

    /// <summary>query-id TAB corpus-id TAB score, a header first. A document that the corpus lacks is an error, not a silent miss.</summary>
    private static Dictionary<string, HashSet<string>> ReadRelevance(string folder, HashSet<string> known)
    {
        var path = Path.Combine(folder, "qrels.tsv");
        if (!File.Exists(path))
            throw new InvalidDataException($"{folder} is not a dataset: it has no qrels.tsv.");
        var relevance = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        var number = 1;
        foreach (var line in File.ReadLines(path).Skip(1))
        {
            number++;
            if (line.Length == 0)
                continue;
            var cells = line.Split('\t');
            if (cells.Length < 3 || !int.TryParse(cells[2], out var grade))
                throw new InvalidDataException($"{path}, line {number}: expected query id, document id and a whole-number grade separated by tabs.");
            if (grade <= 0)
                continue;
            if (!known.Contains(cells[1]))
                throw new InvalidDataException($"{path}, line {number}: document {cells[1]} is not in corpus.jsonl.");
            if (!relevance.TryGetValue(cells[0], out var documents))
                relevance[cells[0]] = documents = new HashSet<string>(StringComparer.Ordinal);
            documents.Add(cells[1]);
        }
        return relevance;
    }
}

public sealed record DatasetDocument(string Id, string Title, string Text);

public sealed record DatasetQuestion
{
    public required string Id { get; init; }

    public required string Text { get; init; }

    /// <summary>Kind of an unanswerable question.</summary>
    public string? Type { get; init; }

    public IReadOnlyList<string> Answers { get; init; } = [];

    /// <summary>Documents that are dropped from a ranking before it is scored.</summary>
    public IReadOnlySet<string> Exclude { get; init; } = new HashSet<string>();

    /// <summary>Earlier turns, oldest first.</summary>
    public IReadOnlyList<DatasetTurn> History { get; init; } = [];

    public IReadOnlySet<string> Relevant { get; init; } = new HashSet<string>();
}

public sealed record DatasetTurn(bool IsCustomer, string Text);
