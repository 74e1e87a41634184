namespace Parley.Inference.Contracts;

/// <summary>What texts are embedded for: some models embed a question otherwise than a passage.</summary>
public enum EmbeddingUse
{
    /// <summary>A question.</summary>
    Query,

    /// <summary>Passages that questions will be compared with.</summary>
    Document,
}
