using Microsoft.Extensions.AI;
using Parley.Assistant.Analysis;
using Parley.Inference.Contracts;

namespace Parley.Assistant.Generation;

/// <summary>The prompts' texts, from files. A change of any of them takes the next <see cref="Version"/>.</summary>
internal static class Prompts
{
    /// <summary>Stamped on each turn that a model was asked for.</summary>
    internal const int Version = 1;

    /// <summary>What a model writes when the passages do not answer.</summary>
    internal const string NoAnswer = "NO_ANSWER";

    private static readonly string Answer = Read("answer"), Base = Read("base"), Technical = Read("technical"), Conversational = Read("conversational");

    /// <summary>What a model that rewrites follow-ups is told.</summary>
    internal static string Rewrite { get; } = Read("rewrite");

    /// <summary>The same for every question of a type, and its first part for every question: providers keep such a beginning.</summary>
    internal static ChatMessage System(QuestionType type) => new(ChatRole.System,
    [
        new TextContent(Answer).CacheUpToHere(),
        new TextContent(type switch { QuestionType.Technical or QuestionType.Exact => Technical, QuestionType.Conversational => Conversational, _ => Base }).CacheUpToHere(),
    ]);

    private static string Read(string name)
    {
        using var stream = typeof(Prompts).Assembly.GetManifestResourceStream($"prompts/{name}.txt") ?? throw new InvalidOperationException($"The prompt {name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
