using System.Text.RegularExpressions;

namespace Parley.Conversations.Contracts;

/// <summary>Look, texts and behaviour of a widget. Configuration kind <see cref="Kind"/>, subject: the widget's id.</summary>
public sealed partial record WidgetSettings
{
    /// <summary>The configuration's kind.</summary>
    public const string Kind = "widget";

    /// <summary>Heading of the window; empty: the widget's own words in the visitor's language.</summary>
    public string Title { get; init; } = "";

    /// <summary>Stands for the assistant's own first words, in the visitor's language.</summary>
    public const string ShippedGreeting = "Hello! Ask me a question: I answer from our documentation, with its sources.";

    /// <summary>First words of every conversation. Markdown. As shipped: the assistant's, in the visitor's language.</summary>
    public string Greeting { get; init; } = ShippedGreeting;

    /// <summary>The colour where nobody chose one: then the brand's is shown, where it has one.</summary>
    internal const string DefaultColor = "#007378";

    /// <summary>#rrggbb of the launcher and the visitor's messages.</summary>
    public string Color { get; init; } = DefaultColor;

    /// <summary>start | end: which side of the page in reading direction.</summary>
    public string Position { get; init; } = "end";

    /// <summary>Offered in an empty conversation; none: the assistant's.</summary>
    public IReadOnlyList<string> SuggestedQuestions { get; init; } = [];

    /// <summary>Replaces single texts of the widget, by their names.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = new Dictionary<string, string>();

    /// <summary>What is said otherwise to visitors of a language, by its tag: <c>de</c>, <c>pt-BR</c>.</summary>
    public IReadOnlyDictionary<string, WidgetLanguage> Languages { get; init; } = new Dictionary<string, WidgetLanguage>();

    /// <summary>Shows the way to a person.</summary>
    public bool OfferPerson { get; init; } = true;

    /// <summary>Asks for a rating when a conversation ends.</summary>
    public bool AskRating { get; init; } = true;

    /// <summary>What is wrong, by field; empty: it can be published.</summary>
    public IReadOnlyDictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>();
        Check(Title is { Length: <= 80 } && MessageText.IsText(Title), "title", "Must be text of at most 80 characters.");
        Check(Greeting is { Length: >= 1 and <= 500 } && MessageText.IsText(Greeting), "greeting", "Must be text of 1 to 500 characters.");
        Check(Color is not null && HexColor().IsMatch(Color), "color", "Must be a colour like #007378.");
        Check(Position is "start" or "end", "position", "Must be start or end.");
        Check(SuggestedQuestions is { Count: <= 6 } && SuggestedQuestions.All(q => q is { Length: >= 1 and <= 150 } && MessageText.IsText(q)),
            "suggestedQuestions", "At most 6 questions of 1 to 150 characters.");
        Check(Texts is { Count: <= 100 } && Texts.All(t => t.Key.Length is >= 1 and <= 60 && t.Value is { Length: <= 300 } && MessageText.IsText(t.Value)),
            "texts", "At most 100 texts of at most 300 characters.");
        Check(Languages is { Count: <= 40 } && Languages.Keys.All(tag => LanguageTag().IsMatch(tag)), "languages", "At most 40 languages, each by a tag such as de or pt-BR.");
        foreach (var (tag, said) in Languages ?? new Dictionary<string, WidgetLanguage>())
        {
            Check(said is not null && IsText(said.Title, 80) && IsText(said.Greeting, 500) && (said.SuggestedQuestions is null || (said.SuggestedQuestions.Count <= 6 && said.SuggestedQuestions.All(q => q is { Length: >= 1 } && IsText(q, 150)))),
                "languages." + tag, "A title of at most 80 characters, a greeting of at most 500, and at most 6 questions of 1 to 150 characters.");
        }
        return problems;

        static bool IsText(string? text, int max) => text is null || (text.Length <= max && MessageText.IsText(text));

        void Check(bool holds, string field, string message)
        {
            if (!holds)
            {
                problems["settings." + field] = [message];
            }
        }
    }

    /// <summary>As a visitor of this language sees them: of the very tag, else of its language, else as they are.</summary>
    public WidgetSettings For(string? locale)
    {
        var key = locale is null ? null : Languages.Keys.FirstOrDefault(tag => tag.Equals(locale, StringComparison.OrdinalIgnoreCase))
            ?? Languages.Keys.FirstOrDefault(tag => tag.Equals(locale.Split('-')[0], StringComparison.OrdinalIgnoreCase));
        return key is null ? this : this with
        {
            Title = Said(Languages[key].Title) ?? Title, Greeting = Said(Languages[key].Greeting) ?? Greeting,
            SuggestedQuestions = Languages[key].SuggestedQuestions is { Count: > 0 } questions ? questions : SuggestedQuestions,
        };

        static string? Said(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
    }

    [GeneratedRegex("^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}$")]
    private static partial Regex LanguageTag();

    [GeneratedRegex("^#[0-9a-fA-F]{6}$")]
    private static partial Regex HexColor();
}

/// <summary>What a widget says in one language; null or empty: as in all others.</summary>
/// <param name="Title">Heading of the window.</param>
/// <param name="Greeting">First words of every conversation. Markdown.</param>
/// <param name="SuggestedQuestions">Offered in an empty conversation.</param>
public sealed record WidgetLanguage(string? Title = null, string? Greeting = null, IReadOnlyList<string>? SuggestedQuestions = null);
