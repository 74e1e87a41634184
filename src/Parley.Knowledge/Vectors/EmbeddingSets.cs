using System.Text.Json;
using Parley.Inference.Contracts;
using Parley.Platform;
using Parley.Platform.Data;
using Parley.Platform.Feed;
using Parley.Platform.Jobs;

namespace Parley.Knowledge.Vectors;

/// <summary>A row of embedding_sets.</summary>
internal sealed record EmbeddingSet
{
    public Guid Id { get; init; }
    public Guid AccountId { get; init; }
    public string Provider { get; init; } = "";
    public string Model { get; init; } = "";
    public int Dimensions { get; init; }
    public string State { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? CompletedAt { get; init; }

    public string Info { get; init; } = "";

    /// <summary>What was known of the model when the set was begun.</summary>
    internal ModelInfo ModelInfo => JsonSerializer.Deserialize<ModelInfo>(Info)!;

    internal bool Serves => State == "serving";

    internal bool IsOf(ModelSeat seat) => (seat.Account.Provider, seat.Info.Model, seat.Info.Capabilities.Dimensions) == (Provider, Model, Dimensions);
}

/// <summary>A passage without a vector.</summary>
internal sealed record PassageToEmbed
{
    public Guid Id { get; init; }
    public int Version { get; init; }
    public string Title { get; init; } = "";
    public string[] HeadingPath { get; init; } = [];
    public string Text { get; init; } = "";
    public int Tokens { get; init; }

    /// <summary>With what is above it: a passage often does not name what it is about.</summary>
    internal string Embedded => string.Join('\n', [string.Join(" › ", [Title, .. HeadingPath]), Text]);
}

/// <summary>
/// The sets of vectors that a tenant has, and who writes them. Only the job of the tenant changes sets, one run at a time. Each change takes the next number
/// under the lock of the tenant's row, before rows of passages are touched.
/// </summary>
internal sealed class EmbeddingSets(TenantDb db, JobQueue jobs, FeedHub hub, TimeProvider time)
{
    private const string SetColumns = "id, account_id, provider, model, dimensions, info::text as info, state, created_at, completed_at";

    internal const string SetsSql = $"select {SetColumns} from embedding_sets where tenant_id = @tenantId order by state desc, created_at";

    internal const string NextNumberSql = """
        insert into vector_work (tenant_id, number) values (@tenantId, 1)
        on conflict (tenant_id) do update set number = vector_work.number + 1 returning number
        """;

    internal const string ClaimSql = """
        insert into vector_work (tenant_id, models_version) values (@tenantId, @version)
        on conflict (tenant_id) do update set models_version = @version, retry_at = null, halted = null
        """;

    internal const string HaltSql = """
        update vector_work set halted = @reason, failures = failures + 1, retry_at = @retryAt where tenant_id = @tenantId
        """;

    internal const string GoOnSql = "update vector_work set halted = null, failures = 0, retry_at = null where tenant_id = @tenantId and (failures > 0 or halted is not null)";

    internal const string WorkSql = "select failures, models_version from vector_work where tenant_id = @tenantId";

    // Whoever halts without a time waits for another choice of models, or to be told to go on.
    internal const string StoppedSql = "select exists (select from vector_work where tenant_id = @tenantId and halted is not null and retry_at is null)";

    internal const string OnlyRefusedSql = """
        select exists (select from chunk_vectors where tenant_id = @tenantId and set_id = @setId)
           and not exists (select from chunk_vectors where tenant_id = @tenantId and set_id = @setId and vector is not null)
        """;

    internal const string ForgetRefusedSql = "delete from chunk_vectors where tenant_id = @tenantId and vector is null";

    internal const string AddSql = """
        insert into embedding_sets (tenant_id, id, account_id, provider, model, dimensions, info, state, created_at)
        values (@tenantId, @id, @accountId, @provider, @model, @dimensions, @info::jsonb, @state, @now)
        """;

    internal const string AccountSql = "update embedding_sets set account_id = @accountId where tenant_id = @tenantId and id = @id and account_id <> @accountId";

    internal const string RemoveSql = "delete from embedding_sets where tenant_id = @tenantId and id = any(@ids)";

    internal const string CompleteSql = "update embedding_sets set state = 'serving', completed_at = coalesce(completed_at, @now) where tenant_id = @tenantId and id = @id";

    internal const string NextSql = """
        select c.id, c.version, d.title, c.heading_path, c.text, c.tokens
          from chunks c
          join documents d on d.tenant_id = c.tenant_id and d.id = c.document_id and d.version = c.version
          join knowledge_sources s on s.tenant_id = d.tenant_id and s.id = d.source_id and s.state <> 'deleting'
         where c.tenant_id = @tenantId and c.id > @after
           and not exists (select 1 from chunk_vectors v where v.tenant_id = c.tenant_id and v.chunk_id = c.id and v.set_id = @setId)
         order by c.id limit @take
        """;

    // A passage that is being removed is waited for and then left out; the same batch again changes nothing.
    internal const string StoreSql = """
        insert into chunk_vectors (tenant_id, chunk_id, set_id, version, number, vector)
        select @tenantId, c.id, @setId, c.version, @number, n.vector
          from unnest(@ids::uuid[], @versions::int[], @vectors::bytea[]) as n (id, version, vector)
          join chunks c on c.tenant_id = @tenantId and c.id = n.id and c.version = n.version
         order by c.id for key share of c
        on conflict do nothing
        """;

    internal static Task<IReadOnlyList<EmbeddingSet>> AllAsync(TenantSession session) => session.QueryAsync<EmbeddingSet>(SetsSql, new { tenantId = session.TenantId });

    /// <summary>Lets the job run, unless one waits already. Call it in the transaction of what makes it necessary.</summary>
    internal async Task EnqueueAsync(TenantSession session)
    {
        var kind = EmbedJob.JobKind;
        if (!await session.QuerySingleAsync<bool>(KnowledgeWork.WaitingSql, new { tenantId = session.TenantId, aggregate = kind.Name, soon = time.GetUtcNow() }))
        {
            await jobs.EnqueueAsync(session, kind, new { }, kind.Name);
        }
    }

    /// <summary>Brings the sets into line with what is chosen and returns the one to work on; null: nothing is chosen, and what was made has gone.</summary>
    internal Task<EmbeddingSet?> ReconcileAsync(Guid tenantId, ModelSeat? chosen, CancellationToken ct) => db.InTransactionAsync(tenantId, async session =>
    {
        var sets = await AllAsync(session);
        var mine = chosen is null ? null : sets.FirstOrDefault(set => set.IsOf(chosen));
        var superfluous = Superfluous(sets, chosen).Select(set => set.Id).ToArray();
        if (superfluous.Length > 0 || (chosen is not null && mine is null))
        {
            await NextNumberAsync(session);
            await session.ExecuteAsync(RemoveSql, new { tenantId, ids = superfluous });
        }
        if (chosen is null)
        {
            await session.ExecuteAsync(GoOnSql, new { tenantId });
            return null;
        }
        if (mine is not null)
        {
            await session.ExecuteAsync(AccountSql, new { tenantId, id = mine.Id, accountId = chosen.Account.Id });
            return mine;
        }
        var id = Ids.New(time);
        await session.ExecuteAsync(AddSql, new
        {
            tenantId, id, accountId = chosen.Account.Id, provider = chosen.Account.Provider, model = chosen.Info.Model, dimensions = chosen.Info.Capabilities.Dimensions!.Value, info = JsonSerializer.Serialize(chosen.Info),
            state = sets.Any(set => set.Serves) ? "building" : "serving", now = time.GetUtcNow(),
        });
        return (await AllAsync(session)).FirstOrDefault(set => set.Id == id);
    }, ct);

    /// <summary>What nothing needs any more. The set that serves stays until the chosen one is complete. Pure.</summary>
    internal static IEnumerable<EmbeddingSet> Superfluous(IReadOnlyList<EmbeddingSet> sets, ModelSeat? chosen) =>
        chosen is null ? sets
        : sets.Any(set => set.Serves && set.IsOf(chosen)) ? sets.Where(set => !set.IsOf(chosen))
        : sets.Where(set => !set.Serves && !set.IsOf(chosen));

    internal Task<IReadOnlyList<PassageToEmbed>> NextAsync(Guid tenantId, Guid setId, Guid after, int take, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, session => session.QueryAsync<PassageToEmbed>(NextSql, new { tenantId, setId, after, take }), ct);

    /// <param name="tenantId">Whose.</param>
    /// <param name="setId">Into which set.</param>
    /// <param name="passages">Done.</param>
    /// <param name="vectors">One for each; null: the model does not take the passage.</param>
    /// <param name="ct">Ends the wait for the locks.</param>
    internal Task StoreAsync(Guid tenantId, Guid setId, IReadOnlyList<PassageToEmbed> passages, IReadOnlyList<byte[]?> vectors, CancellationToken ct) => db.InTransactionAsync(tenantId, async session =>
    {
        var number = await NextNumberAsync(session);
        await session.ExecuteAsync(GoOnSql, new { tenantId });
        await session.ExecuteAsync(StoreSql, new
        {
            tenantId, setId, number, ids = passages.Select(passage => passage.Id).ToArray(), versions = passages.Select(passage => passage.Version).ToArray(), vectors = vectors.ToArray(),
        });
    }, ct);

    /// <summary>Another run would only fail as the last one did.</summary>
    internal Task<bool> StoppedAsync(Guid tenantId, CancellationToken ct) => db.InTransactionAsync(tenantId, session => session.QuerySingleAsync<bool>(StoppedSql, new { tenantId }), ct);

    /// <summary>What stood in the way is gone: nothing counts as halted, nor any passage as refused.</summary>
    internal async Task BeginAgainAsync(TenantSession session)
    {
        await NextNumberAsync(session);
        await session.ExecuteAsync(GoOnSql, new { tenantId = session.TenantId });
        await session.ExecuteAsync(ForgetRefusedSql, new { tenantId = session.TenantId });
        await EnqueueAsync(session);
    }

    /// <summary>Nothing is left to do: from here on this set serves, and the others go. False: it holds no vector at all, and one that does goes on serving.</summary>
    internal Task<bool> CompleteAsync(Guid tenantId, EmbeddingSet set, CancellationToken ct) => db.InTransactionAsync(tenantId, async session =>
    {
        if (!set.Serves && await session.QuerySingleAsync<bool>(OnlyRefusedSql, new { tenantId, setId = set.Id }))
        {
            return false;
        }
        await session.ExecuteAsync(GoOnSql, new { tenantId });
        if (set is { Serves: true, CompletedAt: not null })
        {
            return true;
        }
        await NextNumberAsync(session);
        await session.ExecuteAsync(RemoveSql, new { tenantId, ids = (await AllAsync(session)).Where(other => other.Id != set.Id).Select(other => other.Id).ToArray() });
        await session.ExecuteAsync(CompleteSql, new { tenantId, id = set.Id, now = time.GetUtcNow() });
        return true;
    }, ct);

    /// <summary>Stops for now. The reason is shown; the schedule begins again when the time has come.</summary>
    /// <param name="tenantId">Whose.</param>
    /// <param name="reason">Stable.</param>
    /// <param name="version">Of the models' settings that were tried.</param>
    /// <param name="wait">How long, by earlier failures in a row; null: until other models are chosen, or somebody says so.</param>
    /// <param name="ct">Ends the wait for the lock.</param>
    internal Task HaltAsync(Guid tenantId, string reason, int version, Func<int, TimeSpan?> wait, CancellationToken ct) => db.InTransactionAsync(tenantId, async session =>
    {
        await session.ExecuteAsync(NextNumberSql, new { tenantId });
        var work = await session.QuerySingleAsync<WorkRow>(WorkSql, new { tenantId });
        // Others may have been chosen while the last ones failed.
        var pause = wait(work.Failures) ?? (work.ModelsVersion > version ? TimeSpan.Zero : null);
        await session.ExecuteAsync(HaltSql, new { tenantId, reason, retryAt = time.GetUtcNow() + pause });
    }, ct);

    /// <summary>The next number; indexes of every node look again after the commit.</summary>
    internal async Task<long> NextNumberAsync(TenantSession session)
    {
        var number = await session.QuerySingleAsync<long>(NextNumberSql, new { tenantId = session.TenantId });
        var topic = new FeedTopic(session.TenantId, KnowledgeChanges.Topic, session.TenantId);
        session.OnCommitted(() => hub.Publish(topic));
        return number;
    }

    private sealed record WorkRow
    {
        public int Failures { get; init; }
        public int ModelsVersion { get; init; }
    }
}
