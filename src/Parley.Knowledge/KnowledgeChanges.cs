using Parley.Knowledge.Search;
using Parley.Platform.Data;
using Parley.Platform.Feed;

namespace Parley.Knowledge;

/// <summary>Numbers of changes to a tenant's documents, and what follows from each.</summary>
internal sealed class KnowledgeChanges(FeedHub hub, TimeProvider time)
{
    /// <summary>The topic that wakes indexes.</summary>
    internal const string Topic = "knowledge";

    // The row's lock is held to the commit: numbers become visible in their order, so an index that has read up to n misses nothing below.
    internal const string NextSql = """
        insert into knowledge_state (tenant_id, change_number) values (@tenantId, 1)
        on conflict (tenant_id) do update set change_number = knowledge_state.change_number + 1
        returning change_number
        """;

    internal const string RecordRemovalsSql = """
        insert into document_removals (tenant_id, document_id, change_number, removed_at)
        select tenant_id, id, @change, @now from documents where tenant_id = @tenantId and id = any(@ids)
        """;

    internal const string RemoveSql = "delete from documents where tenant_id = @tenantId and id = any(@ids) returning object_hash";

    internal const string TouchSourceSql = "update documents set change_number = @change where tenant_id = @tenantId and source_id = @sourceId";

    internal const string PublishSql = "select pg_advisory_xact_lock(hashtextextended('knowledge:' || @tenantId::text, 12))::text";

    /// <summary>
    /// Lets what this transaction changes become visible between answers, never during one: it waits for those that are being delivered
    /// (<see cref="EvidenceReader.HoldAsync"/>), and only at its very end, so that no answer waits for an import.
    /// </summary>
    internal static void Publish(TenantSession session) => session.BeforeCommit(PublishAsync);

    /// <summary>
    /// Takes the next number; other changes of this tenant wait until the commit. Take it before rows of documents are touched: the
    /// same order everywhere is what keeps two changes from waiting for each other.
    /// </summary>
    internal async Task<long> NextAsync(TenantSession session)
    {
        var change = await session.QuerySingleAsync<long>(NextSql, new { tenantId = session.TenantId });
        Publish(session);
        var topic = new FeedTopic(session.TenantId, Topic, session.TenantId);
        session.OnCommitted(() => hub.Publish(topic, change));
        return change;
    }

    /// <summary>Removes documents with all their sections and chunks, at once for every reader. Returns the hashes of their files.</summary>
    internal async Task<IReadOnlyList<byte[]>> RemoveAsync(TenantSession session, Guid[] ids)
    {
        if (ids.Length == 0)
            return [];
        var change = await NextAsync(session);
        await session.ExecuteAsync(RecordRemovalsSql, new { tenantId = session.TenantId, ids, change, now = time.GetUtcNow() });
        return await session.QueryAsync<byte[]>(RemoveSql, new { tenantId = session.TenantId, ids });
    }

    private static Task PublishAsync(TenantSession session) => session.ExecuteAsync(PublishSql, new { tenantId = session.TenantId });

    /// <summary>Lets indexes read a source's documents again: its audience or language is another one now.</summary>
    internal async Task TouchSourceAsync(TenantSession session, Guid sourceId) =>
        await session.ExecuteAsync(TouchSourceSql, new { tenantId = session.TenantId, sourceId, change = await NextAsync(session) });
}
