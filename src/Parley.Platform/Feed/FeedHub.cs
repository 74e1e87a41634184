using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Parley.Platform.Feed;

/// <summary>
/// Wakes the open feeds of this process and, through the notifier, those of the others. Publish after the commit:
/// <c>session.OnCommitted(() => hub.Publish(…))</c>. A wake touches only the feeds that named its topic.
/// </summary>
public sealed class FeedHub
{
    private const int MaxRemembered = 50_000;
    private readonly ConcurrentDictionary<FeedTopic, ImmutableArray<FeedSubscription>> _byTopic = new();
    private ImmutableArray<Action<FeedTopic>> _listeners = [];
    private ConcurrentDictionary<FeedTopic, long> _versions = new();
    private ConcurrentDictionary<FeedTopic, long> _olderVersions = new();

    /// <summary>Raised for what was published here, for the notifier.</summary>
    internal event Action<FeedTopic, long, FeedEvent?>? Published;

    /// <summary>Something of this topic has been committed (or a draft has grown).</summary>
    /// <param name="topic">What.</param>
    /// <param name="version">The highest seq this wake is for; the poll then need not wake for it once more. 0: unknown.</param>
    public void Publish(FeedTopic topic, long version = 0)
    {
        Deliver(topic, version, null);
        Published?.Invoke(topic, version, null);
    }

    /// <summary>Sends an event that is in no table to the feeds that named the topic, on every node: presence. It may be lost.</summary>
    public void PublishTransient(FeedTopic topic, FeedEvent transient)
    {
        Deliver(topic, 0, transient);
        Published?.Invoke(topic, 0, transient);
    }

    /// <summary>Called for each topic published on any node: for what a process keeps current (an index, a cache). Must be quick and not throw.</summary>
    public IDisposable Listen(Action<FeedTopic> listener)
    {
        ImmutableInterlocked.Update(ref _listeners, (all, one) => all.Add(one), listener);
        return new Listener(this, listener);
    }

    internal FeedSubscription Subscribe() => new(this);

    /// <summary>Wakes this process only.</summary>
    internal void Deliver(FeedTopic topic, long version, FeedEvent? transient)
    {
        if (version > 0)
        {
            Remember(topic, version);
        }
        foreach (var listener in _listeners)
        {
            listener(topic);
        }
        Wake(topic, topic, transient);
        Wake(FeedTopic.All(topic.TenantId, topic.Kind), topic, transient);
    }

    /// <summary>Has this process been woken for this version already?</summary>
    internal bool Knows(FeedTopic topic, long version) =>
        version > 0 && ((_versions.TryGetValue(topic, out var known) && known >= version) || (_olderVersions.TryGetValue(topic, out known) && known >= version));

    internal void Index(FeedTopic topic, FeedSubscription subscription) =>
        _byTopic.AddOrUpdate(topic, static (_, one) => [one], static (_, all, one) => all.Add(one), subscription);

    internal void Unindex(FeedTopic topic, FeedSubscription subscription)
    {
        while (_byTopic.TryGetValue(topic, out var all))
        {
            var rest = all.Remove(subscription);
            if (rest.IsEmpty ? _byTopic.TryRemove(new KeyValuePair<FeedTopic, ImmutableArray<FeedSubscription>>(topic, all)) : _byTopic.TryUpdate(topic, rest, all))
            {
                return;
            }
        }
    }

    private void Wake(FeedTopic named, FeedTopic topic, FeedEvent? transient)
    {
        if (_byTopic.TryGetValue(named, out var subscriptions))
        {
            foreach (var subscription in subscriptions)
            {
                subscription.Wake(topic, transient);
            }
        }
    }

    private void Remember(FeedTopic topic, long version)
    {
        _versions.AddOrUpdate(topic, version, (_, known) => Math.Max(known, version));
        if (_versions.Count > MaxRemembered)
        {
            _olderVersions = _versions;
            _versions = new();
        }
    }

    private sealed class Listener(FeedHub hub, Action<FeedTopic> listener) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref hub._listeners, (all, one) => all.Remove(one), listener);
    }
}
