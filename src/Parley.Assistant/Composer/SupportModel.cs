namespace Parley.Assistant.Composer;

/// <summary>
/// Turns retrieval's score and the answer's coverage into a probability that the evidence answers the question. One model for all tenants
/// until a tenant has golden questions of its own.
/// </summary>
internal static class SupportModel
{
    /// <summary>At or above this probability the composer answers.</summary>
    internal const double AnswerThreshold = .5;

    private const double Intercept = -4.6;
    private const double PerConfidence = 14;
    private const double PerCoverage = 3.2;

    /// <param name="confidence">Best score divided by the ideal score (<see cref="Parley.Knowledge.Retrieval.RetrievalResult.Confidence"/>).</param>
    /// <param name="coverage">Share of the question's weight that the quoted blocks and their headings cover.</param>
    internal static double Probability(double confidence, double coverage) =>
        1 / (1 + Math.Exp(-(Intercept + (PerConfidence * confidence) + (PerCoverage * coverage))));
}
