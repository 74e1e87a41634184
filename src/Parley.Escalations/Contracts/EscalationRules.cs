using System.Collections.Frozen;
using System.Text.Json.Serialization;

namespace Parley.Escalations.Contracts;

/// <summary>When the assistant calls a person. Configuration kind <see cref="Kind"/>, one per tenant.</summary>
public sealed record EscalationRules
{
    /// <summary>The configuration's kind; its subject is the tenant's id.</summary>
    public const string Kind = "escalation_rules";

    /// <summary>The topics the product knows the words of.</summary>
    public static FrozenSet<string> KnownTopics { get; } =
        new[] { "billing", "refund", "suspension", "legal", "security", "privacy", "outage", "system_access" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>False: only an explicit request makes a handoff.</summary>
    public bool Automatic { get; init; } = true;

    /// <summary>Topics by name; a topic that is absent is not looked for.</summary>
    public IReadOnlyDictionary<string, TopicRule> Topics { get; init; } = KnownTopics.Order(StringComparer.Ordinal).ToDictionary(t => t, _ => new TopicRule());

    /// <summary>A frustrated customer after this many answers gets a person (priority high).</summary>
    public int FrustratedAttempts { get; init; } = 1;

    /// <summary>A complex matter that has lasted longer than this many minutes (medium).</summary>
    public int ComplexMinutes { get; init; } = 15;

    /// <summary>This many answers that did not help (medium).</summary>
    public int FailedAttempts { get; init; } = 3;

    /// <summary>A conversation longer than this many minutes (low) …</summary>
    public int LongMinutes { get; init; } = 20;

    /// <summary>… with at least this many answers.</summary>
    public int LongAttempts { get; init; } = 2;

    /// <summary>A disputed amount above this goes to a person at once (urgent), in whatever currency it is named; null: no limit.</summary>
    public decimal? DisputeAmount { get; init; } = 100;

    /// <summary>Agents are told again after this many minutes; then after twice as many, and so on.</summary>
    public int RemindMinutes { get; init; } = 3;

    /// <summary>
    /// With the first reminder the customer learns that the request is not forgotten; with later ones only when the place in the queue has
    /// changed, or nothing was said for this many minutes.
    /// </summary>
    public int ReassureMinutes { get; init; } = 15;

    /// <summary>An offer to one agent goes back to all after this many minutes.</summary>
    public int OfferMinutes { get; init; } = 2;

    /// <summary>A request that nobody accepted within this many minutes of service time ends, and the customer is told.</summary>
    public int ExpireMinutes { get; init; } = 120;

    /// <summary>An agent who accepted and leaves the customer waiting for this many minutes loses the conversation to the queue; null: never.</summary>
    public int? AgentSilenceMinutes { get; init; } = 10;

    /// <summary>What is wrong with these rules, by field.</summary>
    public IReadOnlyDictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>();
        if (Topics is null || Topics.Values.Any(t => t?.Words is null || t.Words.Contains(null!)))
        {
            problems["rules.topics"] = ["topics, each topic and its words must not be null; leave out what shall have its default."];
            return problems;
        }
        void Check(string field, long value, long from, long to)
        {
            if (value < from || value > to)
            {
                problems["rules." + field] = [$"Must be between {from} and {to}."];
            }
        }
        Check("frustratedAttempts", FrustratedAttempts, 0, 20);
        Check("complexMinutes", ComplexMinutes, 1, 1440);
        Check("failedAttempts", FailedAttempts, 1, 20);
        Check("longMinutes", LongMinutes, 1, 1440);
        Check("longAttempts", LongAttempts, 1, 20);
        Check("remindMinutes", RemindMinutes, 1, 240);
        Check("reassureMinutes", ReassureMinutes, 1, 240);
        Check("offerMinutes", OfferMinutes, 1, 60);
        Check("expireMinutes", ExpireMinutes, 5, 2880);
        Check("agentSilenceMinutes", AgentSilenceMinutes ?? 1, 1, 1440);
        if (DisputeAmount is < 0)
        {
            problems["rules.disputeAmount"] = ["Must not be negative."];
        }
        var unknown = Topics.Keys.Where(t => !KnownTopics.Contains(t)).ToList();
        if (unknown.Count > 0)
        {
            problems["rules.topics"] = [$"Unknown: {string.Join(", ", unknown)}. Known topics: {string.Join(", ", KnownTopics.Order(StringComparer.Ordinal))}."];
        }
        if (Topics.Values.Any(t => t.Words.Count > 200 || t.Words.Any(w => w.Trim().Length is < 2 or > 60)))
        {
            problems["rules.topics.words"] = ["At most 200 words of 2 to 60 characters per topic."];
        }
        return problems;
    }
}

/// <summary>How one topic is treated.</summary>
public sealed record TopicRule
{
    /// <summary>The priority it gives to a handoff.</summary>
    [JsonConverter(typeof(SnakeCaseEnum<HandoffPriority>))]
    public HandoffPriority Priority { get; init; } = HandoffPriority.Urgent;

    /// <summary>True: the topic alone calls a person, before any answer.</summary>
    public bool Immediate { get; init; }

    /// <summary>The tenant's own words for it, beside the built-in ones; a trailing <c>*</c> matches any ending.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
}
