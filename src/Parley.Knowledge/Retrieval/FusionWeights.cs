namespace Parley.Knowledge.Retrieval;

/// <summary>
/// The one scoring model of all tenants: score = A + 1.25·G + 1.5·Tcos² + .6·Bi + .4·SPL + .3·Tt + H + .6·I, for a list of phrasings times ½ + P. Each leg is divided by
/// the question's ideal score, which makes legs commensurable. Weights were fitted once over seven families of public test sets and hold
/// when a family is left out (docs/adr/0020-lexical-fusion.md); they are not settings. Only an ablation makes others than
/// <see cref="Shipped"/>.
/// </summary>
internal sealed record FusionWeights
{
    internal static readonly FusionWeights Shipped = new();

    /// <summary>Saturation and length normalisation of the legs: BM25's k1 and b.</summary>
    internal static readonly (float K1, float B) BodyShape = (1.5f, .75f), GramShape = (1.5f, .75f), PairShape = (1.2f, .5f),
        TitleShape = (1.2f, .75f), HeadingShape = (1.2f, .5f), ChunkShape = (1.2f, .75f);

    /// <summary>A: BM25 over the stems of title and body.</summary>
    internal float Body { get; init; } = 1f;

    /// <summary>G: BM25 over four-grams inside words, for inflected languages, compounds and typos.</summary>
    internal float Grams { get; init; } = 1.25f;

    /// <summary>Tcos²: how far question and title cover each other, squared.</summary>
    internal float TitleCover { get; init; } = 1.5f;

    /// <summary>Bi: BM25 over neighbouring stems.</summary>
    internal float Pairs { get; init; } = .6f;

    /// <summary>SPL: the smoothed power law of the information-based models.</summary>
    internal float PowerLaw { get; init; } = .4f;

    /// <summary>Tt: BM25 over titles.</summary>
    internal float Title { get; init; } = .3f;

    /// <summary>H: BM25 over headings.</summary>
    internal float Headings { get; init; } = 1f;

    /// <summary>I: the share of the question's names of joined words (error codes, variables, versions) that the document holds.</summary>
    internal float Identifiers { get; init; } = .6f;

    /// <summary>P: the probability that the question is one more phrasing of a document that is a list of phrasings (docs/adr/0025-phrase-classifier.md).</summary>
    internal float Phrasings { get; init; } = 2f;

    /// <summary>
    /// What a document would score whose every leg reached the question's ideal. Legs on fields that documents do not have cannot be
    /// reached: they count by the share of documents that have a title or a heading.
    /// </summary>
    internal float Ideal(float titled, float headed) =>
        Body + Grams + Pairs + PowerLaw + ((TitleCover + Title) * titled) + (Headings * headed);
}
