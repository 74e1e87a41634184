using System.Collections.Frozen;
using Parley.Escalations.Contracts;

namespace Parley.Escalations;

/// <summary>What happens to a handoff.</summary>
internal enum HandoffTrigger
{
    /// <summary>Somebody, or a rule, asks for a person.</summary>
    Request,

    /// <summary>The customer is told that it was understood.</summary>
    Acknowledge,

    /// <summary>It goes before all agents: at once, at opening time, or when an offer was not taken up.</summary>
    Queue,

    /// <summary>It waits for the service hours.</summary>
    Wait,

    /// <summary>It goes before one agent.</summary>
    Offer,

    /// <summary>It was asked for again, with more reasons or more urgently.</summary>
    Raise,

    /// <summary>It has waited long: agents are told again, the customer learns the place in the queue.</summary>
    Remind,

    /// <summary>An agent takes it.</summary>
    Accept,

    /// <summary>The agent who took it has left the customer waiting too long: it goes before all agents again.</summary>
    Silence,

    /// <summary>The agent gives the conversation back to the assistant.</summary>
    Return,

    /// <summary>The customer no longer wants a person.</summary>
    Cancel,

    /// <summary>The conversation ends.</summary>
    Close,

    /// <summary>It has waited longer than anyone should.</summary>
    Expire,
}

/// <summary>Who speaks to the customer after a transition.</summary>
internal enum SpeakerAfter
{
    /// <summary>The assistant.</summary>
    Assistant,

    /// <summary>Nobody yet: the request is in the queue.</summary>
    Queue,

    /// <summary>The agent who accepted.</summary>
    Agent,

    /// <summary>Nobody any more.</summary>
    Nobody,
}

/// <summary>What must be done together with a transition, in its transaction.</summary>
/// <param name="To">The new state.</param>
/// <param name="Speaker">Who speaks then.</param>
/// <param name="Tell">Key of the text for the customer; null where what they were told last still holds.</param>
/// <param name="NotifyAgents">Agents' queues change.</param>
/// <param name="StartsTimer">A timer watches over the new state, so that nothing can be forgotten in it. Without one the timer before goes on.</param>
internal sealed record HandoffStep(HandoffState To, SpeakerAfter Speaker, string? Tell, bool NotifyAgents, bool StartsTimer);

/// <summary>
/// The handoff as a table of legal transitions, with what each owes to the customer. It holds that no path loses a request
/// silently: a state that waits for somebody has a timer, and every end is told (the tests walk all paths).
/// </summary>
internal static class HandoffMachine
{
    /// <summary>Waiting for a person.</summary>
    internal static readonly FrozenSet<HandoffState> Waiting =
        new[] { HandoffState.Requested, HandoffState.Acknowledged, HandoffState.Queued, HandoffState.Offered, HandoffState.OutOfHours }.ToFrozenSet();

    /// <summary>Over.</summary>
    internal static readonly FrozenSet<HandoffState> Ended =
        new[] { HandoffState.Returned, HandoffState.Closed, HandoffState.Expired }.ToFrozenSet();

    private static readonly FrozenDictionary<(HandoffState?, HandoffTrigger), HandoffStep> Table = Build().ToFrozenDictionary();

    /// <summary>The step, or null where it is not legal. A state of null: there is no handoff yet.</summary>
    internal static HandoffStep? Next(HandoffState? from, HandoffTrigger trigger) => Table.GetValueOrDefault((from, trigger));

    private static Dictionary<(HandoffState?, HandoffTrigger), HandoffStep> Build()
    {
        var table = new Dictionary<(HandoffState?, HandoffTrigger), HandoffStep>();
        void On(HandoffState? from, HandoffTrigger trigger, HandoffState to, SpeakerAfter speaker, string? tell, bool agents = true, bool timer = false) =>
            table.Add((from, trigger), new HandoffStep(to, speaker, tell, agents, timer));

        // A request is taken to a resting state in the transaction that writes it; its timer is for a bug in that path.
        On(null, HandoffTrigger.Request, HandoffState.Requested, SpeakerAfter.Queue, tell: null, agents: false, timer: true);
        On(HandoffState.Requested, HandoffTrigger.Acknowledge, HandoffState.Acknowledged, SpeakerAfter.Queue, tell: null, agents: false, timer: true);
        foreach (var from in new[] { HandoffState.Requested, HandoffState.Acknowledged, HandoffState.OutOfHours, HandoffState.Offered })
        {
            // What a withdrawn offer changes is the agents' business: the customer keeps their place.
            var tell = from switch { HandoffState.Offered => null, HandoffState.OutOfHours => HandoffTexts.Opened, _ => HandoffTexts.Queued };
            On(from, HandoffTrigger.Queue, HandoffState.Queued, SpeakerAfter.Queue, tell, timer: true);
        }
        foreach (var from in new[] { HandoffState.Requested, HandoffState.Acknowledged, HandoffState.Queued, HandoffState.Offered })
        {
            On(from, HandoffTrigger.Wait, HandoffState.OutOfHours, SpeakerAfter.Queue, HandoffTexts.OutOfHours, timer: true);
        }
        foreach (var from in new[] { HandoffState.Queued, HandoffState.OutOfHours })
        {
            On(from, HandoffTrigger.Offer, HandoffState.Offered, SpeakerAfter.Queue, tell: null, timer: true);
        }
        On(HandoffState.Queued, HandoffTrigger.Remind, HandoffState.Queued, SpeakerAfter.Queue, HandoffTexts.StillWaiting, timer: true);
        On(HandoffState.Queued, HandoffTrigger.Expire, HandoffState.Expired, SpeakerAfter.Assistant, HandoffTexts.Expired);
        foreach (var from in Waiting.Append(HandoffState.Accepted))
        {
            // Asking again must not put off the reminder that is due: the timer stays as it is.
            On(from, HandoffTrigger.Raise, from, from == HandoffState.Accepted ? SpeakerAfter.Agent : SpeakerAfter.Queue, tell: null);
            // The conversation's own end tells the customer.
            On(from, HandoffTrigger.Close, HandoffState.Closed, SpeakerAfter.Nobody, tell: null);
        }
        foreach (var from in Waiting)
        {
            // The timer watches over an agent who says nothing.
            On(from, HandoffTrigger.Accept, HandoffState.Accepted, SpeakerAfter.Agent, HandoffTexts.Accepted, timer: true);
            On(from, HandoffTrigger.Cancel, HandoffState.Returned, SpeakerAfter.Assistant, HandoffTexts.Cancelled);
        }
        On(HandoffState.Accepted, HandoffTrigger.Silence, HandoffState.Queued, SpeakerAfter.Queue, HandoffTexts.AgentSilent, timer: true);
        On(HandoffState.Accepted, HandoffTrigger.Return, HandoffState.Returned, SpeakerAfter.Assistant, HandoffTexts.Returned);
        return table;
    }
}
