namespace Parley.Assistant.Composer;

/// <summary>
/// Turns the signals into one number between 0 and 1: the confidence that the evidence answers the question. One formula with the same
/// constants for all tenants; what it is worth in a tenant's own knowledge is the calibration's to say.
/// </summary>
/// <remarks>
/// Round constants, chosen to tell answerable questions from those about another product, off-domain questions, near misses and misleading
/// ones alike, and stable when a set is left out (docs/adr/0024-confidence.md). The intercept puts the threshold where at most about one in
/// ten questions about another product is answered.
/// </remarks>
internal static class SupportModel
{
    /// <summary>At or above this confidence the composer answers: "deliver with a note" of the product's rules; below it abstains.</summary>
    internal const double AnswerThreshold = .6;

    private const double Intercept = 7;
    private const double MatchWeight = 4;
    private const double MarginWeight = 5;
    private const double MissingNameWeight = 2.5;
    private const double NegatedWeight = 2.5;
    private const double OpposedWeight = 2;

    /// <summary>A question of which nearly half is in words that nobody has written is about something else; what matches matches by chance.</summary>
    private const double UnknownFrom = .4;
    private const double UnknownWeight = 8;

    internal static double Confidence(in SupportSignals signals) =>
        signals.Match <= 0 ? 0 : 1 / (1 + Math.Exp(-LogOdds(signals)));

    private static double LogOdds(in SupportSignals s) =>
        Intercept + (MatchWeight * Math.Log(s.Match)) + (MarginWeight * s.Margin) - (MissingNameWeight * s.MissingName)
        - (s.IsNegated ? NegatedWeight : 0) - (s.IsOpposed ? OpposedWeight : 0)
        - (UnknownWeight * Math.Max(0, s.Unknown - UnknownFrom));
}
