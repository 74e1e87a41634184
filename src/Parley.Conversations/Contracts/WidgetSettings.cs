using System.Text.RegularExpressions;

namespace Parley.Conversations.Contracts;

/// <summary>Look, texts and behaviour of a widget. Configuration kind <see cref="Kind"/>, subject: the widget's id.</summary>
public sealed partial record WidgetSettings
{
    /// <summary>The configuration's kind.</summary>
    public const string Kind = "widget";

    /// <summary>Heading of the window; empty: the widget's own words in the visitor's language.</summary>
    public string Title { get; init; } = "";

    /// <summary>First words of every conversation. Markdown.</summary>
    public string Greeting { get; init; } = "Hello! Ask me a question: I answer from our documentation, with its sources.";

    /// <summary>#rrggbb of the launcher and the visitor's messages.</summary>
    public string Color { get; init; } = "#007378";

    /// <summary>start | end: which side of the page in reading direction.</summary>
    public string Position { get; init; } = "end";

    /// <summary>Offered in an empty conversation.</summary>
    public IReadOnlyList<string> SuggestedQuestions { get; init; } = [];

    /// <summary>Replaces single texts of the widget, by their names.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = new Dictionary<string, string>();

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
        return problems;

        void Check(bool holds, string field, string message)
        {
            if (!holds)
            {
                problems["settings." + field] = [message];
            }
        }
    }

    [GeneratedRegex("^#[0-9a-fA-F]{6}$")]
    private static partial Regex HexColor();
}
