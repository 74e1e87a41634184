using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Parley.Platform.Objects;

namespace Parley.Knowledge.Parsing;

/// <summary>Why a child was killed.</summary>
internal enum ParseKill
{
    None,
    Memory,
    Time,
    Cancelled,
}

/// <summary>One child that reads documents, file after file.</summary>
internal sealed class ParseWorker : IDisposable
{
    private readonly Process _process;
    private readonly ParseWatch _watch;
    private readonly string _folder;
    private readonly Lock _gate = new();
    private long _deadline;
    private long _idleSince;
    private bool _resting;
    private long _peak;
    private volatile ParseKill _kill;

    private ParseWorker(Process process, ParseWatch watch, string folder) => (_process, _watch, _folder) = (process, watch, folder);

    internal int Files { get; private set; }

    internal ParseKill Kill => _kill;

    /// <summary>It reads no further file: it died, or said that it ends.</summary>
    internal bool IsSpent { get; private set; }

    /// <summary>Most resident memory that was seen, with what the child started.</summary>
    internal long PeakBytes => Volatile.Read(ref _peak);

    internal int ProcessId => _process.Id;

    internal bool HasEnded => _process.HasExited;

    internal static ParseWorker Start(ParseCommandLine command, ParseLimits limits, ParseWatch watch)
    {
        var folder = Directory.CreateTempSubdirectory("parley-parse-").FullName;
        try
        {
            var process = Process.Start(command.StartInfo(limits, folder)) ?? throw new InvalidOperationException("The reader could not be started.");
            // What a runtime prints when it dies may show content: it goes nowhere.
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            var worker = new ParseWorker(process, watch, folder);
            watch.Add(worker);
            return worker;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>Reads one file.</summary>
    /// <param name="job">What to do.</param>
    /// <param name="content">The file.</param>
    /// <param name="onEntry">Takes what an archive holds, entry by entry.</param>
    /// <param name="time">The clock of the deadline.</param>
    /// <param name="ct">Kills the child: it is of no use any more.</param>
    /// <returns>Null where the child ended instead of answering; <see cref="Kill"/> says why.</returns>
    internal async Task<ParseReply?> RunAsync(ParseJob job, ReadOnlyMemory<byte> content, Func<EntryHead, byte[]?, Task> onEntry, TimeProvider time, CancellationToken ct)
    {
        Files++;
        IsSpent = true; // until it has answered
        lock (_gate)
            (_deadline, _idleSince) = (time.GetTimestamp() + (long)(job.TimeoutMs / 1000d * time.TimestampFrequency), 0);
        _watch.Wake();
        await using var cancel = ct.Register(() => End(ParseKill.Cancelled));
        try
        {
            var input = _process.StandardInput.BaseStream;
            await Frames.WriteAsync(input, FrameKind.Job, JsonSerializer.SerializeToUtf8Bytes(job, ParseJson.Default.ParseJob), ct);
            await Frames.WriteAsync(input, FrameKind.Content, content, ct);
            await input.FlushAsync(ct);
            var reply = await AnswerAsync(_process.StandardOutput.BaseStream, onEntry, ct);
            IsSpent = reply is null or { IsLast: true };
            return reply;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or JsonException && e is not ObjectStoreException && !ct.IsCancellationRequested)
        {
            // It died, or it says what no reader of ours says.
            End(ParseKill.None);
            return null;
        }
        finally
        {
            Rest(time);
        }
    }

    /// <summary>It has no work from now on.</summary>
    internal void Rest(TimeProvider time)
    {
        lock (_gate)
            (_deadline, _idleSince) = (0, time.GetTimestamp());
    }

    /// <summary>Takes it for another file; false where it has ended, or is about to: a file given to it would be blamed for that.</summary>
    internal bool TryTake()
    {
        lock (_gate)
        {
            if (_resting || HasEnded)
                return false;
            _idleSince = 0;
            return true;
        }
    }

    /// <summary>One look of the watch: true while it is at work.</summary>
    internal bool Look(ParseLimits limits, TimeProvider time)
    {
        long deadline;
        lock (_gate)
        {
            deadline = _deadline;
            _resting |= deadline == 0 && _idleSince != 0 && time.GetElapsedTime(_idleSince) >= limits.IdleFor;
        }
        if (deadline == 0)
        {
            if (_resting)
                End(ParseKill.None);
            return false;
        }
        var resident = Sample();
        if (resident > limits.ResidentBytes)
            End(ParseKill.Memory);
        else if (time.GetTimestamp() > deadline)
            End(ParseKill.Time);
        return true;
    }

    /// <summary>Resident memory now.</summary>
    internal long Sample()
    {
        var resident = ProcessTree.ResidentBytes(_process.Id);
        if (resident > Volatile.Read(ref _peak))
            Volatile.Write(ref _peak, resident);
        return resident;
    }

    public void Dispose()
    {
        End(ParseKill.None);
        _watch.Remove(this);
        // A killed process gives its memory back a moment later; its folder is free at once.
        _process.WaitForExit(TimeSpan.FromSeconds(2));
        _process.Dispose();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // The system's own cleaning of temporary files will have it.
        }
    }

    private void End(ParseKill reason)
    {
        lock (_gate)
        {
            if (_kill == ParseKill.None)
                _kill = reason;
        }
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself.
        }
    }

    private static async Task<ParseReply?> AnswerAsync(Stream output, Func<EntryHead, byte[]?, Task> onEntry, CancellationToken ct)
    {
        while (await Frames.ReadAsync(output, ct) is { } frame)
        {
            if (frame.Kind == FrameKind.Reply)
                return JsonSerializer.Deserialize(frame.Content, ParseJson.Default.ParseReply);
            if (frame.Kind != FrameKind.Entry || JsonSerializer.Deserialize(frame.Content, ParseJson.Default.EntryHead) is not { } head)
                throw new InvalidDataException("A frame out of its turn.");
            var content = head.Reason is null ? await Frames.ReadAsync(output, ct) : null;
            await onEntry(head, content?.Content);
        }
        return null;
    }
}

/// <summary>How the child is started: this binary again, without anything of the parent's environment that it does not need.</summary>
internal sealed class ParseCommandLine
{
    internal const string Command = "parse";
    internal const string WorkerArgument = "--worker";

    private static readonly string[] Allowed = ["PATH", "LANG", "LC_ALL", "HOME"];

    private readonly string _binary;
    private readonly string? _limiter;

    private ParseCommandLine(string binary, string? limiter) => (_binary, _limiter) = (binary, limiter);

    /// <exception cref="InvalidOperationException">The program's files are not complete.</exception>
    internal static ParseCommandLine Find()
    {
        var binary = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "parley.exe" : "parley");
        if (!File.Exists(binary))
            throw new InvalidOperationException($"The program {binary} is missing: documents are read by a second process of it.");
        return new ParseCommandLine(binary, ExternalTool.Find("prlimit"));
    }

    internal ProcessStartInfo StartInfo(ParseLimits limits, string folder)
    {
        string[] own = [_binary, Command, WorkerArgument];
        string[] line = _limiter is null ? own : [_limiter, string.Create(CultureInfo.InvariantCulture, $"--as={limits.AddressSpaceBytes}"), "--core=0", .. own];
        var info = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder, UseShellExecute = false,
        };
        var inherited = info.Environment.Where(e => Allowed.Contains(e.Key) || e.Key.StartsWith("DOTNET_", StringComparison.Ordinal)).ToList();
        info.Environment.Clear();
        foreach (var (name, value) in inherited)
            info.Environment[name] = value;
        info.Environment["TMPDIR"] = folder;
        // A host that was started as "dotnet parley.dll" knows its runtime; the child's own start must find the same.
        info.Environment.TryAdd("DOTNET_ROOT", Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")));
        info.Environment["DOTNET_GCHeapHardLimit"] = "0x" + limits.HeapBytes.ToString("X", CultureInfo.InvariantCulture);
        info.Environment["DOTNET_gcServer"] = "0";
        info.Environment["DOTNET_gcConcurrent"] = "0";
        info.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        return info;
    }
}
