namespace Parley.Inference.Contracts;

/// <summary>
/// What one model takes. A parameter that it does not take is not sent and is named in the answer (<see cref="DroppedParameters"/>): newer models
/// refuse a whole request for one of them.
/// </summary>
public sealed record ModelCapabilities
{
    /// <summary>Sends its answer while it writes it.</summary>
    public bool Streaming { get; init; } = true;

    /// <summary>Calls functions.</summary>
    public bool Tools { get; init; } = true;

    /// <summary>Calls several functions in one answer, and takes the parameter that forbids it.</summary>
    public bool ParallelTools { get; init; } = true;

    /// <summary>Can be made to call a function.</summary>
    public bool ForcedTools { get; init; } = true;

    /// <summary>Reads images.</summary>
    public bool Images { get; init; }

    /// <summary>Thinks before it answers.</summary>
    public ThinkingSupport Thinking { get; init; }

    /// <summary>Thinks also when functions are offered; some models refuse the two together.</summary>
    public bool ThinkingWithTools { get; init; } = true;

    /// <summary>How a repeated beginning of a prompt is made cheaper.</summary>
    public PromptCaching CachedPrompt { get; init; }

    /// <summary>Takes temperature.</summary>
    public bool Temperature { get; init; } = true;

    /// <summary>Takes top-p.</summary>
    public bool TopP { get; init; } = true;

    /// <summary>Takes top-k.</summary>
    public bool TopK { get; init; }

    /// <summary>Takes frequency and presence penalties.</summary>
    public bool Penalties { get; init; } = true;

    /// <summary>Takes a JSON schema for its answer.</summary>
    public bool JsonSchema { get; init; } = true;

    /// <summary>Takes many requests in one file and answers them within a day, for less.</summary>
    public bool Batch { get; init; }

    /// <summary>Tokens of a prompt; null: not known.</summary>
    public int? MaxInputTokens { get; init; }

    /// <summary>Tokens of an answer; null: not known.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Length of its vectors; null for models that make none, or where any length is accepted.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Can be asked for shorter vectors.</summary>
    public bool ChoosesDimensions { get; init; }

    /// <summary>Texts in one embeddings call; more are sent in several.</summary>
    public int MaxInputs { get; init; } = 100;
}

/// <summary>How a model thinks.</summary>
public enum ThinkingSupport
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>When asked, with a number of tokens.</summary>
    Budget,

    /// <summary>When asked, as much as an effort says.</summary>
    Effort,

    /// <summary>Always; only the effort can be chosen.</summary>
    Always,
}

/// <summary>How a provider caches prompts.</summary>
public enum PromptCaching
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Up to the marks that the caller sets (<see cref="PromptMarks.CacheUpToHere{T}"/>).</summary>
    Marked,

    /// <summary>By itself, whatever began like an earlier prompt.</summary>
    Automatic,
}
