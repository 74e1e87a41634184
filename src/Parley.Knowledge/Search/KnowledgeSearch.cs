using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Vectors;
using Parley.Platform.Feed;

namespace Parley.Knowledge.Search;

/// <summary>
/// Searches tenants' knowledge in indexes that this process holds in memory: built when first asked for, brought up to date when the
/// tenant's change number has moved on, given up when memory is short. An index may be a moment behind; <see cref="EvidenceReader"/>
/// makes sure that nothing is quoted that is gone.
/// </summary>
public sealed class KnowledgeSearch : IDisposable
{
    /// <summary>What the audience of a widget may see.</summary>
    public static IReadOnlySet<string> PublicOnly { get; } = new HashSet<string>(StringComparer.Ordinal) { "public" };

    private readonly ConcurrentDictionary<Guid, TenantIndex> _indexes = new();
    private readonly IndexLoader _loader;
    private readonly VectorLoader _vectors;
    private readonly HybridSearch _hybrid;
    private readonly KnowledgeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<KnowledgeSearch> _log;
    private readonly IDisposable _listener;

    internal KnowledgeSearch(IndexLoader loader, VectorLoader vectors, HybridSearch hybrid, KnowledgeOptions options, FeedHub hub, TimeProvider time, ILogger<KnowledgeSearch> log)
    {
        (_loader, _vectors, _hybrid, _options, _time, _log) = (loader, vectors, hybrid, options, time, log);
        _listener = hub.Listen(OnChange);
    }

    /// <summary>
    /// Ranks documents and passages for a question. Waits for the first build of the tenant's index. Where the tenant has chosen models for it and the query says
    /// who pays, meaning takes part; where a model fails, is late or must not be asked, words alone rank.
    /// </summary>
    public async Task<RetrievalResult> SearchAsync(Guid tenantId, RetrievalQuery query, CancellationToken ct)
    {
        var index = await IndexAsync(tenantId, ct);
        return query.Who is not null && index.Plan.Pays ? await _hybrid.SearchAsync(index, query, ct) : index.Search(query);
    }

    /// <summary>The passages of a document as the index knows them, with the state of the knowledge that they are of.</summary>
    public async Task<(long ChangeNumber, IReadOnlyList<DocumentPassage> Passages)> PassagesAsync(Guid tenantId, Guid documentId, CancellationToken ct)
    {
        var index = await IndexAsync(tenantId, ct);
        return (index.ChangeNumber, index.PassagesOf(documentId));
    }

    /// <summary>Brings this process's index up to the last committed change and returns it. What an import does before it says that it is done.</summary>
    public async Task<KnowledgeIndex> RefreshAsync(Guid tenantId, CancellationToken ct)
    {
        var index = Entry(tenantId);
        var until = await _loader.ChangeNumberAsync(tenantId, ct);
        while (true)
        {
            var made = await index.RunOnce(current => MakeAsync(tenantId, current)).WaitAsync(ct);
            if (made.ChangeNumber >= until)
                return made;
        }
    }

    /// <summary>Is the tenant's index in this process's memory?</summary>
    public bool Holds(Guid tenantId) => _indexes.TryGetValue(tenantId, out var index) && index.Current is not null;

    /// <summary>The tenants whose index is in memory, with the change it has come to.</summary>
    internal IEnumerable<KeyValuePair<Guid, long>> Held => _indexes.Where(i => i.Value.Current is not null).Select(i => KeyValuePair.Create(i.Key, i.Value.Current!.ChangeNumber));

    /// <summary>Gives an index up: its tenant is gone, or its memory is wanted.</summary>
    public void Evict(Guid tenantId)
    {
        if (_indexes.TryRemove(tenantId, out _))
            _log.IndexEvicted(tenantId);
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private async Task<KnowledgeIndex> IndexAsync(Guid tenantId, CancellationToken ct)
    {
        var index = Entry(tenantId);
        index.Use(_time.GetTimestamp());
        if (index.Current is not { } current)
            return await index.RunOnce(c => MakeAsync(tenantId, c)).WaitAsync(ct);
        if (index.Checked != 0 && _time.GetElapsedTime(index.Checked) < _options.IndexFreshFor)
            return current;
        var now = _time.GetTimestamp();
        var state = await _loader.StateAsync(tenantId, ct);
        if (state == (current.ChangeNumber, current.Plan.Number))
        {
            index.Checked = now;
            return current;
        }
        var work = index.RunOnce(c => MakeAsync(tenantId, c));
        try
        {
            return await work.WaitAsync(_options.IndexPatience, _time, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            // Late, or failed (logged where it did): the older index serves on.
            return current;
        }
    }

    private TenantIndex Entry(Guid tenantId) => _indexes.GetOrAdd(tenantId, static _ => new TenantIndex());

    /// <summary>Only an index that is in memory follows changes; the others are built when somebody asks.</summary>
    private void OnChange(FeedTopic topic)
    {
        if (topic.Kind != KnowledgeChanges.Topic || !_indexes.TryGetValue(topic.TenantId, out var index) || index.Current is null)
            return;
        index.Checked = 0;
        _ = index.RunOnce(current => MakeAsync(topic.TenantId, current)).ContinueWith(static t => t.Exception, TaskScheduler.Default);
    }

    private async Task<KnowledgeIndex> MakeAsync(Guid tenantId, KnowledgeIndex? current)
    {
        var started = _time.GetTimestamp();
        try
        {
            var (until, vectors) = await _loader.StateAsync(tenantId, CancellationToken.None);
            var index = Entry(tenantId);
            // The database forgets removals after a week: an index that is older than that is made anew.
            var made = current is null || until < current.ChangeNumber ? Build(tenantId, until, started)
                : current.ChangeNumber == until ? current
                : await UpdateAsync(tenantId, current, until, started) ?? Build(tenantId, until, started);
            if (made.Plan.Number != vectors)
            {
                var (plan, rows) = await _vectors.LoadAsync(tenantId, vectors, made.Vectors?.Rows ?? current?.Vectors?.Rows, CancellationToken.None);
                made = made.With(plan, rows);
                MakeRoom(tenantId, made.ApproximateBytes);
            }
            index.Checked = started;
            return made;
        }
        catch (Exception e)
        {
            _log.IndexFailed(tenantId, e);
            throw;
        }
    }

    // The index takes documents one by one and never holds them all; it runs on a pool thread of its own work item.
    private KnowledgeIndex Build(Guid tenantId, long until, long started)
    {
        var made = KnowledgeIndex.Build(_loader.AllAsync(tenantId, CancellationToken.None).ToBlockingEnumerable().SelectMany(page => page), until);
        _log.IndexBuilt(tenantId, made.DocumentCount, made.ChunkCount, made.ApproximateBytes, _time.GetElapsedTime(started));
        MakeRoom(tenantId, made.ApproximateBytes);
        return made;
    }

    private async Task<KnowledgeIndex?> UpdateAsync(Guid tenantId, KnowledgeIndex current, long until, long started)
    {
        if (await _loader.SinceAsync(tenantId, current.ChangeNumber, until, CancellationToken.None) is not var (changed, removed))
            return null;
        var made = current.With([.. changed], [.. removed], until);
        _log.IndexRefreshed(tenantId, until, changed.Count, removed.Count, _time.GetElapsedTime(started));
        MakeRoom(tenantId, made.ApproximateBytes);
        return made;
    }

    private void MakeRoom(Guid keep, long bytes)
    {
        var others = _indexes.Where(i => i.Key != keep && i.Value.Current is not null).OrderByDescending(i => i.Value.Used).ToList();
        foreach (var (tenantId, index) in others)
        {
            bytes += index.Current?.ApproximateBytes ?? 0;
            if (bytes > _options.IndexBytes)
                Evict(tenantId);
        }
    }
}
