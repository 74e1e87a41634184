using System.Text.Json;
using Parley.Knowledge.Analysis;
using Parley.Knowledge.Chunking;
using Parley.Knowledge.Readers;
using Parley.Knowledge.Readers.Archives;

namespace Parley.Knowledge.Parsing;

/// <summary>The child's side: reads files one after the other and answers each, until its parent closes the pipe or is gone.</summary>
public static class ParseChild
{
    /// <summary>Readers descend by recursion in bounded depth; the bound is far below this.</summary>
    private const int StackBytes = 64 * 1024 * 1024;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private static long _giveUpAt = long.MaxValue;

    /// <summary>Runs until the parent is done.</summary>
    public static int Run()
    {
        using var input = Console.OpenStandardInput();
        using var output = new BufferedStream(Console.OpenStandardOutput(), 64 * 1024);
        // Whatever a library prints must not come between the frames.
        Console.SetOut(TextWriter.Null);
        Console.SetError(TextWriter.Null);
        WatchParent();
        var worker = new Thread(() => Serve(input, output), StackBytes);
        worker.Start();
        worker.Join();
        return 0;
    }

    private static void Serve(Stream input, Stream output)
    {
        try
        {
            while (Next(input) is { } frame)
            {
                var job = JsonSerializer.Deserialize(frame.Content, ParseJson.Default.ParseJob)!;
                Volatile.Write(ref _giveUpAt, Environment.TickCount64 + job.TimeoutMs + (long)Grace.TotalMilliseconds);
                var reply = Answer(job, Next(input)!.Value.Content, output);
                Write(output, FrameKind.Reply, JsonSerializer.SerializeToUtf8Bytes(reply, ParseJson.Default.ParseReply));
                output.Flush();
                Volatile.Write(ref _giveUpAt, long.MaxValue);
                if (reply.IsLast)
                    return;
            }
        }
        catch (IOException)
        {
            // The parent is gone.
        }
    }

    private static ParseReply Answer(ParseJob job, byte[] content, Stream output)
    {
        try
        {
            var reply = Read(job, content, output);
            return reply.Document is { } document && Size(document) > Frames.MaxBytes / 4
                ? new ParseReply { Reason = "The text of this file is too long. Split it." }
                : reply;
        }
        catch (Exception e) when (e is OutOfMemoryException or InsufficientExecutionStackException)
        {
            return new ParseReply { Reason = "Reading this file takes too much memory. Split it, or save it in a simpler form.", IsLast = true };
        }
        catch (Exception e) when (e is not IOException)
        {
            // A reader's fault is one file's, and its type is all that may be said without its content.
            return new ParseReply { Reason = $"The reader failed on this file ({e.GetType().Name}). Save it anew or in another form.", IsLast = true };
        }
    }

    private static ParseReply Read(ParseJob job, byte[] content, Stream output)
    {
        if (ArchiveReader.IsArchive(content))
            return Unpack(job, content, output);
        if (!DocumentReader.Read(content, job.Path).TryGet(out var document, out var error))
            return new ParseReply { Reason = error.Message };
        return new ParseReply
        {
            Document = new ParsedDocument
            {
                Title = document.Title, Language = document.Language, DetectedLanguage = DocumentLanguage.Detect(document.Blocks.Where(b => b.Kind != BlockKind.Code).Select(b => b.Text)), Url = document.Url, Metadata = document.Metadata, Sections = Chunker.Cut(document, job.Mode),
            },
        };
    }

    private static ParseReply Unpack(ParseJob job, byte[] content, Stream output)
    {
        var count = 0;
        try
        {
            foreach (var file in ArchiveReader.Files(content, job.Depth))
            {
                count++;
                Write(output, FrameKind.Entry, JsonSerializer.SerializeToUtf8Bytes(new EntryHead(file.Path, file.Reason), ParseJson.Default.EntryHead));
                if (file.Content is not null)
                    Write(output, FrameKind.Content, file.Content);
            }
        }
        catch (ReaderLimitException e)
        {
            return new ParseReply { Reason = e.Message, IsArchive = true };
        }
        catch (InvalidDataException)
        {
            return new ParseReply { Reason = "The archive is damaged and cannot be opened. Pack it anew.", IsArchive = true };
        }
        return new ParseReply { IsArchive = true, Reason = count == 0 ? "The archive holds no document that Parley reads." : null };
    }

    /// <summary>About what it takes as JSON: characters of other scripts take three bytes.</summary>
    private static long Size(ParsedDocument document) => document.Sections.Sum(s => s.Text.Length + s.Chunks.Sum(c => (long)c.Text.Length));

    private static (FrameKind Kind, byte[] Content)? Next(Stream input) => Frames.ReadAsync(input, CancellationToken.None).GetAwaiter().GetResult();

    private static void Write(Stream output, FrameKind kind, byte[] content) => Frames.WriteAsync(output, kind, content, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>A parent that was killed closes the pipe, but a reader at work does not look at it: it must not stay behind.</summary>
    private static void WatchParent()
    {
        var parent = ProcessTree.ParentOf(Environment.ProcessId);
        var watch = new Thread(() =>
        {
            using var never = new ManualResetEvent(false);
            while (!never.WaitOne(TimeSpan.FromSeconds(1)))
            {
                if (ProcessTree.ParentOf(Environment.ProcessId) != parent || Environment.TickCount64 > Volatile.Read(ref _giveUpAt))
                    ExternalTool.EndAll();
            }
        }) { IsBackground = true };
        watch.Start();
    }
}
