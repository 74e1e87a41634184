using Parley.Platform.Authorization;

namespace Parley.Conversations.Contracts;

/// <summary>Who wrote a message or caused an event. The words are those of the database and of the API.</summary>
/// <param name="Kind">end_user | assistant | agent | system, see <see cref="ActorKind"/>.</param>
/// <param name="Id">End user, assistant or user; null for the system.</param>
public readonly record struct Actor(string Kind, Guid? Id)
{
    /// <summary>Parley itself: schedules, rules, imports of channels.</summary>
    public static Actor System { get; } = new(ActorKind.System, null);

    /// <summary>The customer.</summary>
    public static Actor EndUser(Guid endUserId) => new(ActorKind.EndUser, endUserId);

    /// <summary>The AI.</summary>
    public static Actor Assistant(Guid assistantId) => new(ActorKind.Assistant, assistantId);

    /// <summary>A human agent.</summary>
    public static Actor Agent(Guid userId) => new(ActorKind.Agent, userId);

    /// <summary>Who a request acts as. An API key and the operator's command line are no person: they act as the system, named by their id.</summary>
    public static Actor Of(Caller caller) => caller.Kind switch
    {
        CallerKind.EndUser => EndUser(caller.Id),
        CallerKind.User => Agent(caller.Id),
        _ => new Actor(ActorKind.System, caller.Id),
    };
}

/// <summary>Kinds of authors and actors.</summary>
public static class ActorKind
{
    /// <summary>The customer.</summary>
    public const string EndUser = "end_user";

    /// <summary>The AI.</summary>
    public const string Assistant = "assistant";

    /// <summary>A human agent.</summary>
    public const string Agent = "agent";

    /// <summary>Parley itself.</summary>
    public const string System = "system";
}

/// <summary>Whose turn it is to answer.</summary>
public static class ConversationOwner
{
    /// <summary>The AI answers.</summary>
    public const string Assistant = "assistant";

    /// <summary>The customer waits for a person; the AI stays quiet.</summary>
    public const string Queue = "queue";

    /// <summary>A person answers; the AI stays quiet.</summary>
    public const string Agent = "agent";
}

/// <summary>Open or closed.</summary>
public static class ConversationStatus
{
    /// <summary>Somebody may still write.</summary>
    public const string Open = "open";

    /// <summary>Ended; a customer's message within 7 days reopens it.</summary>
    public const string Closed = "closed";
}

/// <summary>Who may read a message.</summary>
public static class Visibility
{
    /// <summary>Customer and agents.</summary>
    public const string Public = "public";

    /// <summary>Agents only.</summary>
    public const string Note = "note";
}

/// <summary>Topics published to the feed hub for everything that happens in a conversation.</summary>
public static class ConversationTopic
{
    /// <summary>The id is the conversation's: wakes the agents of the tenant.</summary>
    public const string Conversation = "conversation";

    /// <summary>The id is the end user's: wakes the customer's own feed, and nobody else's.</summary>
    public const string EndUser = "end_user";
}
