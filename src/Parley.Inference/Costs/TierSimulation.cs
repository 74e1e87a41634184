using Parley.Inference.Contracts;

namespace Parley.Inference.Costs;

/// <summary>What a question sends to a model and gets back, in tokens.</summary>
/// <param name="Prefix">The part that is the same in every prompt: system, tools, policies.</param>
/// <param name="Rest">Evidence, history, the question.</param>
/// <param name="Answer">What the model writes.</param>
/// <param name="CachedShare">Of the calls that find the prefix in the provider's cache, 0 to 1; the others write it there.</param>
internal sealed record QuestionTokens(double Prefix, double Rest, double Answer, double CachedShare);

/// <summary>Three models that stand for the tiers.</summary>
internal sealed record TierPrices(ModelPrices Small, ModelPrices Medium, ModelPrices Large);

/// <summary>
/// What questions cost on three tiers, in expectation. Of all questions a share <c>s</c> can be answered by the small tier, and of the others a share <c>m</c> by the
/// medium one; <c>C</c> is the cost of one call. <b>Complexity</b>, at its best: a prior that is always right sends each question to the smallest tier that can answer it:
/// s·C(small) + (1−s)·(m·C(medium) + (1−m)·C(large)). <b>Attempts</b>: every question begins with the small tier, and each failed attempt is paid:
/// C(small) + (1−s)·C(medium) + (1−s)·(1−m)·C(large).
/// </summary>
internal static class TierSimulation
{
    internal const string CallFormula = "C(tier) = prefix · (h · price of a cached token + (1 − h) · price of writing it) + rest · price of input + answer · price of output; h: share of calls that find the prefix in the cache, where the provider has a price for it.";
    internal const string ComplexityFormula = "s · C(small) + (1 − s) · (m · C(medium) + (1 − m) · C(large))";
    internal const string AttemptsFormula = "C(small) + (1 − s) · C(medium) + (1 − s) · (1 − m) · C(large)";

    private const double Million = 1_000_000;

    /// <summary>In dollars. A model without prices of a cache has none: its prefix costs what any input does.</summary>
    internal static double Call(ModelPrices prices, QuestionTokens tokens)
    {
        var input = (double)prices.Input!.Value;
        var (read, write) = prices.CachedRead is { } cached ? ((double)cached, (double)(prices.CacheWrite ?? prices.Input.Value)) : (input, input);
        // Where nothing is ever read, nobody pays for writing.
        var prefix = tokens.CachedShare > 0 ? (tokens.CachedShare * read) + ((1 - tokens.CachedShare) * write) : input;
        return ((tokens.Prefix * prefix) + (tokens.Rest * input) + (tokens.Answer * (double)prices.Output!.Value)) / Million;
    }

    internal static double AllLarge(TierPrices prices, QuestionTokens tokens) => Call(prices.Large, tokens);

    internal static double Complexity(TierPrices prices, QuestionTokens tokens, double small, double mediumOfRest) =>
        (small * Call(prices.Small, tokens)) + ((1 - small) * ((mediumOfRest * Call(prices.Medium, tokens)) + ((1 - mediumOfRest) * Call(prices.Large, tokens))));

    internal static double Attempts(TierPrices prices, QuestionTokens tokens, double small, double mediumOfRest) =>
        Call(prices.Small, tokens) + ((1 - small) * Call(prices.Medium, tokens)) + ((1 - small) * (1 - mediumOfRest) * Call(prices.Large, tokens));
}
