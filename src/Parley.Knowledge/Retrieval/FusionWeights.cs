namespace Parley.Knowledge.Retrieval;

/// <summary>
/// The one scoring model of all tenants: score = A + 1.25·G + 1.5·Tcos² + .6·Bi + .4·SPL + .3·Tt + H. Each leg is divided by the
/// question's ideal score, which makes legs commensurable. Weights were fitted once over seven families of public test sets and hold when
/// a family is left out (docs/adr/0020-lexical-fusion.md); they are not settings.
/// </summary>
internal static class FusionWeights
{
    /// <summary>A: BM25 over the stems of title and body.</summary>
    internal const float Body = 1f;

    /// <summary>G: BM25 over four-grams inside words, for inflected languages, compounds and typos.</summary>
    internal const float Grams = 1.25f;

    /// <summary>Tcos²: how far question and title cover each other, squared.</summary>
    internal const float TitleCover = 1.5f;

    /// <summary>Bi: BM25 over neighbouring stems.</summary>
    internal const float Pairs = .6f;

    /// <summary>SPL: the smoothed power law of the information-based models.</summary>
    internal const float PowerLaw = .4f;

    /// <summary>Tt: BM25 over titles.</summary>
    internal const float Title = .3f;

    /// <summary>H: BM25 over headings.</summary>
    internal const float Headings = 1f;

    /// <summary>
    /// What a document would score whose every leg reached the question's ideal. Legs on fields that documents do not have cannot be
    /// reached: they count by the share of documents that have a title or a heading.
    /// </summary>
    internal static float Ideal(float titled, float headed) =>
        Body + Grams + Pairs + PowerLaw + ((TitleCover + Title) * titled) + (Headings * headed);

    /// <summary>Saturation and length normalisation of the legs: BM25's k1 and b.</summary>
    internal static readonly (float K1, float B) BodyShape = (1.5f, .75f), GramShape = (1.5f, .75f), PairShape = (1.2f, .5f),
        TitleShape = (1.2f, .75f), HeadingShape = (1.2f, .5f), ChunkShape = (1.2f, .75f);
}
