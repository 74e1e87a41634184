using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Inference.Costs;

/// <summary>What was paid beside what would have been.</summary>
internal sealed record CostBaseline
{
    /// <summary><c>all_large</c>, <c>no_cache</c>, <c>no_batch</c> or <c>every_frame</c>.</summary>
    public required string Name { get; init; }

    /// <summary>How it is computed, in words.</summary>
    public required string Formula { get; init; }

    /// <summary>Null: it can be said. Otherwise why not; the numbers are null then, not zero.</summary>
    public string? Missing { get; init; }

    /// <summary>Calls that count.</summary>
    public long Calls { get; init; }

    /// <summary>What they cost.</summary>
    public decimal? Paid { get; init; }

    /// <summary>What they would have cost.</summary>
    public decimal? Baseline { get; init; }

    /// <summary>The difference; below zero where the baseline would have been cheaper.</summary>
    public decimal? Saved => Baseline - Paid;

    /// <summary>Of the baseline, 0 to 1.</summary>
    public double? SavedShare => Baseline is > 0 ? (double)((Baseline - Paid) / Baseline)! : null;

    /// <summary>Left out because their bill is not known.</summary>
    public long ExcludedUnsettled { get; init; }

    /// <summary>Left out because a price is missing: no model of the large tier was chosen for what they were for, or it has no price.</summary>
    public long ExcludedUnpriced { get; init; }

    /// <summary>Calls that the baseline does not concern, such as vectors.</summary>
    public long NotConcerned { get; init; }
}

/// <param name="From">The first day, UTC.</param>
/// <param name="To">The last day, itself included.</param>
/// <param name="Baselines">Each by itself: savings of several are not to be added.</param>
internal sealed record CostSavingsReport(DateOnly From, DateOnly To, IReadOnlyList<CostBaseline> Baselines);

/// <summary>Savings against named baselines, at the prices that each call had.</summary>
internal sealed class CostSavings(TenantDb db, TimeProvider time)
{
    internal const string SavingsSql = """
        select coalesce(sum(calls), 0)::bigint as calls,
               coalesce(sum(calls) filter (where tier <> ''), 0)::bigint as tiered_calls, coalesce(sum(unsettled_calls) filter (where tier <> ''), 0)::bigint as tiered_unsettled,
               coalesce(sum(large_calls) filter (where tier <> ''), 0)::bigint as large_calls, coalesce(sum(large_paid) filter (where tier <> ''), 0) as large_paid,
               coalesce(sum(large_cost) filter (where tier <> ''), 0) as large_cost,
               coalesce(sum(calls) filter (where service in ('llm', 'vision')), 0)::bigint as chat_calls,
               coalesce(sum(unsettled_calls) filter (where service in ('llm', 'vision')), 0)::bigint as chat_unsettled,
               coalesce(sum(uncached_calls) filter (where service in ('llm', 'vision')), 0)::bigint as uncached_calls,
               coalesce(sum(uncached_paid) filter (where service in ('llm', 'vision')), 0) as uncached_paid,
               coalesce(sum(uncached_cost) filter (where service in ('llm', 'vision')), 0) as uncached_cost
          from usage_days where tenant_id = @tenantId and day between @from and @to
           and (@service::text is null or service = @service) and (@provider::text is null or provider = @provider) and (@model::text is null or model = @model)
           and (@feature::text is null or feature = @feature) and (@assistant::uuid is null or assistant_id = @assistant) and (@tier::text is null or tier = @tier)
        """;

    /// <summary>From the calls themselves: few tenants have many of them.</summary>
    internal const string BatchSql = """
        select count(*)::bigint as batch_calls, (count(*) filter (where not settled))::bigint as batch_unsettled, (count(cost_unbatched) filter (where settled))::bigint as unbatched_calls,
               coalesce(sum(cost) filter (where settled and cost_unbatched is not null), 0) as unbatched_paid, coalesce(sum(cost_unbatched) filter (where settled), 0) as unbatched_cost
          from usage where tenant_id = @tenantId and at >= @at and at < @until and batch
           and (@service::text is null or service = @service) and (@provider::text is null or provider = @provider) and (@model::text is null or model = @model) and (@feature::text is null or feature = @feature)
           and (@assistant::uuid is null or coalesce(assistant_id, '00000000-0000-0000-0000-000000000000') = @assistant) and (@tier::text is null or coalesce(tier, '') = @tier)
        """;

    internal const string LargeFormula =
        "For each call of a tier whose bill is known: the same tokens at the prices of the dearest model that was chosen for the large tier at that moment, less what the call cost. Summed over the calls.";

    internal const string CacheFormula =
        "For each call of a language model whose bill is known: the same tokens with those read from and written into the prompt cache at the same model's plain input price, less what the call cost. Writing a cache costs more than not writing it, so this can be below zero.";

    internal const string BatchFormula =
        "For each call of the batch lane whose bill is known: the same tokens at the same model's prices outside of the lane, less what the call cost. Summed over the calls.";

    internal const string FramesFormula =
        "For each shared screen: every frame sent to a vision model, less what the frames that were sent have cost.";

    internal static void Map(RouteGroupBuilder group) =>
        group.MapGet("/savings", async ([AsParameters] CostQuery query, Caller caller, CostSavings handler, CancellationToken ct) => (await handler.ReadAsync(caller.TenantId, query, ct)).ToHttp())
            .WithName("GetCostSavings").RequirePermission(Permission.CostsRead);

    private async Task<Result<CostSavingsReport>> ReadAsync(Guid tenantId, CostQuery query, CancellationToken ct)
    {
        if (query.Conversation is not null)
        {
            return Error.Invalid("conversation", "Savings are known by day, not by conversation; leave it out.");
        }
        if (!CostFilter.Read(query, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)).TryGet(out var filter, out var error))
        {
            return error;
        }
        return await db.InTransactionAsync(tenantId, async s => new CostSavingsReport(filter.From, filter.To,
            Baselines(await s.QuerySingleAsync<SavingsRow>(SavingsSql, filter.Args(tenantId)), await s.QuerySingleAsync<BatchRow>(BatchSql, filter.Args(tenantId)))), ct);
    }

    internal static IReadOnlyList<CostBaseline> Baselines(SavingsRow of, BatchRow batch) =>
    [
        new()
        {
            Name = "all_large", Formula = LargeFormula, Calls = of.LargeCalls, ExcludedUnsettled = of.TieredUnsettled, ExcludedUnpriced = of.TieredCalls - of.TieredUnsettled - of.LargeCalls,
            NotConcerned = of.Calls - of.TieredCalls, Paid = of.LargeCalls > 0 ? of.LargePaid : null, Baseline = of.LargeCalls > 0 ? of.LargeCost : null,
            Missing = of.LargeCalls > 0 ? null : "No call of these days can be compared: it needs a known bill and a model of the large tier that has a price.",
        },
        new()
        {
            Name = "no_cache", Formula = CacheFormula, Calls = of.UncachedCalls, ExcludedUnsettled = of.ChatUnsettled, ExcludedUnpriced = of.ChatCalls - of.ChatUnsettled - of.UncachedCalls,
            NotConcerned = of.Calls - of.ChatCalls, Paid = of.UncachedCalls > 0 ? of.UncachedPaid : null, Baseline = of.UncachedCalls > 0 ? of.UncachedCost : null,
            Missing = of.UncachedCalls > 0 ? null : "No call of these days can be compared: it needs a known bill and a model that has a price.",
        },
        new()
        {
            Name = "no_batch", Formula = BatchFormula, Calls = batch.UnbatchedCalls, ExcludedUnsettled = batch.BatchUnsettled, ExcludedUnpriced = batch.BatchCalls - batch.BatchUnsettled - batch.UnbatchedCalls,
            NotConcerned = of.Calls - batch.BatchCalls, Paid = batch.UnbatchedCalls > 0 ? batch.UnbatchedPaid : null, Baseline = batch.UnbatchedCalls > 0 ? batch.UnbatchedCost : null,
            Missing = batch.UnbatchedCalls > 0 ? null : "No call of these days went by the batch lane.",
        },
        new() { Name = "every_frame", Formula = FramesFormula, Missing = "There are no shared screens yet, so that there is nothing to compare.", NotConcerned = of.Calls },
    ];

    internal sealed record BatchRow
    {
        public long BatchCalls { get; init; }

        public long BatchUnsettled { get; init; }

        public long UnbatchedCalls { get; init; }

        public decimal UnbatchedPaid { get; init; }

        public decimal UnbatchedCost { get; init; }
    }

    internal sealed record SavingsRow
    {
        public long Calls { get; init; }

        public long TieredCalls { get; init; }

        public long TieredUnsettled { get; init; }

        public long LargeCalls { get; init; }

        public decimal LargePaid { get; init; }

        public decimal LargeCost { get; init; }

        public long ChatCalls { get; init; }

        public long ChatUnsettled { get; init; }

        public long UncachedCalls { get; init; }

        public decimal UncachedPaid { get; init; }

        public decimal UncachedCost { get; init; }
    }
}
