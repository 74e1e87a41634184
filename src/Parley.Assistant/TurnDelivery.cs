using System.Globalization;
using Parley.Conversations.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Assistant;

/// <summary>Writes what a turn says. Every method runs in a transaction that holds the conversation's row lock.</summary>
internal sealed class TurnDelivery(ConversationEvents events, Messages messages, IHandoffs handoffs, TimeProvider time)
{
    /// <summary>Takes the row lock; throws <see cref="TurnGoneException"/> where the assistant may no longer speak.</summary>
    internal static async Task LockAsync(TenantSession s, BegunTurn turn)
    {
        if (await ConversationStore.LockAsync(s, turn.Conversation.Id) is not { IsOpen: true } conversation || conversation.Owner == ConversationOwner.Agent)
        {
            throw new TurnGoneException();
        }
    }

    /// <summary>First the sources, then the text so far: from the commit on the feeds show both.</summary>
    internal async Task SendDraftAsync(TenantSession s, BegunTurn turn, TurnResult result, TurnTrace trace)
    {
        if (!await TurnStore.DraftAsync(s, turn.Row.Id, turn.Attempt, result.Text, result.Evidence, time.GetUtcNow()))
        {
            throw new TurnGoneException();
        }
        var drafts = new List<EventDraft>();
        var actor = Actor.Assistant(turn.Conversation.AssistantId);
        var grows = result.Text.StartsWith(turn.Row.Draft, StringComparison.Ordinal);
        if (!grows)
        {
            drafts.Add(new EventDraft(new DraftReplaced(turn.Row.Id, turn.Announced.Count > 0 ? "source_gone" : "retried"), actor, turn.Row.Id));
        }
        // An earlier attempt that sent this very text has announced its sources too.
        if (!grows || (turn.Row.Draft != result.Text && !turn.Announced.SequenceEqual(result.Citations)))
        {
            drafts.Add(new EventDraft(new SourcesFound(turn.Row.Id, result.Citations), actor, turn.Row.Id));
            await events.AppendAsync(s, turn.Conversation.Id, drafts);
        }
        else if (turn.Row.Draft != result.Text)
        {
            s.OnCommitted(() => events.Wake(s.TenantId, turn.Conversation.Id, turn.Conversation.EndUserId));
        }
        await TurnStore.StepsAsync(s, turn.Row.Id, turn.Attempt, trace, time.GetUtcNow());
    }

    /// <summary>The message, the handoff where one is due, <c>done</c>, the turn's end and the job's, all or nothing.</summary>
    /// <param name="s">Holds the conversation's row lock.</param>
    /// <param name="job">The turn's.</param>
    /// <param name="turn">As it was taken.</param>
    /// <param name="result">What is said.</param>
    /// <param name="trace">Its steps.</param>
    /// <param name="sent">What this attempt has sent as a draft.</param>
    internal async Task FinishAsync(TenantSession s, JobContext job, BegunTurn turn, TurnResult result, TurnTrace trace, TurnResult? sent = null)
    {
        var actor = Actor.Assistant(turn.Conversation.AssistantId);
        if (sent is not null && sent.Text != result.Text)
        {
            List<EventDraft> taken = [new(new DraftReplaced(turn.Row.Id, "source_gone"), actor, turn.Row.Id)];
            if (result.Citations.Count > 0)
            {
                taken.Add(new EventDraft(new SourcesFound(turn.Row.Id, result.Citations), actor, turn.Row.Id));
            }
            await events.AppendAsync(s, turn.Conversation.Id, taken);
        }
        else if (turn.Row.Draft.Length > 0 && result.Citations.Count == 0)
        {
            await events.AppendAsync(s, turn.Conversation.Id, new EventDraft(new DraftReplaced(turn.Row.Id, "retried"), actor, turn.Row.Id));
        }
        if (!await TurnStore.FinishAsync(s, turn.Row.Id, turn.Attempt, result, trace, time.GetUtcNow()))
        {
            throw new TurnGoneException();
        }
        Guid? messageId = null;
        // A handoff that the customer asked for is told by the handoff itself, once.
        if (result.Parts.Count > 0 && !(result.HandoffReasons.Count > 0 && result.CustomerAsked))
        {
            messageId = (await messages.AddAsync(s, new MessageDraft(turn.Conversation.Id, actor, result.Parts)
            {
                Language = result.Language, ReplyTo = turn.Row.MessageId, TurnId = turn.Row.Id, ExternalId = $"turn:{turn.Row.Id:N}", Modality = turn.Conversation.Modality,
            })).Id;
        }
        if (result.HandoffReasons.Count > 0)
        {
            await HandOffAsync(s, turn, result, actor);
        }
        await events.AppendAsync(s, turn.Conversation.Id, new EventDraft(new TurnDone(turn.Row.Id, result.Outcome, result.Confidence, messageId), actor, turn.Row.Id));
        await TurnStore.StepsAsync(s, turn.Row.Id, turn.Attempt, trace, time.GetUtcNow());
        await job.CompleteAsync(s);
    }

    /// <summary>While people are there and the customer waits, the assistant says once where in the queue they are.</summary>
    internal async Task TellPlaceAsync(TenantSession s, JobContext job, BegunTurn turn, TurnTrace trace)
    {
        await LockAsync(s, turn);
        var text = turn.Profile.Text(turn.Conversation.Locale, AssistantTexts.QueuePlace, ("position", (turn.Handoff!.Position ?? 1).ToString(CultureInfo.InvariantCulture)));
        await FinishAsync(s, job, turn, new TurnResult
        {
            Outcome = TurnOutcome.HandedOff, Intent = TurnIntent.QueuePlace, Language = AssistantTexts.All.LanguageOf(turn.Conversation.Locale), Text = text, Parts = [MessagePart.OfText(text)],
        }, trace);
    }

    private async Task HandOffAsync(TenantSession s, BegunTurn turn, TurnResult result, Actor assistant)
    {
        var by = result.CustomerAsked ? Actor.EndUser(turn.Conversation.EndUserId) : assistant;
        var requested = await handoffs.RequestAsync(s, new HandoffRequest(turn.Conversation.Id, by, result.HandoffReasons) { Language = result.Language });
        if (requested.Error is { } error)
        {
            // The conversation is open and locked: a refusal is a bug, and must not pass for a handoff.
            throw new InvalidOperationException("The handoff was refused: " + error.Code);
        }
    }
}
