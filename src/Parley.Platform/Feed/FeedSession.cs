using System.Text.Json;
using Parley.Platform.Authorization;

namespace Parley.Platform.Feed;

/// <summary>One open feed: reads its sources when they are woken, writes what they return, and asks again and again whether its caller may still listen.</summary>
internal sealed class FeedSession(FeedHub hub, IReadOnlyList<IFeedSource> sources, Caller caller, SseWriter writer, TimeProvider time) : IDisposable
{
    internal static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    internal static readonly TimeSpan Recheck = TimeSpan.FromSeconds(5);

    /// <summary>How long a feed may go on whose credential cannot be asked about.</summary>
    internal static readonly TimeSpan Unchecked = TimeSpan.FromMinutes(1);

    private static readonly FeedWake Everything = new(true, new HashSet<FeedTopic>());
    private readonly FeedSubscription _subscription = hub.Subscribe();
    private readonly FeedTopic[] _changes = caller.Kind == CallerKind.EndUser ? [] : [FeedTopic.All(caller.TenantId, Changes.Topic)];
    private readonly List<(IFeedSource Source, IFeedReader Reader)> _readers = [];
    private readonly Dictionary<string, string> _cursor = new(StringComparer.Ordinal);

    public void Dispose() => _subscription.Dispose();

    internal async Task RunAsync(string lastEventId, Func<CancellationToken, Task<Caller?>>? refresh, CancellationToken ct)
    {
        var opened = time.GetTimestamp();
        await OpenAsync(lastEventId, ct);
        await writer.FlushAsync(ct);
        var (beat, check) = (opened, opened);
        while (true)
        {
            var due = Min(Heartbeat - time.GetElapsedTime(beat), Recheck - time.GetElapsedTime(check));
            if (due > TimeSpan.Zero && await _subscription.WaitAsync(due, time, ct))
            {
                await ReadAsync(ct);
            }
            if (time.GetElapsedTime(check) >= Recheck)
            {
                if (!await MayGoOnAsync(refresh, opened, ct))
                {
                    return;
                }
                check = time.GetTimestamp();
            }
            if (time.GetElapsedTime(beat) >= Heartbeat)
            {
                writer.Comment("beat");
                beat = time.GetTimestamp();
            }
            await writer.FlushAsync(ct);
        }
    }

    /// <summary>Opens every source where the client left it, says where that is, and writes all up to now.</summary>
    private async Task OpenAsync(string lastEventId, CancellationToken ct)
    {
        var parts = lastEventId.Length == 0 ? new Dictionary<string, string>() : FeedCursor.Read(lastEventId);
        var reset = parts is null;
        var first = new List<FeedBatch>();
        foreach (var source in sources)
        {
            var from = parts?.GetValueOrDefault(source.Name);
            FeedBatch batch;
            try
            {
                batch = await OpenAsync(source, from, ct);
            }
            catch (FeedCursorException)
            {
                (reset, from) = (true, null);
                batch = await OpenAsync(source, null, ct);
            }
            first.Add(batch);
            _cursor[source.Name] = from ?? batch.Cursor;
        }
        writer.Retry(1000);
        if (reset)
        {
            writer.Event("reset", JsonSerializer.SerializeToElement(new { }), null);
        }
        var cursor = FeedCursor.Write(_cursor);
        writer.Event("ready", JsonSerializer.SerializeToElement(new { cursor }), cursor);
        for (var i = 0; i < first.Count; i++)
        {
            await WriteAsync(_readers[i].Source, first[i], ct);
            for (var more = first[i].More; more;)
            {
                var batch = await _readers[i].Reader.ReadAsync(Everything, ct);
                await WriteAsync(_readers[i].Source, batch, ct);
                more = batch.More;
            }
        }
    }

    private async Task<FeedBatch> OpenAsync(IFeedSource source, string? from, CancellationToken ct)
    {
        var reader = source.Open(caller, from);
        // Listens before it reads, so that nothing falls between.
        _subscription.SetTopics(_readers.SelectMany(r => r.Reader.Topics).Concat(reader.Topics).Concat(_changes));
        var batch = await reader.ReadAsync(Everything, ct);
        _readers.Add((source, reader));
        _subscription.SetTopics(_readers.SelectMany(r => r.Reader.Topics).Concat(_changes));
        return batch;
    }

    private async Task ReadAsync(CancellationToken ct)
    {
        var (wake, transient) = _subscription.Take();
        foreach (var item in transient)
        {
            writer.Event(item.Type, item.Data, null);
        }
        foreach (var (source, reader) in _readers)
        {
            var woken = wake.Everything ? wake : wake with { Topics = wake.Topics.Where(topic => Names(reader.Topics, topic)).ToHashSet() };
            for (var more = woken.Everything || woken.Topics.Count > 0; more;)
            {
                var batch = await reader.ReadAsync(woken, ct);
                await WriteAsync(source, batch, ct);
                more = batch.More;
            }
        }
        _subscription.SetTopics(_readers.SelectMany(r => r.Reader.Topics).Concat(_changes));
    }

    /// <summary>Never more in memory than one batch: a slow client holds its reader back, not our memory.</summary>
    private async Task WriteAsync(IFeedSource source, FeedBatch batch, CancellationToken ct)
    {
        foreach (var item in batch.Events)
        {
            if (item.Cursor is not null)
            {
                _cursor[source.Name] = item.Cursor;
            }
            writer.Event(item.Type, item.Data, item.Cursor is null ? null : FeedCursor.Write(_cursor));
        }
        _cursor[source.Name] = batch.Cursor;
        await writer.FlushAsync(ct);
    }

    private async Task<bool> MayGoOnAsync(Func<CancellationToken, Task<Caller?>>? refresh, long opened, CancellationToken ct) =>
        refresh is null
            ? time.GetElapsedTime(opened) < Unchecked
            : await refresh(ct) is { } now && now.TenantId == caller.TenantId && now.Id == caller.Id && now.Permissions.SetEquals(caller.Permissions);

    private static bool Names(IReadOnlyCollection<FeedTopic> topics, FeedTopic topic) =>
        topics.Contains(topic) || topics.Contains(FeedTopic.All(topic.TenantId, topic.Kind));

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
