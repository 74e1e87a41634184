using System.Text.Json.Nodes;
using Parley.Platform.Authorization;

namespace Parley.Host.Isolation;

internal enum SlotPlace
{
    Path,
    Query,
    Body,
    Header,
}

/// <summary>A place of a request that names a thing: where another tenant's id is put instead of one's own.</summary>
/// <param name="Place">Where.</param>
/// <param name="Name">The parameter's name; in a body the path to the property, such as <c>filters.sourceIds</c>.</param>
/// <param name="Kind">What it names: a key of <see cref="Kinds"/>.</param>
/// <param name="Many">The property is a list of ids.</param>
internal sealed record Slot(SlotPlace Place, string Name, string Kind, bool Many = false);

/// <summary>One endpoint of the running application as the proof sees it; all of it is read from the endpoint itself.</summary>
internal sealed record EndpointCase(string Name, string Method, string Pattern, AccessRule Rule, IReadOnlyList<Slot> Slots)
{
    /// <summary>A valid body made from the request's type; null: it takes none.</summary>
    internal JsonNode? Body { get; init; }

    /// <summary>It takes files.</summary>
    internal bool TakesFiles { get; init; }

    /// <summary>It reads the request by itself, so that its ids cannot be read from its signature: its recipe must say them.</summary>
    internal bool IsOpaque { get; init; }

    /// <summary>Parameters of which nobody has told what they name; a recipe must give them, or the endpoint is not proven.</summary>
    internal IReadOnlyList<string> Unknown { get; init; } = [];

    internal bool IsUnsafe => Method is not ("GET" or "HEAD" or "OPTIONS");

    /// <summary>Nobody but customers may call it.</summary>
    internal bool IsForEndUsers => Rule.Permission == Permission.WidgetTalk && Rule.Or.Count == 0;

    /// <summary>For whom it is made: each of them must succeed, and each is tried.</summary>
    internal IEnumerable<Kind> Callers =>
        Rule.AnyUser ? [Kind.Person]
        : Rule.Permission is null ? [Kind.Nobody]
        : IsForEndUsers ? [Kind.EndUser]
        : Rule.Permission == Permission.WidgetTalk || Rule.Or.Contains(Permission.WidgetTalk) ? [Kind.EndUser, Kind.Owner]
        : [Kind.Owner];

    /// <summary>A kind of caller.</summary>
    internal enum Kind
    {
        Nobody,
        Person,
        Owner,
        EndUser,
    }

    public override string ToString() => $"{Method} {Pattern} ({Name})";
}
