using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Inference.Contracts;

namespace Parley.Inference.Catalogue;

/// <summary>
/// Known models with what they take and cost: a dated table that ships with Parley (models.json) and that an operator can correct and extend with a file
/// of the same form. Prices change without notice: the operator checks them against <see cref="ModelInfo.Source"/>.
/// </summary>
internal sealed class ModelCatalogue
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>Names the operator's file.</summary>
    internal const string FileVariable = "PARLEY_MODEL_CATALOGUE";

    private readonly Dictionary<(string Provider, string Model), ModelInfo> _models;

    private ModelCatalogue(IEnumerable<ModelInfo> models) => _models = models.ToDictionary(model => (model.Provider, model.Model));

    /// <summary>The table that ships with Parley.</summary>
    internal static ModelCatalogue Shipped { get; } = ReadShipped();

    /// <summary>All models, by provider and name.</summary>
    internal IReadOnlyList<ModelInfo> Models => [.. _models.Values.OrderBy(model => model.Provider, StringComparer.Ordinal).ThenBy(model => model.Model, StringComparer.Ordinal)];

    /// <summary>Null: nothing is known of it.</summary>
    internal ModelInfo? Find(string provider, string model) => _models.GetValueOrDefault((provider, model));

    /// <summary>Whether an entry is not the one that ships with Parley: the operator's file put it there.</summary>
    internal static bool IsOperators(ModelInfo model) => Shipped.Find(model.Provider, model.Model) != model;

    /// <summary>What ships with Parley, corrected by the operator's file; without a path as shipped.</summary>
    /// <exception cref="FormatException">The file cannot be read, or what is in it is wrong.</exception>
    internal static ModelCatalogue WithFile(string? path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            return Shipped;
        }
        try
        {
            using var json = System.IO.File.OpenRead(path);
            return Shipped.With(Read(json));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new FormatException($"{FileVariable}={path}: {e.Message}", e);
        }
    }

    /// <summary>This catalogue with another's models added or put in place of its own.</summary>
    internal ModelCatalogue With(ModelCatalogue other) => new(_models.Values.Where(model => other.Find(model.Provider, model.Model) is null).Concat(other._models.Values));

    /// <exception cref="FormatException">Says everything that is wrong, each with its place and its mend.</exception>
    internal static ModelCatalogue Read(Stream json)
    {
        File file;
        try
        {
            file = JsonSerializer.Deserialize<File>(json, Json) ?? throw new FormatException("The model catalogue is empty.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"The model catalogue cannot be read at {e.Path ?? "its beginning"} (line {e.LineNumber + 1}): {e.Message}", e);
        }
        List<string> problems = [.. file.Models.SelectMany(model => ModelInfoRules.Problems(model, shipped: true).Select(problem => $"{model.Provider} {model.Model}: {problem}"))];
        problems.AddRange(file.Models.GroupBy(model => (model.Provider, model.Model)).Where(same => same.Count() > 1).Select(same => $"{same.Key.Provider} {same.Key.Model}: is there twice; keep one."));
        return problems.Count == 0 ? new ModelCatalogue(file.Models) : throw new FormatException("The model catalogue is wrong:\n" + string.Join('\n', problems));
    }

    private static ModelCatalogue ReadShipped()
    {
        using var json = typeof(ModelCatalogue).Assembly.GetManifestResourceStream("models.json")!;
        return Read(json);
    }

    private sealed record File
    {
        /// <summary>For people; not read.</summary>
        public string? About { get; init; }

        public required IReadOnlyList<ModelInfo> Models { get; init; }
    }
}
