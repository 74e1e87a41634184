using System.Collections.Concurrent;
using System.Text.Json;
using Parley.Platform.Authorization;

namespace Parley.Platform.Feed;

/// <summary>One event of the feed as the client sees it.</summary>
/// <param name="Type">accepted, sources, delta, replaced, message, handoff, presence, done, error, or import.</param>
/// <param name="Data">The event's JSON, with <c>conversationId</c> and, where it is durable, <c>seq</c>.</param>
/// <param name="Durable">Durable events advance the cursor; deltas and progress do not.</param>
public sealed record FeedEvent(string Type, JsonElement Data, bool Durable);

/// <summary>What a source returned: events, and the cursor after them (its own text, opaque to others).</summary>
public sealed record FeedBatch(IReadOnlyList<FeedEvent> Events, string Cursor, bool More);

/// <summary>
/// A part of the multiplexed feed. A module registers one per kind of event it owns (conversation events of an end user,
/// conversation events of a tenant, import progress).
/// </summary>
public interface IFeedSource
{
    /// <summary>Short, stable, without punctuation: it names the source's part of the cursor.</summary>
    string Name { get; }

    /// <summary>Does this caller get this source?</summary>
    bool Serves(Caller caller);

    /// <summary>The topics whose waking means "read again".</summary>
    bool Concerns(Caller caller, FeedTopic topic);

    /// <summary>Reads on from a cursor; null: from now. One object per open feed, so a source may keep state between reads.</summary>
    IFeedReader Open(Caller caller, string? cursor);
}

/// <summary>One open feed's view of one source.</summary>
public interface IFeedReader
{
    /// <summary>What is new since the last read; never waits for news.</summary>
    Task<FeedBatch> ReadAsync(CancellationToken ct);
}

/// <summary>What may have changed: a tenant's conversation, import, …</summary>
/// <param name="TenantId">Whose.</param>
/// <param name="Kind">conversation | import.</param>
/// <param name="Id">Which one.</param>
public readonly record struct FeedTopic(Guid TenantId, string Kind, Guid Id);

/// <summary>Wakes the open feeds of this process. Publish after the commit: <c>session.OnCommitted(() => hub.Publish(…))</c>.</summary>
public sealed class FeedHub
{
    private readonly ConcurrentDictionary<long, Action<FeedTopic>> _listeners = new();
    private long _next;

    /// <summary>Called for each topic published here, also for the notifier that tells other nodes; must be quick.</summary>
    public IDisposable Subscribe(Action<FeedTopic> listener)
    {
        var key = Interlocked.Increment(ref _next);
        _listeners[key] = listener;
        return new Subscription(this, key);
    }

    /// <summary>Something of this topic has been committed (or a draft has grown).</summary>
    public void Publish(FeedTopic topic)
    {
        foreach (var listener in _listeners.Values)
        {
            listener(topic);
        }
    }

    private sealed class Subscription(FeedHub hub, long key) : IDisposable
    {
        public void Dispose() => hub._listeners.TryRemove(key, out _);
    }
}
