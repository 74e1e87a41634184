using System.Text.Json;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Feed;

namespace Parley.Knowledge.Imports;

/// <summary>
/// Progress of imports, for callers who may read knowledge. A feed that opens is told of all that are under way and of those that ended
/// in the last minutes, so one that was away misses no end; progress itself is not replayed.
/// </summary>
internal sealed class ImportFeed(TenantDb db, TimeProvider time) : IFeedSource
{
    internal const string Topic = "import";

    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(10);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    internal const string RecentSql = $"""
        select {ImportRows.Columns} from imports
         where tenant_id = @tenantId and (state in ('uploading', 'crawling', 'queued', 'running') or finished_at > @since) order by created_at limit 100
        """;

    internal const string SomeSql = $"select {ImportRows.Columns} from imports where tenant_id = @tenantId and id = any(@ids) order by created_at";

    internal sealed record Progress(Guid ImportId, Guid SourceId, string State, int Total, int Added, int Changed, int Unchanged, int Removed, int Failed, int Chunks);

    public string Name => Topic;

    public bool Serves(Caller caller) => caller.Can(Permission.KnowledgeRead);

    public IFeedReader Open(Caller caller, string? cursor) => new Reader(db, time, caller.TenantId);

    private sealed class Reader(TenantDb db, TimeProvider time, Guid tenantId) : IFeedReader
    {
        private readonly Dictionary<Guid, Progress> _sent = [];

        public IReadOnlyCollection<FeedTopic> Topics { get; } = [FeedTopic.All(tenantId, Topic)];

        public async Task<FeedBatch> ReadAsync(FeedWake wake, CancellationToken ct)
        {
            var ids = wake.Topics.Where(t => t.Kind == Topic).Select(t => t.Id).ToArray();
            var imports = wake.Everything
                ? await db.InTransactionAsync(tenantId, s => s.QueryAsync<ImportView>(RecentSql, new { tenantId, since = time.GetUtcNow() - Recent }), ct)
                : ids.Length == 0 ? [] : await db.InTransactionAsync(tenantId, s => s.QueryAsync<ImportView>(SomeSql, new { tenantId, ids }), ct);
            var events = new List<FeedEvent>();
            foreach (var i in imports)
            {
                var progress = new Progress(i.Id, i.SourceId, i.State, i.Total, i.Added, i.Changed, i.Unchanged, i.Removed, i.Failed, i.Chunks);
                if (_sent.TryGetValue(i.Id, out var before) && before == progress)
                    continue;
                if (i.IsActive)
                    _sent[i.Id] = progress;
                else
                    _sent.Remove(i.Id);
                events.Add(new FeedEvent("import", JsonSerializer.SerializeToElement(progress, Json)));
            }
            return new FeedBatch(events, "");
        }
    }
}
