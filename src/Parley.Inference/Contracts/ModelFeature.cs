namespace Parley.Inference.Contracts;

/// <summary>What Parley uses models for; each has models of its own choice.</summary>
public static class ModelFeature
{
    /// <summary>Writes answers from evidence. The only one with tiers: the others are served by <see cref="ModelTier.Small"/> seats.</summary>
    public const string Answer = "answer";

    /// <summary>Writes a follow-up so that it stands alone.</summary>
    public const string Rewrite = "rewrite";

    /// <summary>Judges answers.</summary>
    public const string Judge = "judge";

    /// <summary>Sums conversations up.</summary>
    public const string Summarise = "summarise";

    /// <summary>Reads images.</summary>
    public const string Vision = "vision";

    /// <summary>Makes vectors of texts.</summary>
    public const string Embed = "embed";

    /// <summary>Scores passages against a question.</summary>
    public const string Rerank = "rerank";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Answer, Rewrite, Judge, Summarise, Vision, Embed, Rerank];

    /// <summary>The kind of model that serves a feature.</summary>
    public static ModelKind KindOf(string feature) => feature switch { Embed => ModelKind.Embedding, Rerank => ModelKind.Rerank, _ => ModelKind.Chat };
}
