using Microsoft.Extensions.AI;
using Parley.Assistant.Analysis;
using Parley.Inference;
using Parley.Inference.Contracts;
using Parley.Knowledge.Analysis;
using Parley.Knowledge.Retrieval;

namespace Parley.Assistant.Generation;

/// <summary>
/// A follow-up that cannot stand alone is written by a model so that it can, where a model is chosen for it. Where there is none, the budget says
/// no or the model takes too long, retrieval's own rule lends it words of the conversation as always.
/// </summary>
internal sealed class QuestionRewriter(ModelGateway models, TimeProvider time)
{
    private const int MostTokens = 96;
    private const int LongestQuestion = 400;
    private const int Messages = 6;

    /// <summary>Tokens of one message of the conversation.</summary>
    private const int MessageTokens = 250;

    /// <summary>A question of more words of its own stands alone, unless it points to something.</summary>
    private const int OwnWords = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private static readonly HashSet<string> Referents = new(
        ("it its this that these those they them their he she him her one ones other others another same there then " +
         "es dies diese dieser dieses dort er sie ihn ihm deren dessen eso esto ese este esa esta ello allí cela ça ce cette celui celle isso isto esse este ele ela " +
         "questo quello questa quella dit dat deze это этот эта они он она оно там bu şu onu bunu acesta aceasta asta αυτό αυτή").Split(' '), StringComparer.Ordinal);

    internal async Task<PreparedTurn> RewriteAsync(PreparedTurn turn, TurnTrace trace, CancellationToken ct)
    {
        var seats = turn.Models.For(ModelFeature.Rewrite);
        // A choice or a correction was read by rules that know exactly what was meant.
        if (seats.Count == 0 || turn.Focus is not { History.Count: > 0, Parts.Count: 1, Chosen: null, Corrected: null } || StandsAlone(turn.Focus.Text))
        {
            return turn;
        }
        var call = new ModelCall { Who = AnswerCall.SpenderOf(turn.Question, ModelFeature.Rewrite), Seats = seats, Wanted = ModelTier.Small, Extractive = true, Deadline = time.GetUtcNow() + Patience };
        return await trace.StepAsync(TurnStepName.Rewrite, async () =>
        {
            var (question, _) = await AskAsync(turn, call, ct);
            var written = turn.Written with { Cost = turn.Written.Cost + call.Booked };
            return question is null ? turn with { Written = written }
                : turn with { Written = written, Focus = turn.Focus with { Text = question, Parts = QuestionParts.Of(question, turn.Analysis.Language), SearchedAlone = true } };
        }, t => new { rewritten = t.Focus.SearchedAlone, outcome = call.Decisions.Count > 0 ? call.Decisions[^1].Reason : null, model = call.Seat?.Info.Model, cost = call.Booked, inputTokens = call.Usage?.InputTokens, outputTokens = call.Usage?.OutputTokens });
    }

    /// <summary>It says by itself what it is about. Pure.</summary>
    internal static bool StandsAlone(string question)
    {
        var words = 0;
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var lookup = Referents.GetAlternateLookup<ReadOnlySpan<char>>();
        var reader = new WordReader(question, buffer);
        while (reader.Read())
        {
            if (lookup.Contains(reader.Word))
            {
                return false;
            }
            words += StopWords.IsStopWord(reader.Word) ? 0 : 1;
        }
        return words > OwnWords;
    }

    private async Task<(string? Question, bool Failed)> AskAsync(PreparedTurn turn, ModelCall call, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            var answer = await models.Chat.GetResponseAsync(Prompt(turn), call.In(new ChatOptions { Temperature = 0, MaxOutputTokens = MostTokens }), either.Token);
            return (Usable(answer.Text), false);
        }
        catch (Exception e) when (e is ModelException or BudgetRefusedException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return (null, true);
        }
    }

    /// <summary>One line that is a question of reasonable length; null: it is none. Pure.</summary>
    internal static string? Usable(string written)
    {
        var line = written.Trim().Trim('"', '“', '”', '«', '»').Trim();
        return line.Length is > 0 and <= LongestQuestion && !line.Contains('\n') && QuestionParts.HasSubject(line) && !line.Contains(Prompts.NoAnswer, StringComparison.Ordinal) ? line : null;
    }

    private static List<ChatMessage> Prompt(PreparedTurn turn)
    {
        List<ChatMessage> messages = [new(ChatRole.System, Prompts.Rewrite)];
        var said = turn.Focus.History.TakeLast(Messages).Select(h => $"{(h.Author == TurnAuthor.Customer ? "Customer" : "Assistant")}: {Shortened(h.Text)}");
        messages.Add(new ChatMessage(ChatRole.User, $"<conversation>\n{string.Join('\n', said)}\n</conversation>\n<question>{AnswerPrompt.Harmless(turn.Focus.Text)}</question>"));
        return messages;
    }

    private static string Shortened(string text)
    {
        var line = AnswerPrompt.Harmless(text).ReplaceLineEndings(" ");
        var tokens = TokenEstimate.Count(line);
        return tokens <= MessageTokens ? line : line[..(line.Length * MessageTokens / tokens)] + " …";
    }
}
