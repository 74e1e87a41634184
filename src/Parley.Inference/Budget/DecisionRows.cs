using Parley.Inference.Contracts;
using Parley.Platform.Data;

namespace Parley.Inference.Budget;

/// <summary>Decisions of one call on their way into <c>model_decisions</c>.</summary>
/// <param name="CallId">Which call.</param>
/// <param name="At">When it began.</param>
/// <param name="Who">On whose account.</param>
/// <param name="From">The ordinal of the first.</param>
/// <param name="Decisions">At least one.</param>
internal sealed record DecisionRows(Guid CallId, DateTimeOffset At, Spender Who, int From, IReadOnlyList<ModelDecision> Decisions)
{
    internal const string InsertSql = """
        insert into model_decisions (tenant_id, id, ordinal, at, turn_id, conversation_id, feature, step, reason, tier, provider, model, account_id, confidence,
          input_tokens, output_tokens, cached_tokens, cache_write_tokens, cost, latency_us)
        select @tenantId, @dCall, @dFrom + n::int, @dAt, @dTurn, @dConversation, @dFeature, step, reason, tier, provider, model, account_id, confidence, input, output, cached, written, cost, latency
          from unnest(@dSteps::text[], @dReasons::text[], @dTiers::text[], @dProviders::text[], @dModels::text[], @dAccounts::uuid[], @dConfidences::float8[],
            @dInputs::bigint[], @dOutputs::bigint[], @dCached::bigint[], @dWritten::bigint[], @dCosts::numeric[], @dLatencies::bigint[])
          with ordinality as d (step, reason, tier, provider, model, account_id, confidence, input, output, cached, written, cost, latency, n)
        on conflict do nothing
        """;

    internal Task WriteAsync(TenantSession session) => session.ExecuteAsync(InsertSql, new Dapper.DynamicParameters(Args()));

    internal object Args() => new
    {
        tenantId = Who.TenantId, dCall = CallId, dFrom = From - 1, dAt = At, dTurn = Who.TurnId, dConversation = Who.ConversationId, dFeature = Who.Feature,
        dSteps = Each(d => d.Step), dReasons = Each(d => d.Reason), dTiers = Each(d => d.Tier?.ToString().ToLowerInvariant()), dProviders = Each(d => d.Provider), dModels = Each(d => d.Model),
        dAccounts = Each(d => d.AccountId), dConfidences = Each(d => d.Confidence), dInputs = Each(d => d.Usage?.InputTokens), dOutputs = Each(d => d.Usage?.OutputTokens),
        dCached = Each(d => d.Usage?.CachedReadTokens), dWritten = Each(d => d.Usage?.CacheWriteTokens), dCosts = Each(d => d.Cost), dLatencies = Each(d => (long?)d.Latency?.TotalMicroseconds),
    };

    private T[] Each<T>(Func<ModelDecision, T> of) => [.. Decisions.Select(of)];
}
