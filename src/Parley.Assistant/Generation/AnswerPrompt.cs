using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Parley.Inference;
using Parley.Inference.Contracts;
using Parley.Knowledge.Retrieval;

namespace Parley.Assistant.Generation;

/// <summary>
/// What a model is shown: what is the same for all first, then the conversation, then the passages, the best one last, then the question. What
/// documents and customers say stands inside marks that it cannot close. Pure.
/// </summary>
internal sealed partial record AnswerPrompt(IReadOnlyList<ChatMessage> Messages, IReadOnlyList<Composer.Evidence> Passages)
{
    /// <param name="turn">With its evidence.</param>
    internal static AnswerPrompt Of(PreparedTurn turn)
    {
        var passages = Fitting(turn.Passages);
        List<ChatMessage> messages = [Prompts.System(turn.Analysis.Type, turn.Question.Profile.Tone), .. History(turn.Focus.History)];
        if (messages.Count > 1)
        {
            // A conversation grows at its end: what was said so far begins the next prompt too.
            messages[^1] = new ChatMessage(messages[^1].Role, [new TextContent(messages[^1].Text).CacheUpToHere()]);
        }
        messages.Add(new ChatMessage(ChatRole.User, Last(turn, passages)));
        return new AnswerPrompt(messages, passages);
    }

    /// <summary>By rank as long as they fit; then the best last, where it is read best. Never none: a long best passage is shown as it is.</summary>
    private static List<Composer.Evidence> Fitting(IReadOnlyList<Composer.Evidence> ranked)
    {
        var (chosen, left) = (new List<Composer.Evidence>(), AnswerLimits.Evidence);
        foreach (var passage in ranked)
        {
            var tokens = TokenEstimate.Count(passage.Text) + TokenEstimate.Count(passage.Title);
            if (chosen.Count == 0 || tokens <= left)
            {
                chosen.Add(passage);
                left -= tokens;
            }
        }
        chosen.Reverse();
        return chosen;
    }

    private static IEnumerable<ChatMessage> History(IReadOnlyList<HistoryTurn> history)
    {
        var (shown, left) = (new Stack<ChatMessage>(), AnswerLimits.History);
        foreach (var said in history.Reverse().Take(AnswerLimits.HistoryMessages))
        {
            var tokens = TokenEstimate.Count(said.Text);
            if (tokens > left)
            {
                break;
            }
            left -= tokens;
            shown.Push(new ChatMessage(said.Author == TurnAuthor.Customer ? ChatRole.User : ChatRole.Assistant, Harmless(said.Text)));
        }
        // A conversation that begins with an answer is refused by some providers.
        return shown.SkipWhile(m => m.Role == ChatRole.Assistant);
    }

    private static string Last(PreparedTurn turn, List<Composer.Evidence> passages)
    {
        var text = new StringBuilder();
        foreach (var (index, passage) in passages.Index())
        {
            var title = string.Join(" › ", passage.HeadingPath.Prepend(passage.Title).Where(h => h.Length > 0));
            text.Append(CultureInfo.InvariantCulture, $"<passage id=\"{index + 1}\" title=\"{Attribute(title)}\">{Harmless(passage.Text)}</passage>\n");
        }
        return text.Append(CultureInfo.InvariantCulture, $"<question language=\"{turn.Analysis.Language}\">{Harmless(Shortened(turn.Focus.Text))}</question>\nAnswer:").ToString();
    }

    /// <summary>Of a long message the end is what is asked, and its beginning what it is about.</summary>
    private static string Shortened(string question)
    {
        if (TokenEstimate.Count(question) <= AnswerLimits.Question)
        {
            return question;
        }
        var keep = question.Length * AnswerLimits.Question / TokenEstimate.Count(question) / 2;
        return question[..Boundary(question, keep)] + " … " + question[Boundary(question, question.Length - keep)..];
    }

    private static int Boundary(string text, int at) => char.IsLowSurrogate(text[at]) ? at + 1 : at;

    /// <summary>Nothing inside can be taken for the end of its mark or the beginning of another.</summary>
    internal static string Harmless(string text) => Mark().Replace(text, "&lt;$1");

    private static string Attribute(string text) => Space().Replace(text, " ").Replace('"', '\'').Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    [GeneratedRegex(@"<(\s*/?\s*(?:passage|question|conversation)\b)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Mark();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Space();
}
