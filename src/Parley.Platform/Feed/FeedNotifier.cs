using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Platform.Feed;

/// <summary>
/// Tells the other nodes what was published here, in batches on a connection of its own (a NOTIFY in a writer's transaction would make
/// all commits wait for each other), and wakes this node for what they tell. What is lost on the way is found by the poll.
/// </summary>
internal sealed class FeedNotifier(FeedHub hub, JobSignal jobs, DataSources sources, NodeIdentity node, TimeProvider time, ILogger<FeedNotifier> log) : BackgroundService
{
    internal const string NotifySql = "select pg_notify(@channel, @payload)::text";
    internal const string Channel = "parley_feed";
    private const int MaxPayload = 7_800; // PostgreSQL refuses 8,000 bytes
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Reconnect = TimeSpan.FromMilliseconds(500);

    private readonly Channel<Note> _outgoing = System.Threading.Channels.Channel.CreateBounded<Note>(
        new BoundedChannelOptions(20_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>Completed once it hears other nodes; for tests.</summary>
    internal TaskCompletionSource Listening { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        void OnPublished(FeedTopic topic, long version, FeedEvent? transient) =>
            _outgoing.Writer.TryWrite(new Note(topic.Kind, topic.TenantId, topic.Id, version, transient?.Type, transient?.Data));
        void OnEnqueued() => _outgoing.Writer.TryWrite(Note.Job);
        hub.Published += OnPublished;
        jobs.Enqueued += OnEnqueued;
        try
        {
            await Task.WhenAll(ForeverAsync(SendAsync, stoppingToken), ForeverAsync(ListenAsync, stoppingToken));
        }
        finally
        {
            hub.Published -= OnPublished;
            jobs.Enqueued -= OnEnqueued;
        }
    }

    /// <summary>The texts of the notifications for some notes, each below the limit; a note too large for one is left out.</summary>
    internal static IEnumerable<string> Payloads(string node, IEnumerable<Note> notes)
    {
        var start = "[" + JsonSerializer.Serialize(node);
        var text = new StringBuilder(start);
        var bytes = start.Length;
        foreach (var note in notes.Distinct())
        {
            var json = "," + JsonSerializer.Serialize(note, NoteJson.Default.Note);
            var size = Encoding.UTF8.GetByteCount(json);
            if (size > MaxPayload - start.Length - 1)
            {
                continue;
            }
            if (bytes + size + 1 > MaxPayload)
            {
                yield return text.Append(']').ToString();
                text = new StringBuilder(start);
                bytes = start.Length;
            }
            text.Append(json);
            bytes += size;
        }
        if (bytes > start.Length)
        {
            yield return text.Append(']').ToString();
        }
    }

    private async Task SendAsync(CancellationToken ct)
    {
        await using var connection = await sources.OpenOwnAsync(ct);
        while (await _outgoing.Reader.WaitToReadAsync(ct))
        {
            var notes = new List<Note>();
            while (notes.Count < 2_000 && _outgoing.Reader.TryRead(out var note))
            {
                notes.Add(note);
            }
            foreach (var payload in Payloads(node.Id, notes))
            {
                await using var command = new NpgsqlCommand(NotifySql, connection);
                command.Parameters.AddWithValue("channel", Channel);
                command.Parameters.AddWithValue("payload", payload);
                await command.ExecuteNonQueryAsync(ct);
            }
            await Task.Delay(Gather, time, ct);
        }
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        await using var connection = await sources.OpenOwnAsync(ct);
        connection.Notification += (_, e) => Receive(e.Payload);
        await using (var listen = new NpgsqlCommand("listen " + Channel, connection))
        {
            await listen.ExecuteNonQueryAsync(ct);
        }
        Listening.TrySetResult();
        while (true)
        {
            await connection.WaitAsync(ct);
        }
    }

    private void Receive(string payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            if (document.RootElement[0].GetString() == node.Id)
            {
                return;
            }
            foreach (var element in document.RootElement.EnumerateArray().Skip(1))
            {
                var note = element.Deserialize(NoteJson.Default.Note)!;
                if (note.Kind == Note.JobKind)
                {
                    jobs.Wake();
                }
                else
                {
                    hub.Deliver(new FeedTopic(note.Tenant, note.Kind, note.Id), note.Version, note.Type is null ? null : new FeedEvent(note.Type, note.Data!.Value.Clone()));
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Of another version, or not ours: the poll finds what it meant.
            log.NotificationUnreadable();
        }
    }

    private async Task ForeverAsync(Func<CancellationToken, Task> work, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await work(ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.NotifierFailed(e);
                await Task.Delay(Reconnect, time, ct).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
    }
}

/// <summary>One thing told to other nodes.</summary>
internal sealed record Note(string Kind, Guid Tenant, Guid Id, long Version, string? Type, JsonElement? Data)
{
    internal const string JobKind = "+job";

    internal static Note Job { get; } = new(JobKind, Guid.Empty, Guid.Empty, 0, null, null);
}

[System.Text.Json.Serialization.JsonSourceGenerationOptions(
    PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault)]
[System.Text.Json.Serialization.JsonSerializable(typeof(Note))]
internal sealed partial class NoteJson : System.Text.Json.Serialization.JsonSerializerContext;
