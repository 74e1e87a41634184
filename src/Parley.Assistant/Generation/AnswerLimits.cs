using Microsoft.Extensions.AI;
using Parley.Assistant.Analysis;
using Parley.Assistant.Composer;
using Parley.Inference.Contracts;

namespace Parley.Assistant.Generation;

/// <summary>The budgets of a prompt, in tokens as estimated; the answer's by tier and kind of question. Pure.</summary>
internal static class AnswerLimits
{
    /// <summary>Rules and examples. The places of what is not sent yet (customer, spare) are used by the examples: so the beginning is long enough for providers to keep it.</summary>
    internal const int System = 800 + 300 + 176;

    internal const int Evidence = 2000;
    internal const int History = 1500;
    internal const int Question = 200;

    /// <summary>Turns of the conversation, each a message and its answer, that are shown word by word.</summary>
    internal const int HistoryMessages = 10;

    /// <summary>Sampling and length. What a model does not take is left out by its provider's client, and told.</summary>
    internal static ChatOptions Options(ModelTier tier, string question, QuestionType type) => new()
    {
        Temperature = tier switch { ModelTier.Small => .1f, ModelTier.Medium => .2f, _ => .3f },
        TopP = .9f, TopK = 50, FrequencyPenalty = .3f, PresencePenalty = .3f,
        MaxOutputTokens = Math.Min(OfTier(tier), OfQuestion(question, type)),
    };

    private static int OfTier(ModelTier tier) => tier switch { ModelTier.Small => 512, ModelTier.Medium => 768, _ => 1024 };

    /// <summary>Quick fact, steps, mending, explanation.</summary>
    private static int OfQuestion(string question, QuestionType type) => ExpectedAnswer.Of(question) switch
    {
        { IsDirect: true } when type is not (QuestionType.Technical or QuestionType.Exact) => 128,
        { Steps: true } when type == QuestionType.Conversational => 512,
        _ => type switch { QuestionType.Conversational => 512, QuestionType.Conceptual => 1024, _ => 768 },
    };
}
