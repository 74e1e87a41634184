using FsCheck;
using FsCheck.Fluent;
using Parley.Escalations;
using Parley.Escalations.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Escalations;

public sealed class HandoffMachineTests
{
    private static readonly HandoffTrigger[] Triggers = Enum.GetValues<HandoffTrigger>();
    private static readonly HandoffState?[] States = [null, .. Enum.GetValues<HandoffState>().Cast<HandoffState?>()];

    /// <summary>The legal transitions, written down a second time: a change of the table must be meant.</summary>
    private static readonly Dictionary<HandoffTrigger, (string From, HandoffState? To)> Legal = new()
    {
        [HandoffTrigger.Request] = ("-", HandoffState.Requested),
        [HandoffTrigger.Acknowledge] = ("requested", HandoffState.Acknowledged),
        [HandoffTrigger.Queue] = ("requested acknowledged offered out_of_hours", HandoffState.Queued),
        [HandoffTrigger.Wait] = ("requested acknowledged queued offered", HandoffState.OutOfHours),
        [HandoffTrigger.Offer] = ("queued out_of_hours", HandoffState.Offered),
        [HandoffTrigger.Raise] = ("requested acknowledged queued offered out_of_hours accepted", null),
        [HandoffTrigger.Remind] = ("queued", HandoffState.Queued),
        [HandoffTrigger.Accept] = ("requested acknowledged queued offered out_of_hours", HandoffState.Accepted),
        [HandoffTrigger.Silence] = ("accepted", HandoffState.Queued),
        [HandoffTrigger.Return] = ("accepted", HandoffState.Returned),
        [HandoffTrigger.Cancel] = ("requested acknowledged queued offered out_of_hours", HandoffState.Returned),
        [HandoffTrigger.Close] = ("requested acknowledged queued offered out_of_hours accepted", HandoffState.Closed),
        [HandoffTrigger.Expire] = ("queued", HandoffState.Expired),
    };

    [Fact]
    public void Exactly_the_listed_transitions_are_legal()
    {
        foreach (var trigger in Triggers)
        {
            foreach (var from in States)
            {
                var (sources, to) = Legal[trigger];
                var name = from is { } state ? Names.Of(state) : "-";
                var step = HandoffMachine.Next(from, trigger);
                (step is not null).ShouldBe(sources.Split(' ').Contains(name), $"{name} + {trigger}");
                if (step is not null)
                {
                    step.To.ShouldBe(to ?? from!.Value, $"{name} + {trigger}");
                }
            }
        }
    }

    [Fact]
    public void Every_state_is_reached_and_the_ended_ones_have_no_way_out()
    {
        var reached = new HashSet<HandoffState>();
        var open = new Queue<HandoffState?>([null]);
        while (open.TryDequeue(out var from))
        {
            foreach (var step in Triggers.Select(t => HandoffMachine.Next(from, t)).OfType<HandoffStep>().Where(s => reached.Add(s.To)))
            {
                open.Enqueue(step.To);
            }
        }
        reached.ShouldBe(Enum.GetValues<HandoffState>(), ignoreOrder: true);
        Triggers.Any(t => HandoffMachine.Ended.Any(s => HandoffMachine.Next(s, t) is not null)).ShouldBeFalse();
        HandoffMachine.Waiting.Concat(HandoffMachine.Ended).Append(HandoffState.Accepted).ShouldBe(Enum.GetValues<HandoffState>(), ignoreOrder: true);
    }

    [Fact]
    public void No_path_loses_a_request_silently() =>
        Prop.ForAll(ArbMap.Default.ArbFor<HandoffTrigger[]>(), WatchPath).QuickCheckThrowOnFailure();

    [Fact]
    public void Whoever_waits_can_always_be_accepted_and_always_give_up()
    {
        foreach (var state in HandoffMachine.Waiting)
        {
            HandoffMachine.Next(state, HandoffTrigger.Accept).ShouldNotBeNull();
            HandoffMachine.Next(state, HandoffTrigger.Cancel).ShouldNotBeNull();
            HandoffMachine.Next(state, HandoffTrigger.Close).ShouldNotBeNull();
        }
    }

    // Plays the triggers that are legal, as the store does, and looks at what the customer knows after each.
    private static bool WatchPath(HandoffTrigger[] triggers)
    {
        HandoffState? state = null;
        var timer = false;
        var told = false;
        foreach (var trigger in triggers.Prepend(HandoffTrigger.Request))
        {
            if (HandoffMachine.Next(state, trigger) is not { } step)
            {
                continue;
            }
            var stays = step.To == state;
            state = step.To;
            timer = step.StartsTimer || (stays && timer);
            told |= step.Tell is not null;
            var waits = HandoffMachine.Waiting.Contains(step.To);
            // A waiting request has a timer, and so has an agent who took it; what rests in the queue was told or is told by the timer; an end is told, by a text or by the
            // conversation's own end; nobody speaks for a request that is over; only an accepted one has an agent speaking.
            var holds = (step.To != HandoffState.Accepted || timer) && (!waits || (timer && step.Speaker == SpeakerAfter.Queue))
                && (!HandoffMachine.Ended.Contains(step.To) || (!step.StartsTimer && (step.Tell is not null || step.Speaker == SpeakerAfter.Nobody)))
                && (step.To is not (HandoffState.Queued or HandoffState.OutOfHours) || told || step.Tell is not null)
                && (step.To == HandoffState.Accepted) == (step.Speaker == SpeakerAfter.Agent);
            if (!holds)
            {
                return false;
            }
        }
        return true;
    }
}
