namespace Parley.Assistant.Contracts;

/// <summary>How an assistant behaves. Configuration kind <see cref="Kind"/>, subject: the assistant's id.</summary>
public sealed record AssistantProfile
{
    /// <summary>The configuration's kind.</summary>
    public const string Kind = "assistant";

    private const int MaxTextLength = 1000;

    /// <summary>What it is called. Empty: the name it was made with.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its first words to a customer who greets it; empty: the product's, in the customer's language.</summary>
    public string Greeting { get; init; } = "";

    /// <summary>Offered in an empty conversation.</summary>
    public IReadOnlyList<string> SuggestedQuestions { get; init; } = [];

    /// <summary>Confidence, calibrated where the tenant has a calibration, from which it answers, 0 to 1; null: the default.</summary>
    public double? Threshold { get; init; }

    /// <summary>An answer below this confidence carries a note, 0 to 1; null: the default.</summary>
    public double? NoteBelow { get; init; }

    /// <summary>False: it never looks for what the customer may have meant, it abstains.</summary>
    public bool Clarifies { get; init; } = true;

    /// <summary>Replaces the product's words, by language, then by key: abstain, offerPerson, related, note, broken, clarify, greeting, thanks, goodbye, identity, failed.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Texts { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>Audiences whose documents it may use for customers who have not proven who they are.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = ["public"];

    /// <summary>What is wrong, by field; empty: it can be published.</summary>
    public IReadOnlyDictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>();
        void Check(bool holds, string field, string message)
        {
            if (!holds)
            {
                problems[field] = [message];
            }
        }
        Check(Name is { Length: <= 100 }, "name", "At most 100 characters.");
        Check(Greeting is { Length: <= 500 }, "greeting", "At most 500 characters.");
        Check(SuggestedQuestions is { Count: <= 6 } && SuggestedQuestions.All(q => q is { Length: >= 1 and <= 150 }), "suggestedQuestions", "At most 6 questions of 1 to 150 characters.");
        Check(Threshold is null or (>= 0 and <= 1), "threshold", "Between 0 and 1, or null for the default.");
        Check(NoteBelow is null or (>= 0 and <= 1), "noteBelow", "Between 0 and 1, or null for the default.");
        Check(Audiences is not null && Audiences.All(a => a is "public" or "customers" or "internal"), "audiences", "public, customers and internal are known.");
        Check(Texts is not null && Texts.Values.All(t => t is not null && t.Values.All(v => v is { Length: <= MaxTextLength })), "texts", $"Texts by language and key, each of at most {MaxTextLength} characters.");
        if (Texts is not null)
        {
            var unknown = Texts.Keys.Where(l => !AssistantTexts.All.Languages.Contains(l))
                .Concat(Texts.Values.Where(t => t is not null).SelectMany(t => t.Keys).Where(k => !AssistantTexts.Keys.Contains(k))).ToList();
            Check(unknown.Count == 0, "texts", $"Unknown: {string.Join(", ", unknown)}. Languages: {string.Join(", ", AssistantTexts.All.Languages.Order())}; keys: {string.Join(", ", AssistantTexts.Keys.Order())}.");
        }
        return problems;
    }

    /// <summary>A fixed text in the customer's language: the profile's own, else the product's.</summary>
    internal string Text(string? language, string key, params ReadOnlySpan<(string Name, string Value)> places)
    {
        var tag = AssistantTexts.All.LanguageOf(language);
        return Texts.TryGetValue(tag, out var own) && own.TryGetValue(key, out var text) && text.Length > 0 ? text : AssistantTexts.All.Get(tag, key, places);
    }
}
