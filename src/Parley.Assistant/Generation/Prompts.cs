using Microsoft.Extensions.AI;
using Parley.Assistant.Analysis;
using Parley.Conversations.Contracts;
using Parley.Inference.Contracts;

namespace Parley.Assistant.Generation;

/// <summary>The prompts' texts, from files. A change of any of them takes the next <see cref="Version"/>.</summary>
internal static class Prompts
{
    /// <summary>Stamped on each turn that a model was asked for.</summary>
    internal const int Version = 2;

    /// <summary>What a model writes when the passages do not answer.</summary>
    internal const string NoAnswer = "NO_ANSWER";

    private static readonly string Answer = Read("answer"), Base = Read("base"), Technical = Read("technical"), Conversational = Read("conversational"), Friendly = Read("tone-friendly"), Terse = Read("tone-technical");

    /// <summary>What a model that rewrites follow-ups is told.</summary>
    internal static string Rewrite { get; } = Read("rewrite");

    /// <summary>The same for every question of a type, and its first part for every question: providers keep such a beginning.</summary>
    /// <param name="type">Of the question.</param>
    /// <param name="tone">Of the assistant; the professional one is how the rest is written already.</param>
    internal static ChatMessage System(QuestionType type, string? tone = null)
    {
        var kind = type switch { QuestionType.Technical or QuestionType.Exact => Technical, QuestionType.Conversational => Conversational, _ => Base };
        return new ChatMessage(ChatRole.System,
        [
            new TextContent(Answer).CacheUpToHere(),
            new TextContent(tone switch { AssistantTone.Friendly => kind + Friendly, AssistantTone.Technical => kind + Terse, _ => kind }).CacheUpToHere(),
        ]);
    }

    private static string Read(string name)
    {
        using var stream = typeof(Prompts).Assembly.GetManifestResourceStream($"prompts/{name}.txt") ?? throw new InvalidOperationException($"The prompt {name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
