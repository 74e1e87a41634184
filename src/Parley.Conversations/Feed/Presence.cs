using System.Collections.Concurrent;
using System.Text.Json;
using Parley.Conversations.Contracts;
using Parley.Platform.Feed;

namespace Parley.Conversations.Feed;

internal sealed record PresenceData(Guid ConversationId, string Who, bool Typing);

/// <summary>
/// Who is typing, told to the other side and stored nowhere. Clients repeat the sign while somebody types; when it stops coming,
/// this node says that they stopped.
/// </summary>
internal sealed class Presence(FeedHub hub, TimeProvider time) : IDisposable
{
    /// <summary>Longer than the interval at which clients repeat the sign.</summary>
    internal static readonly TimeSpan Shown = TimeSpan.FromSeconds(6);

    private readonly ConcurrentDictionary<(FeedTopic Topic, Guid Conversation), ITimer> _timers = new();

    /// <summary>The customer types: told to the tenant's agents.</summary>
    internal void EndUserTypes(Guid tenantId, Guid conversationId) =>
        Show(new FeedTopic(tenantId, ConversationTopic.Conversation, conversationId), conversationId, ActorKind.EndUser);

    /// <summary>An agent types: told to the customer.</summary>
    internal void AgentTypes(Guid tenantId, Guid endUserId, Guid conversationId) =>
        Show(new FeedTopic(tenantId, ConversationTopic.EndUser, endUserId), conversationId, ActorKind.Agent);

    private void Show(FeedTopic topic, Guid conversationId, string who)
    {
        Tell(topic, conversationId, who, typing: true);
        var key = (topic, conversationId);
        var timer = _timers.GetOrAdd(key, k => time.CreateTimer(_ => Stop(k, who), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        try
        {
            timer.Change(Shown, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // It has just run out; the next sign makes another one.
        }
    }

    private void Stop((FeedTopic Topic, Guid Conversation) key, string who)
    {
        if (_timers.TryRemove(key, out var timer))
        {
            timer.Dispose();
            Tell(key.Topic, key.Conversation, who, typing: false);
        }
    }

    private void Tell(FeedTopic topic, Guid conversationId, string who, bool typing) =>
        hub.PublishTransient(topic, new FeedEvent("presence", JsonSerializer.SerializeToElement(new PresenceData(conversationId, who, typing), ConversationJson.Options)));

    public void Dispose()
    {
        foreach (var timer in _timers.Values)
        {
            timer.Dispose();
        }
    }
}
