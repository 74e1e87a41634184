namespace Parley.Knowledge.Parsing;

/// <summary>
/// Looks at the children every 50 ms: kills one that takes too much memory or time, ends one that has had no work for a while. On a thread
/// of its own, so that nothing else in the process can keep it from looking.
/// </summary>
internal sealed class ParseWatch : IDisposable
{
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly HashSet<ParseWorker> _workers = [];
    private readonly AutoResetEvent _wake = new(false);
    private readonly ParseLimits _limits;
    private readonly TimeProvider _time;
    private Thread? _thread;
    private volatile bool _stopped;

    internal ParseWatch(ParseLimits limits, TimeProvider time) => (_limits, _time) = (limits, time);

    internal void Add(ParseWorker worker)
    {
        lock (_gate)
        {
            _workers.Add(worker);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "parse watch" };
                _thread.Start();
            }
        }
        Wake();
    }

    /// <summary>The children that are alive.</summary>
    internal IReadOnlyList<int> ProcessIds
    {
        get
        {
            lock (_gate)
                return [.. _workers.Where(w => !w.HasEnded).Select(w => w.ProcessId)];
        }
    }

    internal void Remove(ParseWorker worker)
    {
        lock (_gate)
            _workers.Remove(worker);
    }

    /// <summary>There is work to look at.</summary>
    internal void Wake() => _wake.Set();

    public void Dispose()
    {
        _stopped = true;
        Wake();
    }

    private void Run()
    {
        while (!_stopped)
        {
            ParseWorker[] workers;
            lock (_gate)
                workers = [.. _workers];
            var busy = false;
            foreach (var worker in workers)
                busy |= worker.Look(_limits, _time);
            _wake.WaitOne(busy ? Interval : workers.Length > 0 ? IdleInterval : Timeout.InfiniteTimeSpan);
        }
    }
}
