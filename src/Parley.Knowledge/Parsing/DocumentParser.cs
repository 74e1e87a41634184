using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Parley.Knowledge.Chunking;

namespace Parley.Knowledge.Parsing;

/// <summary>
/// Reads files in children of this process, which know no secrets and are bounded in memory and time. A child serves many files; one that
/// is killed or dies takes only its own file with it.
/// </summary>
internal sealed class DocumentParser(ParseLimits limits, TimeProvider time, ILogger<DocumentParser> log) : IDisposable
{
    private readonly SemaphoreSlim _free = new(limits.Workers);
    private readonly ConcurrentStack<ParseWorker> _idle = new();
    private readonly ParseWatch _watch = new(limits, time);
    private readonly Lazy<ParseCommandLine> _command = new(ParseCommandLine.Find);
    private long _peak;
    private bool _disposed;

    /// <summary>Most resident memory that a child was seen with, over all children so far.</summary>
    internal long PeakBytes => Volatile.Read(ref _peak);

    /// <summary>The children that are alive.</summary>
    internal IReadOnlyList<int> ProcessIds => _watch.ProcessIds;

    /// <summary>How many files can be read at the same time.</summary>
    internal int Workers => limits.Workers;

    /// <param name="path">Inside the source.</param>
    /// <param name="content">The file.</param>
    /// <param name="mode">How it is cut.</param>
    /// <param name="depth">Archives around it.</param>
    /// <param name="onEntry">Takes what an archive holds: its path, then its content or the reason why it is left out.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>Never null; a file that ended its child comes back with the reason.</returns>
    internal async Task<ParseReply> ParseAsync(
        string path, ReadOnlyMemory<byte> content, ChunkingMode mode, int depth, Func<EntryHead, byte[]?, Task> onEntry, CancellationToken ct)
    {
        await _free.WaitAsync(ct);
        ParseWorker? worker = null;
        try
        {
            worker = Take();
            var job = new ParseJob(path, mode, depth, (int)limits.Timeout.TotalMilliseconds);
            var reply = await worker.RunAsync(job, content, onEntry, time, ct);
            return reply ?? new ParseReply { Reason = ReasonOf(worker) };
        }
        finally
        {
            Return(worker);
            _free.Release();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryPop(out var worker))
            worker.Dispose();
        _watch.Dispose();
    }

    private ParseWorker Take()
    {
        while (_idle.TryPop(out var idle))
        {
            if (idle.TryTake())
                return idle;
            idle.Dispose();
        }
        try
        {
            return ParseWorker.Start(_command.Value, limits, _watch);
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            throw new InvalidOperationException("The reader of documents could not be started: " + e.Message, e);
        }
    }

    private void Return(ParseWorker? worker)
    {
        if (worker is null)
            return;
        var resting = worker.HasEnded ? 0 : worker.Sample();
        lock (_command)
            _peak = Math.Max(_peak, worker.PeakBytes);
        if (_disposed || worker.IsSpent || resting == 0 || worker.Kill != ParseKill.None || worker.Files >= limits.FilesPerChild || resting > limits.RestingBytes)
            worker.Dispose();
        else
            _idle.Push(worker);
    }

    private string ReasonOf(ParseWorker worker)
    {
        log.ReaderEnded(worker.Kill, worker.PeakBytes);
        return worker.Kill switch
        {
            ParseKill.Memory => string.Create(CultureInfo.InvariantCulture, $"Reading this file took more than {limits.ResidentBytes >> 20} MB of memory. Split it, or save it in a simpler form."),
            ParseKill.Time => string.Create(CultureInfo.InvariantCulture, $"Reading this file took longer than {limits.Timeout.TotalSeconds:0.#} seconds. Split it, or save it in a simpler form."),
            _ => "Reading this file ended its reader. The file is damaged, or larger than it looks; save it anew or in another form.",
        };
    }
}
