using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Inference.Contracts;
using Parley.Inference.Providers;

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

    private readonly Dictionary<(string Provider, string Model), ModelInfo> _models;

    private ModelCatalogue(IEnumerable<ModelInfo> models) => _models = models.ToDictionary(model => (model.Provider, model.Model));

    /// <summary>The table that ships with Parley.</summary>
    internal static ModelCatalogue Shipped { get; } = ReadShipped();

    /// <summary>All models, by provider and name.</summary>
    internal IReadOnlyList<ModelInfo> Models => [.. _models.Values.OrderBy(model => model.Provider, StringComparer.Ordinal).ThenBy(model => model.Model, StringComparer.Ordinal)];

    /// <summary>Null: nothing is known of it.</summary>
    internal ModelInfo? Find(string provider, string model) => _models.GetValueOrDefault((provider, model));

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
        List<string> problems = [.. file.Models.SelectMany(Problems)];
        problems.AddRange(file.Models.GroupBy(model => (model.Provider, model.Model)).Where(same => same.Count() > 1).Select(same => $"{same.Key.Provider} {same.Key.Model}: is there twice; keep one."));
        return problems.Count == 0 ? new ModelCatalogue(file.Models) : throw new FormatException("The model catalogue is wrong:\n" + string.Join('\n', problems));
    }

    private static ModelCatalogue ReadShipped()
    {
        using var json = typeof(ModelCatalogue).Assembly.GetManifestResourceStream("models.json")!;
        return Read(json);
    }

    private static IEnumerable<string> Problems(ModelInfo model)
    {
        return Found().Select(problem => $"{model.Provider} {model.Model}: {problem}");

        IEnumerable<string> Found()
        {
            if (!ModelProviders.Kinds.Contains(model.Provider))
            {
                yield return $"provider is none of {string.Join(", ", ModelProviders.Kinds)}.";
            }
            if (string.IsNullOrWhiteSpace(model.Model) || string.IsNullOrWhiteSpace(model.Name))
            {
                yield return "model and name must not be empty.";
            }
            if (!model.Source.IsAbsoluteUri || model.Source.Scheme != Uri.UriSchemeHttps)
            {
                yield return "source must be the https address of the page that the prices were read from.";
            }
            if (model.Until < model.AsOf)
            {
                yield return "until is before asOf.";
            }
            if (model.Kind == ModelKind.Embedding && model.Capabilities.Dimensions is not > 0)
            {
                yield return "capabilities.dimensions must be the length of its vectors.";
            }
            if (model.Capabilities is { MaxInputTokens: <= 0 } or { MaxOutputTokens: <= 0 } or { MaxInputs: <= 0 })
            {
                yield return "capabilities: limits must be above 0; leave out what is not known.";
            }
            foreach (var problem in model.Prices is { } prices ? PriceProblems(prices, model.Kind) : [])
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<string> PriceProblems(ModelPrices prices, ModelKind kind)
    {
        if (new[] { prices.Input, prices.CachedRead, prices.CacheWrite, prices.Output, prices.Searches }.Any(price => price < 0))
        {
            yield return "prices must not be below 0.";
        }
        if (kind == ModelKind.Chat && (prices.Input is null || prices.Output is null))
        {
            yield return "prices of a chat model need input and output, in dollars for a million tokens; without both leave prices out.";
        }
        if (kind != ModelKind.Chat && prices.Input is null && prices.Searches is null)
        {
            yield return "prices need input (dollars for a million tokens) or searches (dollars for a thousand); without both leave prices out.";
        }
        if (prices.CachedRead > prices.Input)
        {
            yield return "prices.cachedRead is above prices.input; are the two exchanged?";
        }
        if (prices.LongAbove is null != prices.Long is null || prices.LongAbove <= 0 || prices.Long?.Long is not null)
        {
            yield return "prices.longAbove (a number of tokens) and prices.long (prices, once) belong together.";
        }
        foreach (var problem in prices.Long is { } longer ? PriceProblems(longer, kind) : [])
        {
            yield return "long: " + problem;
        }
    }

    private sealed record File
    {
        /// <summary>For people; not read.</summary>
        public string? About { get; init; }

        public required IReadOnlyList<ModelInfo> Models { get; init; }
    }
}
