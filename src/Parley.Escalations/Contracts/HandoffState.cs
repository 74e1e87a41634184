using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Escalations.Contracts;

/// <summary>Where a request for a person stands. Stored and sent in snake_case.</summary>
[JsonConverter(typeof(SnakeCaseEnum<HandoffState>))]
public enum HandoffState
{
    /// <summary>Written down; nobody was told yet.</summary>
    Requested,

    /// <summary>The customer was told that it was understood.</summary>
    Acknowledged,

    /// <summary>Any agent may take it.</summary>
    Queued,

    /// <summary>Put before one agent for a while.</summary>
    Offered,

    /// <summary>Waits for the service hours; an agent who is there anyway may take it.</summary>
    OutOfHours,

    /// <summary>An agent has the conversation.</summary>
    Accepted,

    /// <summary>Over: the assistant has the conversation again.</summary>
    Returned,

    /// <summary>Over: the conversation ended.</summary>
    Closed,

    /// <summary>Over: nobody came in time, and both sides were told.</summary>
    Expired,
}

/// <summary>How soon a person is needed; the higher goes first in the queue.</summary>
[JsonConverter(typeof(SnakeCaseEnum<HandoffPriority>))]
public enum HandoffPriority
{
    /// <summary>When there is time.</summary>
    Low,

    /// <summary>The usual.</summary>
    Medium,

    /// <summary>The customer asked for it, or is losing patience.</summary>
    High,

    /// <summary>Money, access, safety or law.</summary>
    Urgent,
}

/// <summary>The names of enumerations as the database and the API know them.</summary>
public static class Names
{
    /// <summary><c>OutOfHours</c> → <c>out_of_hours</c>.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => Cache<T>.Names[value];

    /// <summary>The reverse; throws on a name that is not one.</summary>
    public static T Parse<T>(string name)
        where T : struct, Enum => TryParse<T>(name, out var value) ? value : throw new ArgumentException($"'{name}' is no {typeof(T).Name}.", nameof(name));

    /// <summary>The reverse.</summary>
    public static bool TryParse<T>(string? name, out T value)
        where T : struct, Enum
    {
        value = default;
        return name is not null && Cache<T>.Values.TryGetValue(name, out value);
    }

    private static class Cache<T>
        where T : struct, Enum
    {
        internal static readonly Dictionary<T, string> Names = Enum.GetValues<T>().ToDictionary(v => v, v => JsonNamingPolicy.SnakeCaseLower.ConvertName(v.ToString()));
        internal static readonly Dictionary<string, T> Values = Names.ToDictionary(p => p.Value, p => p.Key, StringComparer.Ordinal);
    }
}
