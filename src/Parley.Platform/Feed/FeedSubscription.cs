namespace Parley.Platform.Feed;

/// <summary>
/// What has been woken for one open feed since it looked last. It holds little whatever happens: too many topics become "everything",
/// of too many transient events the oldest go.
/// </summary>
internal sealed class FeedSubscription(FeedHub hub) : IDisposable
{
    private const int MaxTopics = 256;
    private const int MaxTransient = 32;
    private readonly Lock _gate = new();
    private readonly Queue<FeedEvent> _transient = new();
    private HashSet<FeedTopic> _woken = [];
    private HashSet<FeedTopic> _topics = [];
    private bool _everything;
    private bool _disposed;
    private TaskCompletionSource? _waiter;

    /// <summary>Replaces what wakes it.</summary>
    internal void SetTopics(IEnumerable<FeedTopic> topics)
    {
        var next = topics.ToHashSet();
        if (_disposed || next.SetEquals(_topics))
        {
            return;
        }
        foreach (var added in next.Except(_topics))
        {
            hub.Index(added, this);
        }
        foreach (var gone in _topics.Except(next))
        {
            hub.Unindex(gone, this);
        }
        _topics = next;
    }

    internal void Wake(FeedTopic topic, FeedEvent? transient)
    {
        lock (_gate)
        {
            if (transient is not null)
            {
                if (_transient.Count == MaxTransient)
                {
                    _transient.Dequeue();
                }
                _transient.Enqueue(transient);
            }
            else if (_everything || _woken.Count == MaxTopics)
            {
                _everything = true;
                _woken.Clear();
            }
            else
            {
                _woken.Add(topic);
            }
            _waiter?.TrySetResult();
        }
    }

    /// <summary>Takes what was woken; nothing where nothing was.</summary>
    internal (FeedWake Wake, IReadOnlyList<FeedEvent> Transient) Take()
    {
        lock (_gate)
        {
            var wake = new FeedWake(_everything, _woken);
            FeedEvent[] transient = [.. _transient];
            _woken = [];
            _everything = false;
            _transient.Clear();
            return (wake, transient);
        }
    }

    /// <summary>Waits for a wake, or for the time; true: there is something to take.</summary>
    internal async Task<bool> WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken ct)
    {
        Task waiting;
        lock (_gate)
        {
            if (_everything || _woken.Count > 0 || _transient.Count > 0)
            {
                return true;
            }
            _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting = _waiter.Task;
        }
        try
        {
            await waiting.WaitAsync(timeout, time, ct);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        SetTopics([]);
        _disposed = true;
    }
}
