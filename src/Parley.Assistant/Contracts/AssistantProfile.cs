using System.Text.RegularExpressions;
using Parley.Conversations.Contracts;
using Parley.Escalations.Contracts;

namespace Parley.Assistant.Contracts;

/// <summary>How an assistant behaves. Configuration kind <see cref="Kind"/>, subject: the assistant's id.</summary>
public sealed partial record AssistantProfile
{
    /// <summary>The configuration's kind.</summary>
    public const string Kind = "assistant";

    private const int MaxTextLength = 1000, MaxGreeting = 500;
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();
    private static readonly IReadOnlyList<string> OwnKeys = [.. AssistantTexts.Keys, .. EscalationConfiguration.Steps];

    /// <summary>What it is called. Empty: the name it was made with.</summary>
    public string Name { get; init; } = "";

    /// <summary>professional | friendly | technical: in which tone the product's words are said.</summary>
    public string Tone { get; init; } = AssistantTone.Professional;

    /// <summary>Its picture, taken in before; null: initials on a colour.</summary>
    public Guid? AvatarId { get; init; }

    /// <summary>Shown where there is no picture: one or two letters. Empty: of its name.</summary>
    public string AvatarInitials { get; init; } = "";

    /// <summary>#rrggbb behind the initials. Empty: the widget's colour.</summary>
    public string AvatarColor { get; init; } = "";

    /// <summary>Its first words to a customer who greets it, in whatever language, and in an empty conversation; empty: the product's, in the customer's language.</summary>
    public string Greeting { get; init; } = "";

    /// <summary>Offered in an empty conversation, in languages that have none of their own.</summary>
    public IReadOnlyList<string> SuggestedQuestions { get; init; } = [];

    /// <summary>Greeting and suggested questions of a language, by its tag: <c>de</c>, <c>pt-BR</c>.</summary>
    public IReadOnlyDictionary<string, AssistantLanguage> Languages { get; init; } = new Dictionary<string, AssistantLanguage>();

    /// <summary>Confidence, calibrated where the tenant has a calibration, from which it answers, 0 to 1; null: the default.</summary>
    public double? Threshold { get; init; }

    /// <summary>An answer below this confidence carries a note, 0 to 1; null: the default.</summary>
    public double? NoteBelow { get; init; }

    /// <summary>False: it never looks for what the customer may have meant, it abstains.</summary>
    public bool Clarifies { get; init; } = true;

    /// <summary>
    /// Replaces the product's words, by language, then by key: abstain, offerPerson, related, note, broken, clarify, welcome, greeting, thanks, goodbye, identity, failed;
    /// and what is told about a request for a person: queued, opened, stillWaiting, expired, cancelled, agentSilent and returned may name <c>{position}</c>,
    /// outOfHours <c>{when}</c>, accepted <c>{agent}</c>.
    /// </summary>
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
        Check(Name is { Length: <= 100 } && IsPlain(Name), "name", "At most 100 characters of plain text.");
        Check(AssistantTone.All.Contains(Tone), "tone", $"Give one of {string.Join(", ", AssistantTone.All)}.");
        Check(AvatarInitials is not null && IsPlain(AvatarInitials) && AvatarInitials.EnumerateRunes().Count() <= 2, "avatarInitials", "One or two letters, or none.");
        Check(AvatarColor is not null && (AvatarColor.Length == 0 || HexColor().IsMatch(AvatarColor)), "avatarColor", "A colour such as #007378, or none.");
        Check(Greeting is { Length: <= MaxGreeting } && IsPlain(Greeting), "greeting", $"At most {MaxGreeting} characters of plain text.");
        Check(AreQuestions(SuggestedQuestions), "suggestedQuestions", "At most 6 questions of 1 to 150 characters.");
        Check(Languages is { Count: <= 40 } && Languages.Keys.All(tag => LanguageTag().IsMatch(tag)), "languages", "At most 40 languages, each by a tag such as de or pt-BR.");
        foreach (var (tag, said) in Languages ?? new Dictionary<string, AssistantLanguage>())
        {
            Check(said is { Greeting: null or { Length: <= MaxGreeting } } && IsPlain(said.Greeting) && (said.SuggestedQuestions is null || AreQuestions(said.SuggestedQuestions)),
                "languages." + tag, $"A greeting of at most {MaxGreeting} characters, and at most 6 questions of 1 to 150 characters.");
        }
        Check(Threshold is null or (>= 0 and <= 1), "threshold", "Between 0 and 1, or null for the default.");
        Check(NoteBelow is null or (>= 0 and <= 1), "noteBelow", "Between 0 and 1, or null for the default.");
        Check(Audiences is not null && Audiences.All(a => a is "public" or "customers" or "internal"), "audiences", "public, customers and internal are known.");
        Check(Texts is not null && Texts.Values.All(t => t is not null && t.Values.All(v => v is { Length: <= MaxTextLength } && IsPlain(v))), "texts", $"Texts by language and key, each of at most {MaxTextLength} characters.");
        if (Texts is not null)
        {
            var unknown = Texts.Keys.Where(l => !AssistantTexts.All.Languages.Contains(l))
                .Concat(Texts.Values.Where(t => t is not null).SelectMany(t => t.Keys).Where(k => !OwnKeys.Contains(k))).ToList();
            Check(unknown.Count == 0, "texts", $"Unknown: {string.Join(", ", unknown)}. Languages: {string.Join(", ", AssistantTexts.All.Languages.Order())}; keys: {string.Join(", ", OwnKeys.Order())}.");
            var strange = Texts.Values.Where(t => t is not null).SelectMany(t => t).Where(t => t.Value is not null && EscalationConfiguration.Steps.Contains(t.Key)
                && Place().Matches(t.Value).Any(place => place.Groups[1].Value != EscalationConfiguration.PlaceOf(t.Key))).Select(t => $"{t.Key} may name {{{EscalationConfiguration.PlaceOf(t.Key)}}}").Distinct().ToList();
            Check(strange.Count == 0, "texts", $"What stands in braces is filled in when it is said; {string.Join(", ", strange)} and nothing else.");
        }
        return problems;
    }

    /// <summary>A fixed text in the customer's language: the profile's own, else the product's in the profile's tone.</summary>
    internal string Text(string? language, string key, params ReadOnlySpan<(string Name, string Value)> places)
    {
        var tag = AssistantTexts.All.LanguageOf(language);
        return Texts.TryGetValue(tag, out var own) && own.TryGetValue(key, out var text) && text.Length > 0 ? text : AssistantTexts.All.In(Tone).Get(tag, key, places);
    }

    /// <summary>One's own words in the customer's language, by key.</summary>
    internal IReadOnlyDictionary<string, string> OwnTexts(string? language) => Texts.GetValueOrDefault(AssistantTexts.All.LanguageOf(language)) ?? None;

    /// <summary>The answer to a greeting: the language's own, else the one of all languages, else the fixed text.</summary>
    internal string GreetingIn(string? language) => OwnGreeting(language) ?? Text(language, AssistantTexts.Greeting);

    /// <summary>First words of an empty conversation.</summary>
    internal string WelcomeIn(string? language) => OwnGreeting(language) ?? Text(language, AssistantTexts.Welcome);

    /// <summary>The language's own questions, else those of all languages.</summary>
    internal IReadOnlyList<string> QuestionsIn(string? language) => Said(language)?.SuggestedQuestions is { Count: > 0 } questions ? questions : SuggestedQuestions;

    private string? OwnGreeting(string? language) =>
        Said(language)?.Greeting is { Length: > 0 } said && !string.IsNullOrWhiteSpace(said) ? said : Greeting.Length > 0 ? Greeting : null;

    // Of the very tag, else of its language.
    private AssistantLanguage? Said(string? language)
    {
        var key = language is null ? null : Languages.Keys.FirstOrDefault(tag => tag.Equals(language, StringComparison.OrdinalIgnoreCase))
            ?? Languages.Keys.FirstOrDefault(tag => tag.Equals(language.Split('-', '_')[0], StringComparison.OrdinalIgnoreCase));
        return key is null ? null : Languages[key];
    }

    private static bool AreQuestions(IReadOnlyList<string>? questions) => questions is { Count: <= 6 } && questions.All(q => q is { Length: >= 1 and <= 150 } && IsPlain(q));

    private static bool IsPlain(string? text) => text is null || !text.Contains('\0', StringComparison.Ordinal);

    [GeneratedRegex("^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}$")]
    private static partial Regex LanguageTag();

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Place();

    [GeneratedRegex("^#[0-9a-fA-F]{6}$")]
    private static partial Regex HexColor();
}

/// <summary>What an assistant says in one language; null or empty: as in all others.</summary>
/// <param name="Greeting">At most 500 characters.</param>
/// <param name="SuggestedQuestions">At most 6 of at most 150 characters.</param>
public sealed record AssistantLanguage(string? Greeting = null, IReadOnlyList<string>? SuggestedQuestions = null);
