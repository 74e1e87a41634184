using Parley.Platform.Data;

namespace Parley.Inference.Contracts;

/// <summary>A decision as it is stored.</summary>
public sealed record StoredDecision
{
    /// <summary>Of which call; <c>usage.call_id</c>.</summary>
    public Guid CallId { get; init; }

    /// <summary>Its place among the decisions of that call, from 0.</summary>
    public int Ordinal { get; init; }

    /// <summary>When the call began.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>One of <see cref="ModelFeature"/>.</summary>
    public string Feature { get; init; } = "";

    /// <inheritdoc cref="ModelDecision.Step"/>
    public string Step { get; init; } = "";

    /// <inheritdoc cref="ModelDecision.Reason"/>
    public string Reason { get; init; } = "";

    /// <summary>small, medium or large.</summary>
    public string? Tier { get; init; }

    /// <summary>The account's kind of provider.</summary>
    public string? Provider { get; init; }

    /// <summary>As the provider names it.</summary>
    public string? Model { get; init; }

    /// <summary>Which account.</summary>
    public Guid? AccountId { get; init; }

    /// <inheritdoc cref="ModelDecision.Confidence"/>
    public double? Confidence { get; init; }

    /// <summary>Tokens of the prompt at the full price.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens of the answer.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Tokens read from the prompt cache.</summary>
    public long? CachedTokens { get; init; }

    /// <summary>Tokens written into it.</summary>
    public long? CacheWriteTokens { get; init; }

    /// <summary>In dollars; null: not known.</summary>
    public decimal? Cost { get; init; }

    /// <summary>In millionths of a second.</summary>
    public long? LatencyUs { get; init; }
}

/// <summary>Reads how answers came about.</summary>
public static class ModelDecisions
{
    internal const string OfTurnSql = """
        select id as callid, ordinal, at, feature, step, reason, tier, provider, model, account_id as accountid, confidence, input_tokens as inputtokens, output_tokens as outputtokens,
               cached_tokens as cachedtokens, cache_write_tokens as cachewritetokens, cost, latency_us as latencyus
          from model_decisions where tenant_id = @tenantId and turn_id = @turnId order by at, id, ordinal
        """;

    internal const string OfCallSql = """
        select id as callid, ordinal, at, feature, step, reason, tier, provider, model, account_id as accountid, confidence, input_tokens as inputtokens, output_tokens as outputtokens,
               cached_tokens as cachedtokens, cache_write_tokens as cachewritetokens, cost, latency_us as latencyus
          from model_decisions where tenant_id = @tenantId and id = @callId order by ordinal
        """;

    /// <summary>All decisions of a turn's calls, oldest first.</summary>
    public static Task<IReadOnlyList<StoredDecision>> OfTurnAsync(TenantSession session, Guid turnId) => session.QueryAsync<StoredDecision>(OfTurnSql, new { tenantId = session.TenantId, turnId });

    /// <summary>All decisions of one call.</summary>
    public static Task<IReadOnlyList<StoredDecision>> OfCallAsync(TenantSession session, Guid callId) => session.QueryAsync<StoredDecision>(OfCallSql, new { tenantId = session.TenantId, callId });
}
