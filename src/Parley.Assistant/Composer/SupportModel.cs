namespace Parley.Assistant.Composer;

/// <summary>
/// Turns retrieval's confidence into the probability that the evidence answers the question. One model for all tenants until a tenant has
/// golden questions of its own.
/// </summary>
/// <remarks>
/// A logistic curve over ln(confidence), fitted to answerable questions of sixteen public sets against questions about another product,
/// off-domain questions, and questions whose documents were left out of the index, each set weighing the same. The intercept puts the
/// threshold where at most one in ten questions about another product is answered (confidence .21).
/// </remarks>
internal static class SupportModel
{
    /// <summary>At or above this probability the composer answers: "deliver with a note" of the product's rules; below it abstains.</summary>
    internal const double AnswerThreshold = .6;

    private const double Intercept = 6.57;
    private const double Slope = 3.95;

    /// <param name="confidence">Best score divided by the ideal score (<see cref="Knowledge.Retrieval.RetrievalResult.Confidence"/>).</param>
    internal static double Probability(double confidence) =>
        confidence <= 0 ? 0 : 1 / (1 + Math.Exp(-(Intercept + (Slope * Math.Log(confidence)))));
}
