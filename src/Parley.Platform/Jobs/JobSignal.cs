namespace Parley.Platform.Jobs;

/// <summary>Wakes the dispatchers of this process, and through the notifier those of other nodes.</summary>
public sealed class JobSignal
{
    private volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>There may be work.</summary>
    public void Set()
    {
        Wake();
        Enqueued?.Invoke();
    }

    /// <summary>Raised for work that was added here; the notifier tells other nodes. Must be quick.</summary>
    internal event Action? Enqueued;

    /// <summary>Ends with the next signal. Take it before looking for work, so that none is missed in between.</summary>
    internal Task Next => _next.Task;

    /// <summary>There may be work that another node has added.</summary>
    internal void Wake() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
