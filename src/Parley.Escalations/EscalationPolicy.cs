using Parley.Escalations.Contracts;

namespace Parley.Escalations;

/// <summary>
/// Decides whether a person is called. All rules are looked at; the highest priority wins and every reason is kept.
/// A delicate topic alone only sets the priority of a handoff that something else causes, unless the message reports a problem
/// with the customer's own account, the question stays unanswered, or the tenant made the topic immediate.
/// </summary>
public static class EscalationPolicy
{
    /// <summary>Pure: the same signals under the same rules give the same decision.</summary>
    public static EscalationDecision Decide(EscalationRules rules, EscalationSignals signals)
    {
        var causes = new List<(string Reason, HandoffPriority Priority)>();
        if (signals.ExplicitRequest)
        {
            causes.Add((EscalationReasons.ExplicitRequest, HandoffPriority.High));
        }
        var topics = TopicReader.Read(signals.Text, signals.Language, rules);
        if (rules.Automatic)
        {
            AddTopicCauses(rules, signals, topics, causes);
            AddStateCauses(rules, signals, causes);
        }
        if (causes.Count == 0)
        {
            return new EscalationDecision(false, HandoffPriority.Medium, []);
        }
        // From here on there is a handoff: the topics set its priority, whatever caused it.
        var mentions = topics.Mentioned.Select(t => (EscalationReasons.Topic(t), rules.Topics[t].Priority));
        var all = causes.Concat(mentions).OrderByDescending(c => c.Priority).ToList();
        return new EscalationDecision(true, all[0].Priority, [.. all.Select(c => c.Item1).Distinct()]);
    }

    private static void AddTopicCauses(EscalationRules rules, EscalationSignals signals, TopicReading topics, List<(string, HandoffPriority)> causes)
    {
        foreach (var topic in topics.OwnAccount)
        {
            causes.Add((EscalationReasons.OwnAccount(topic), rules.Topics[topic].Priority));
        }
        foreach (var topic in topics.Mentioned)
        {
            var rule = rules.Topics[topic];
            if (rule.Immediate)
            {
                causes.Add((EscalationReasons.Topic(topic), rule.Priority));
            }
            if (signals.Answered == false)
            {
                causes.Add((EscalationReasons.Unanswered(topic), rule.Priority));
            }
        }
        if (topics.DisputedAmount > rules.DisputeAmount)
        {
            causes.Add((EscalationReasons.DisputedAmount, HandoffPriority.Urgent));
        }
    }

    private static void AddStateCauses(EscalationRules rules, EscalationSignals signals, List<(string, HandoffPriority)> causes)
    {
        if (signals.Frustrated && signals.Attempts >= rules.FrustratedAttempts)
        {
            causes.Add((EscalationReasons.Frustrated, HandoffPriority.High));
        }
        if (signals.Complex && signals.Elapsed > TimeSpan.FromMinutes(rules.ComplexMinutes))
        {
            causes.Add((EscalationReasons.ComplexAndLong, HandoffPriority.Medium));
        }
        if (signals.FailedAttempts >= rules.FailedAttempts)
        {
            causes.Add((EscalationReasons.FailedAttempts, HandoffPriority.Medium));
        }
        if (signals.Elapsed > TimeSpan.FromMinutes(rules.LongMinutes) && signals.Attempts >= rules.LongAttempts)
        {
            causes.Add((EscalationReasons.LongConversation, HandoffPriority.Low));
        }
    }
}
