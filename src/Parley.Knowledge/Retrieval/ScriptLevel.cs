using Parley.Knowledge.Analysis;

namespace Parley.Knowledge.Retrieval;

/// <summary>
/// How much of the ideal score a good match reaches in the question's script, compared with English. Inflected words without a stemmer
/// and pairs of ideographs that straddle words match less often than stems; pairs of Thai letters match by chance.
/// </summary>
/// <remarks>
/// Measured as the score that parts answerable questions from those whose documents were left out, on twelve languages: with these levels
/// one threshold serves all of them (docs/adr/0020-lexical-fusion.md).
/// </remarks>
internal static class ScriptLevel
{
    private const double Thai = 2;
    private const double Ideograph = .62;
    private const double Indic = .9;
    private const double OtherAlphabet = .74;

    internal static float Of(IReadOnlyList<QueryTerm> terms) =>
        terms.Count == 0 ? 1 : (float)Math.Exp(terms.Sum(t => t.Weight * Math.Log(Of(t.Stem[0]))));

    private static double Of(char first) => first switch
    {
        < '\u0370' => 1,
        >= '\u0900' and < '\u0e00' => Indic,
        _ when !CharacterForm.IsSpaceless(first) => OtherAlphabet,
        >= '\u3040' => Ideograph,
        _ => Thai,
    };
}
