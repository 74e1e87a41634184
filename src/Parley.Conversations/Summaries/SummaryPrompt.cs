using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Parley.Conversations.Contracts;
using Parley.Inference;
using Parley.Inference.Contracts;

namespace Parley.Conversations.Summaries;

/// <summary>What a model that sums up is asked. Pure.</summary>
internal static partial class SummaryPrompt
{
    /// <summary>Public messages below which there is nothing to sum up.</summary>
    internal const int Least = 3;

    /// <summary>Messages that are looked at.</summary>
    internal const int Most = 80;

    private const int MessageTokens = 400, AllTokens = 6_000, OutputTokens = 256;

    /// <summary>Of the prompt and the lower temperature that small models have.</summary>
    internal static ChatOptions Options => new() { MaxOutputTokens = OutputTokens, Temperature = .1f };

    /// <summary>What is the same for all of them comes first: providers keep such a beginning.</summary>
    private static string System { get; } = Read();

    /// <summary>Null: too short to be summed up.</summary>
    internal static IReadOnlyList<ChatMessage>? Of(IReadOnlyList<MessageView> messages)
    {
        string[] lines = [.. messages.Where(m => m.AuthorKind != ActorKind.System && m.Visibility == Visibility.Public).Select(Line).Where(line => line.Length > 0)];
        return lines.Length < Least ? null
            : [new ChatMessage(ChatRole.System, [new TextContent(System).CacheUpToHere()]), new ChatMessage(ChatRole.User, $"<transcript>\n{string.Join('\n', Fitting(lines))}\n</transcript>")];
    }

    private static string Line(MessageView message)
    {
        var text = Mark().Replace(message.PlainText(), "&lt;$1").ReplaceLineEndings(" ").Trim();
        var tokens = TokenEstimate.Count(text);
        var kept = tokens <= MessageTokens ? text : ConversationSummaries.Shorten(text, text.Length * MessageTokens / tokens) + " …";
        return kept.Length == 0 ? "" : $"{(message.AuthorKind switch { ActorKind.EndUser => "Customer", ActorKind.Agent => "Agent", _ => "Assistant" })}: {kept}";
    }

    /// <summary>How it began and how it ended; the middle of a long one is left out.</summary>
    private static IEnumerable<string> Fitting(string[] lines)
    {
        var left = AllTokens - TokenEstimate.Count(lines[0]);
        var from = lines.Length;
        while (from > 1 && left >= TokenEstimate.Count(lines[from - 1]))
        {
            left -= TokenEstimate.Count(lines[--from]);
        }
        return from == 1 ? lines : [lines[0], "…", .. lines[from..]];
    }

    private static string Read()
    {
        using var stream = typeof(SummaryPrompt).Assembly.GetManifestResourceStream("prompts/summarise.txt") ?? throw new InvalidOperationException("The prompt is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n").Trim();
    }

    /// <summary>What would look like the transcript's own mark.</summary>
    [GeneratedRegex(@"<(\s*/?\s*transcript)", RegexOptions.IgnoreCase)]
    private static partial Regex Mark();
}
