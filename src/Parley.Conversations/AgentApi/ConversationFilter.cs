using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.AgentApi;

/// <summary>
/// What part of the tenant's conversations is asked for; what is absent does not filter. Where several values may be given, commas stand
/// between them, and one of them must hold; all that is given must hold together.
/// </summary>
internal record ConversationFilter
{
    private const int MaxValues = 50;

    private static readonly string[] Statuses = ["open", "closed"];
    private static readonly string[] Owners = ["assistant", "queue", "agent"];
    private static readonly string[] Channels = ["widget", "page", "api", "email", "slack", "voice", "sms"];
    private static readonly string[] Confidences = ["high", "medium", "low", NoValue];
    private static readonly string[] Ratings = ["1", "2", "3", "4", "5", NoValue];

    private static readonly string[] Outcomes =
    [
        "confirmed", "tool_verified", "silent", "by_person", "unresolved", "abandoned", "answered", "clarified", "abstained", "handed_off", "small_talk", "failed", NoValue,
    ];

    /// <summary>Stands for those that have none.</summary>
    private const string NoValue = "none";

    /// <summary>From here an answer is delivered as certain, and from there with a note.</summary>
    private const double High = .8, Medium = .6;

    /// <summary>open, closed.</summary>
    public string? Status { get; init; }

    /// <summary>Who handles it: assistant, queue, agent.</summary>
    public string? Owner { get; init; }

    /// <summary>widget, page, api, email, slack, voice, sms.</summary>
    public string? Channel { get; init; }

    /// <summary>The member who owns it.</summary>
    public Guid? AgentId { get; init; }

    /// <summary>How it ended, or how its last answer did where it has not: confirmed, tool_verified, silent, by_person, unresolved, abandoned, answered, clarified, abstained, handed_off, small_talk, failed, none.</summary>
    public string? Outcome { get; init; }

    /// <summary>Language tags of the customer: <c>de</c> is also de-AT.</summary>
    public string? Language { get; init; }

    /// <summary>How certain the last answer was: high (from 0.8), medium (from 0.6), low, none.</summary>
    public string? Confidence { get; init; }

    /// <summary>1 to 5, none.</summary>
    public string? Rating { get; init; }

    /// <summary>Begun on this day (UTC) or later.</summary>
    public DateOnly? From { get; init; }

    /// <summary>Begun on this day (UTC) or earlier.</summary>
    public DateOnly? To { get; init; }

    /// <summary>Has one of these tags.</summary>
    public Guid[]? TagId { get; init; }

    /// <summary>The conditions on <c>conversations c</c>; their values are <see cref="Args"/>.</summary>
    internal const string Where = """
        c.tenant_id = @tenantId
           and (@statuses::text[] is null or c.status = any (@statuses))
           and (@owners::text[] is null or c.owner = any (@owners))
           and (@channels::text[] is null or c.channel = any (@channels))
           and (@agentId::uuid is null or c.agent_id = @agentId)
           and (@outcomes::text[] is null or coalesce(c.resolution, c.last_outcome, 'none') = any (@outcomes))
           and (@languages::text[] is null or lower(c.locale) = any (@languages) or lower(split_part(c.locale, '-', 1)) = any (@languages))
           and (@confidences::text[] is null or case when c.confidence is null then 'none' when c.confidence >= @high::real then 'high' when c.confidence >= @medium::real then 'medium' else 'low' end = any (@confidences))
           and (@ratings::text[] is null or coalesce(c.rating::text, 'none') = any (@ratings))
           and (@from::timestamptz is null or c.created_at >= @from)
           and (@until::timestamptz is null or c.created_at < @until)
           and (@tags::uuid[] is null or exists (select 1 from conversation_tags t where t.tenant_id = c.tenant_id and t.conversation_id = c.id and t.tag_id = any (@tags)))
        """;

    /// <summary>Something narrows.</summary>
    internal bool IsAny => this is not { Status: null, Owner: null, Channel: null, AgentId: null, Outcome: null, Language: null, Confidence: null, Rating: null, From: null, To: null, TagId: null or [] };

    /// <summary>What is wrong with it; null: nothing.</summary>
    internal Error? Problem() =>
        OneOf("status", Status, Statuses) ?? OneOf("owner", Owner, Owners) ?? OneOf("channel", Channel, Channels) ?? OneOf("outcome", Outcome, Outcomes)
        ?? OneOf("confidence", Confidence, Confidences) ?? OneOf("rating", Rating, Ratings)
        ?? (List(Language) is { } languages && languages.Any(l => l.Length is < 2 or > 35 || !l.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            ? Error.Invalid("language", "'language' must be language tags such as en or pt-BR, with commas between them.") : null)
        ?? (From > To ? Error.Invalid("to", "'to' must not be before 'from'.") : null)
        ?? (TagId is { Length: > MaxValues } ? Error.Invalid("tagId", $"At most {MaxValues} tags.") : null);

    /// <summary>What <see cref="Where"/> needs.</summary>
    internal Dapper.DynamicParameters Args(TenantSession session)
    {
        var args = new Dapper.DynamicParameters();
        args.AddDynamicParams(new
        {
            tenantId = session.TenantId, statuses = List(Status), owners = List(Owner), channels = List(Channel), agentId = AgentId, outcomes = List(Outcome),
            languages = List(Language)?.Select(l => l.ToLowerInvariant()).ToArray(), confidences = List(Confidence), ratings = List(Rating), high = (float)High, medium = (float)Medium,
            from = From is { } from ? Midnight(from) : (DateTimeOffset?)null, until = To is { } to ? Midnight(to.AddDays(1)) : (DateTimeOffset?)null,
            tags = TagId is { Length: > 0 } ? TagId : null,
        });
        return args;
    }

    private static DateTimeOffset Midnight(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    private static string[]? List(string? values) => string.IsNullOrEmpty(values) ? null : values.Split(',', StringSplitOptions.TrimEntries);

    private static Error? OneOf(string field, string? values, string[] allowed) =>
        List(values) is { } given && (given.Length > MaxValues || !given.All(allowed.Contains)) ? Error.Invalid(field, $"'{field}' must be one of {string.Join(", ", allowed)}, or several with commas between them.") : null;
}
