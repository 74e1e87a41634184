namespace Parley.Assistant.Analysis;

/// <summary>What a message is, before anything is looked up.</summary>
/// <param name="Language">ISO 639-1 of the message; the fallback where it does not show.</param>
/// <param name="Intent">What the customer wants.</param>
/// <param name="Type">What kind of question it is.</param>
/// <param name="Sentiment">How the customer feels.</param>
/// <param name="Complexity">0 to 1.</param>
/// <param name="IsCode">The message is about code: it goes to the large tier whatever its complexity.</param>
internal sealed record QuestionAnalysis(string Language, Intent Intent, QuestionType Type, Sentiment Sentiment, double Complexity, bool IsCode)
{
    /// <summary>Below .3 small, below .7 medium, else large; code goes large.</summary>
    public string Tier => IsCode || Complexity >= .7 ? "large" : Complexity >= .3 ? "medium" : "small";

    /// <summary>Answered from the assistant's own texts, without retrieval.</summary>
    public bool IsSmallTalk => Intent is Intent.Greeting or Intent.Thanks or Intent.Goodbye or Intent.Chat;
}

public enum Intent
{
    Question,
    Greeting,
    Thanks,
    Goodbye,

    /// <summary>"Who are you?", "are you there?".</summary>
    Chat,

    /// <summary>Asks for a person.</summary>
    Person,

    /// <summary>Asks for help, or reports a trouble, and does not say with what.</summary>
    Vague,

    /// <summary>Holds no words: punctuation, emoji, nothing.</summary>
    Unclear,
}

public enum QuestionType
{
    Conceptual,
    Technical,
    Conversational,

    /// <summary>Looks for one code, error, SKU or name.</summary>
    Exact,
}

public enum Sentiment
{
    Positive,
    Neutral,
    Negative,
    Frustrated,
}

/// <summary>The names that are stored and sent.</summary>
internal static class AnalysisNames
{
    public static string ToName(this Intent intent) => intent switch
    {
        Intent.Question => "question",
        Intent.Greeting => "greeting",
        Intent.Thanks => "thanks",
        Intent.Goodbye => "goodbye",
        Intent.Chat => "chat",
        Intent.Person => "person",
        Intent.Vague => "vague",
        _ => "unclear",
    };

    public static string ToName(this QuestionType type) => type switch
    {
        QuestionType.Conceptual => "conceptual",
        QuestionType.Technical => "technical",
        QuestionType.Conversational => "conversational",
        _ => "exact",
    };

    public static string ToName(this Sentiment sentiment) => sentiment switch
    {
        Sentiment.Positive => "positive",
        Sentiment.Negative => "negative",
        Sentiment.Frustrated => "frustrated",
        _ => "neutral",
    };
}
