using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform.Authorization;

namespace Parley.Platform.Feed;

/// <summary>One event of the feed as the client sees it.</summary>
/// <param name="Type">accepted, sources, delta, replaced, message, handoff, presence, done, error, closed, rated, conversation, import or changed.</param>
/// <param name="Data">The event's JSON, with <c>conversationId</c> and, where it is durable, <c>seq</c>.</param>
/// <param name="Cursor">The source's position after this event, in its own words; null: not durable (deltas, presence, progress).</param>
public sealed record FeedEvent(string Type, JsonElement Data, string? Cursor = null);

/// <summary>What a reader returned.</summary>
/// <param name="Events">In the order in which the client must see them.</param>
/// <param name="Cursor">The source's position after all of them.</param>
/// <param name="More">There is more to read at once.</param>
public sealed record FeedBatch(IReadOnlyList<FeedEvent> Events, string Cursor, bool More = false);

/// <summary>Why a reader is asked.</summary>
/// <param name="Everything">Anything may be new: the first read, or wakes were lost.</param>
/// <param name="Topics">Else what was woken: only its own topics.</param>
public sealed record FeedWake(bool Everything, IReadOnlySet<FeedTopic> Topics);

/// <summary>
/// A part of the multiplexed feed. A module registers one per kind of event it owns (conversation events of an end user,
/// conversation events of a tenant, import progress) with <see cref="FeedRegistrations.AddFeedSource{T}"/>.
/// </summary>
public interface IFeedSource
{
    /// <summary>Short, stable, without punctuation: it names the source's part of the cursor.</summary>
    string Name { get; }

    /// <summary>Does this caller get this source?</summary>
    bool Serves(Caller caller);

    /// <summary>
    /// Reads on from a cursor; null: from now. One reader per open feed, so it may keep state between reads.
    /// Throws <see cref="FeedCursorException"/> (here or in the first read) for a cursor that it cannot go on from.
    /// </summary>
    IFeedReader Open(Caller caller, string? cursor);
}

/// <summary>
/// One open feed's view of one source. Delivery is at least once: the client drops what it has seen by (conversationId, seq).
/// Read durable events of a conversation by its <c>seq</c>, which is complete as soon as it is committed; a tenant's change log below
/// <c>pg_snapshot_xmin</c> serves to resume, not to be quick.
/// </summary>
public interface IFeedReader
{
    /// <summary>What wakes it; asked again after each read. <see cref="FeedTopic.All"/> for all of a kind.</summary>
    IReadOnlyCollection<FeedTopic> Topics { get; }

    /// <summary>What is new since the last read; never waits for news.</summary>
    Task<FeedBatch> ReadAsync(FeedWake wake, CancellationToken ct);
}

/// <summary>The cursor cannot be gone on from: the client is told to load everything anew, and the feed goes on from now.</summary>
public sealed class FeedCursorException() : Exception("The feed cannot be continued from this cursor.");

/// <summary>What may have changed: a tenant's conversation, import, …</summary>
/// <param name="TenantId">Whose.</param>
/// <param name="Kind">conversation | end_user | import | knowledge | change. Lower-case letters and underscores.</param>
/// <param name="Id">Which one.</param>
public readonly record struct FeedTopic(Guid TenantId, string Kind, Guid Id)
{
    /// <summary>All of a kind: a reader that names it wakes for each.</summary>
    public static FeedTopic All(Guid tenantId, string kind) => new(tenantId, kind, Guid.Empty);
}

/// <summary>
/// A table whose commits wake feeds on every node even when a notification was lost. The first statement returns one row (xid, position);
/// the second takes @xid, @position, @limit and returns rows (tenant_id, kind, id, version, xid, position), oldest first, below
/// <c>pg_snapshot_xmin</c>. xid is text in both. Both are calls of system functions.
/// </summary>
public sealed record FeedChangeLog(string HeadSql, string SinceSql);

/// <summary>Registration.</summary>
public static class FeedRegistrations
{
    /// <summary>Adds a source to every feed that it serves.</summary>
    public static IServiceCollection AddFeedSource<T>(this IServiceCollection services)
        where T : class, IFeedSource =>
        services.AddSingleton<IFeedSource, T>();

    /// <summary>Adds a table to be watched.</summary>
    public static IServiceCollection AddFeedChangeLog(this IServiceCollection services, string headSql, string sinceSql) =>
        services.AddSingleton(new FeedChangeLog(headSql, sinceSql));
}
