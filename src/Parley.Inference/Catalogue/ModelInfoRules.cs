using Parley.Inference.Contracts;
using Parley.Inference.Providers;

namespace Parley.Inference.Catalogue;

/// <summary>What must hold of an entry of the catalogue. Pure.</summary>
internal static class ModelInfoRules
{
    private const int MaxText = 200, MaxNote = 500, MaxAddress = 500;

    /// <summary>In dollars for a million; far above every price there is, and small enough that no bill overflows.</summary>
    private const decimal MaxPrice = 100_000;

    /// <param name="model">The entry.</param>
    /// <param name="shipped">Of a file for everybody: it must say what people call the model, and where and when its prices were read.</param>
    internal static IEnumerable<string> Problems(ModelInfo model, bool shipped)
    {
        if (model.Provider is null || !ModelProviders.Kinds.Contains(model.Provider))
        {
            yield return $"provider is none of {string.Join(", ", ModelProviders.Kinds)}.";
        }
        else if (!ModelProviders.Of(model.Provider)!.Makes.Contains(model.Kind))
        {
            yield return $"{ModelProviders.Of(model.Provider)!.Name} has no models of the kind {model.Kind.ToString().ToLowerInvariant()} here.";
        }
        foreach (var problem in TextProblems(model, shipped))
        {
            yield return problem;
        }
        if (shipped && model.AsOf == default)
        {
            yield return "asOf must be the day on which the prices were read.";
        }
        if (model.Until < model.AsOf)
        {
            yield return "until is before asOf.";
        }
        if (model.Capabilities is null)
        {
            yield return "capabilities must not be null; leave them out where nothing is known.";
            yield break;
        }
        if (model.Kind == ModelKind.Embedding && model.Capabilities.Dimensions is not > 0)
        {
            yield return "capabilities.dimensions must be the length of its vectors.";
        }
        if (model.Capabilities is { MaxInputTokens: <= 0 } or { MaxOutputTokens: <= 0 } or { MaxInputs: <= 0 })
        {
            yield return "capabilities: limits must be above 0; leave out what is not known.";
        }
        if (model.Capabilities.Batch && (model.Kind != ModelKind.Chat || ModelProviders.Of(model.Provider) is { HasBatches: false }))
        {
            yield return "capabilities.batch is for chat models of providers with a batch lane; leave it out.";
        }
        foreach (var problem in model.Prices is { } prices ? PriceProblems(prices, model.Kind) : [])
        {
            yield return problem;
        }
    }

    /// <summary>One line of printable characters?</summary>
    internal static bool IsLine(string? text, int max = MaxText) => !string.IsNullOrWhiteSpace(text) && text.Length <= max && !text.Any(char.IsControl);

    private static IEnumerable<string> TextProblems(ModelInfo model, bool shipped)
    {
        if (!IsLine(model.Model) || (shipped ? !IsLine(model.Name) : !string.IsNullOrEmpty(model.Name) && !IsLine(model.Name)))
        {
            yield return $"model and name must be texts in one line, not empty, of at most {MaxText} characters.";
        }
        if (model.Source is null ? shipped : !model.Source.IsAbsoluteUri || model.Source.Scheme != Uri.UriSchemeHttps || model.Source.OriginalString.Length > MaxAddress)
        {
            yield return "source must be the https address of the page that the prices were read from.";
        }
        if (model.BaseUrl is { } address && (!address.IsAbsoluteUri || address.OriginalString.Length > MaxAddress))
        {
            yield return "baseUrl must be a whole address, with https:// in front.";
        }
        if (model.Note is { } note && (note.Length > MaxNote || note.Contains('\0', StringComparison.Ordinal)))
        {
            yield return $"note must have at most {MaxNote} characters.";
        }
    }

    private static IEnumerable<string> PriceProblems(ModelPrices prices, ModelKind kind)
    {
        if (new[] { prices.Input, prices.CachedRead, prices.CacheWrite, prices.Output, prices.Searches }.Any(price => price is < 0 or > MaxPrice))
        {
            yield return $"prices must be between 0 and {MaxPrice:0} dollars.";
        }
        if (kind == ModelKind.Chat && (prices.Input is null || prices.Output is null))
        {
            yield return "prices of a chat model need input and output, in dollars for a million tokens; without both leave prices out. A server of your own costs 0 and 0.";
        }
        if (kind != ModelKind.Chat && prices.Input is null && prices.Searches is null)
        {
            yield return "prices need input (dollars for a million tokens) or searches (dollars for a thousand); without both leave prices out. A server of your own costs 0.";
        }
        if (prices.Batch is <= 0 or > 1)
        {
            yield return "prices.batch must be above 0 and at most 1: what of these prices a call of the batch lane costs, for example 0.5.";
        }
        if (prices.CachedRead > prices.Input)
        {
            yield return "prices.cachedRead is above prices.input; are the two exchanged?";
        }
        if (prices.LongAbove is null != prices.Long is null || prices.LongAbove <= 0 || prices.Long?.Long is not null)
        {
            yield return "prices.longAbove (a number of tokens) and prices.long (prices, once) belong together.";
        }
        if (prices.Long?.Batch is not null)
        {
            yield return "prices.batch belongs beside prices.input; it holds for long prompts too.";
        }
        foreach (var problem in prices.Long is { Long: null } longer ? PriceProblems(longer, kind) : [])
        {
            yield return "long: " + problem;
        }
    }
}
