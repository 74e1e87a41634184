using Microsoft.Extensions.AI;

namespace Parley.Inference.Contracts;

/// <summary>What a caller says of a part of a prompt, in no provider's words.</summary>
public static class PromptMarks
{
    private const string Cache = "parley.cache";

    /// <summary>
    /// Everything up to and including this content is the same in later prompts. Providers that want a mark get one; the others ignore it.
    /// A prompt has at most four.
    /// </summary>
    public static T CacheUpToHere<T>(this T content)
        where T : AIContent
    {
        (content.AdditionalProperties ??= [])[Cache] = true;
        return content;
    }

    /// <summary>Marked?</summary>
    public static bool IsCacheMark(AIContent content) => content.AdditionalProperties is { } properties && properties.TryGetValue(Cache, out var value) && value is true;
}

/// <summary>What texts to embed are: some models embed a question otherwise than a passage.</summary>
public static class EmbeddingPurpose
{
    private const string Name = "parley.purpose";

    /// <summary>Options for questions.</summary>
    public static EmbeddingGenerationOptions Query => new() { AdditionalProperties = new() { [Name] = "query" } };

    /// <summary>Options for passages.</summary>
    public static EmbeddingGenerationOptions Document => new() { AdditionalProperties = new() { [Name] = "document" } };

    /// <summary>query, document or null.</summary>
    public static string? Of(EmbeddingGenerationOptions? options) =>
        options?.AdditionalProperties is { } properties && properties.TryGetValue(Name, out var value) ? value as string : null;
}
