using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Parley.Platform.Data;

namespace Parley.Platform.Configuration;

/// <summary>A configuration that somebody published.</summary>
/// <param name="Version">Stamped on what was done under it.</param>
/// <param name="Body">A record with defaults; what an older body lacks takes them.</param>
public sealed record Published<T>(int Version, T Body);

/// <summary>
/// Versioned configuration: a body never changes once saved; publishing moves a pointer. A kind belongs to the module whose record it is,
/// a subject is what it configures (an assistant, a widget, the tenant).
/// </summary>
public sealed class ConfigurationStore(TimeProvider time)
{
    internal const string PublishedSql = """
        select p.version, case when p.version = @known then null else c.body end as body
          from published_configurations p join configurations c using (tenant_id, kind, subject_id, version)
         where p.tenant_id = @tenantId and p.kind = @kind and p.subject_id = @subjectId
        """;

    internal const string VersionSql =
        "select body from configurations where tenant_id = @tenantId and kind = @kind and subject_id = @subjectId and version = @version";

    internal const string LockSql = "select pg_advisory_xact_lock(hashtextextended(@tenantId::text || @kind || @subjectId::text, 11))::text";

    internal const string SaveSql = """
        insert into configurations (tenant_id, kind, subject_id, version, body, note, created_by, created_at)
        select @tenantId, @kind, @subjectId, coalesce(max(version), 0) + 1, @body::jsonb, @note, @createdBy, @now
          from configurations where tenant_id = @tenantId and kind = @kind and subject_id = @subjectId
        returning version
        """;

    internal const string PublishSql = """
        insert into published_configurations (tenant_id, kind, subject_id, version, published_by, published_at)
        select tenant_id, kind, subject_id, version, @publishedBy, @now
          from configurations where tenant_id = @tenantId and kind = @kind and subject_id = @subjectId and version = @version
        on conflict (tenant_id, kind, subject_id) do update
           set version = excluded.version, published_by = excluded.published_by, published_at = excluded.published_at
        """;

    internal const string WithdrawSql = "delete from published_configurations where tenant_id = @tenantId and kind = @kind and subject_id = @subjectId";

    private const int MaxCached = 5_000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private readonly ConcurrentDictionary<(Guid Tenant, string Kind, Guid Subject, Type Type), object> _cache = new();

    /// <summary>What is in force; null where nothing was published yet. Costs one short query: only a body that is not cached is read.</summary>
    public async Task<Published<T>?> PublishedAsync<T>(TenantSession session, string kind, Guid subjectId)
        where T : class
    {
        var cached = Cached<T>(session.TenantId, kind, subjectId);
        return Remember(session.TenantId, kind, subjectId, cached, await session.QuerySingleOrDefaultAsync<Row>(PublishedSql, new { tenantId = session.TenantId, kind, subjectId, known = cached?.Version ?? 0 }));
    }

    /// <summary>What was in force when this node looked last; null: it never looked, or nothing was. For whoever lets the database say that it still is.</summary>
    public Published<T>? Known<T>(Guid tenantId, string kind, Guid subjectId)
        where T : class => Cached<T>(tenantId, kind, subjectId);

    private Published<T>? Cached<T>(Guid tenantId, string kind, Guid subjectId)
        where T : class => _cache.TryGetValue((tenantId, kind, subjectId, typeof(T)), out var found) ? (Published<T>)found : null;

    private Published<T>? Remember<T>(Guid tenantId, string kind, Guid subjectId, Published<T>? cached, Row? row)
        where T : class
    {
        if (row?.Body is null)
        {
            return row is null ? null : cached;
        }
        if (_cache.Count >= MaxCached)
        {
            _cache.Clear();
        }
        var published = new Published<T>(row.Version, Read<T>(row.Body));
        _cache[(tenantId, kind, subjectId, typeof(T))] = published;
        return published;
    }

    /// <summary>A certain version, published or not; null where there is none.</summary>
    public async Task<T?> VersionAsync<T>(TenantSession session, string kind, Guid subjectId, int version)
        where T : class
    {
        if (_cache.TryGetValue((session.TenantId, kind, subjectId, typeof(T)), out var found) && ((Published<T>)found).Version == version)
        {
            return ((Published<T>)found).Body;
        }
        var body = await session.QuerySingleOrDefaultAsync<string>(VersionSql, new { tenantId = session.TenantId, kind, subjectId, version });
        return body is null ? null : Read<T>(body);
    }

    /// <summary>Until the end of the transaction nobody else saves: for whoever compares with what is in force before saving.</summary>
    public static Task LockAsync(TenantSession session, string kind, Guid subjectId) => session.ExecuteAsync(LockSql, new { tenantId = session.TenantId, kind, subjectId });

    /// <summary>Adds a version and returns its number. It changes nothing until it is published.</summary>
    public async Task<int> SaveDraftAsync<T>(TenantSession session, string kind, Guid subjectId, T body, Guid? createdBy, string? note = null)
        where T : class
    {
        // Two savers at once get two numbers. A statement of its own: the next one must see what the lock waited for.
        await LockAsync(session, kind, subjectId);
        return await session.QuerySingleAsync<int>(SaveSql, new
        {
            tenantId = session.TenantId, kind, subjectId, body = JsonSerializer.Serialize(body, Json), note, createdBy, now = time.GetUtcNow(),
        });
    }

    /// <summary>Puts a version in force, on every node with the commit. False: there is no such version.</summary>
    public async Task<bool> PublishAsync(TenantSession session, string kind, Guid subjectId, int version, Guid? publishedBy) =>
        await session.ExecuteAsync(PublishSql, new { tenantId = session.TenantId, kind, subjectId, version, publishedBy, now = time.GetUtcNow() }) > 0;

    /// <summary>Nothing is in force any more but the defaults; the versions stay.</summary>
    public static Task WithdrawAsync(TenantSession session, string kind, Guid subjectId) => session.ExecuteAsync(WithdrawSql, new { tenantId = session.TenantId, kind, subjectId });

    /// <summary>Saves and publishes in one step.</summary>
    public async Task<int> SaveAndPublishAsync<T>(TenantSession session, string kind, Guid subjectId, T body, Guid? by, string? note = null)
        where T : class
    {
        var version = await SaveDraftAsync(session, kind, subjectId, body, by, note);
        await PublishAsync(session, kind, subjectId, version, by);
        return version;
    }

    private static T Read<T>(string body) => JsonSerializer.Deserialize<T>(body, Json) ?? throw new JsonException("A configuration's body is null.");

    private sealed record Row
    {
        public int Version { get; init; }

        public string? Body { get; init; }
    }
}
