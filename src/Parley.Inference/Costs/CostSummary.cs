using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Inference.Catalogue;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Inference.Costs;

/// <summary>A part of the costs.</summary>
internal sealed record CostRow : CostSums
{
    /// <summary>What the calls have in common: a day, a name, an id. Null: they have none (no assistant, tier or conversation). It is the filter of the same name.</summary>
    public string? Key { get; init; }

    /// <summary>As people know it; null: the key says it.</summary>
    public string? Label { get; init; }

    /// <summary>Of a model: whose.</summary>
    public string? Provider { get; init; }

    /// <summary>Of a day that is split: the part's own key.</summary>
    public string? Part { get; init; }
}

/// <summary>What paid calls cost.</summary>
/// <param name="From">The first day, UTC.</param>
/// <param name="To">The last day, itself included.</param>
/// <param name="By">What the rows are.</param>
/// <param name="Rows">Days in order, everything else the dearest first.</param>
/// <param name="Rest">What the rows that are too many to be listed come to; rows and rest are the total.</param>
/// <param name="Total">Of all calls.</param>
/// <param name="Before">Of as many days before, under the same filters.</param>
internal sealed record CostReport(DateOnly From, DateOnly To, string By, IReadOnlyList<CostRow> Rows, CostSums Rest, CostSums Total, CostSums Before);

/// <summary>Costs by whatever somebody wants to know them by.</summary>
internal sealed class CostSummary(TenantDb db, ModelCatalogue catalogue, TimeProvider time)
{
    /// <summary>Rows that are listed each for itself. Days never come near it.</summary>
    internal const int MaxRows = 500;

    /// <summary>What a row of usage_days and one of usage have in common.</summary>
    private const string Where = """
         and (@service::text is null or service = @service) and (@provider::text is null or provider = @provider) and (@model::text is null or model = @model)
         and (@feature::text is null or feature = @feature)
        """;

    private const string DaysSelect = $"""
        select day, service, provider, model, feature, nullif(assistant_id, '{CostFilter.NoneId}') as assistant_id, nullif(tier, '') as tier, null::uuid as conversation_id,
               calls, unsettled_calls, input_tokens, output_tokens, cached_tokens, cache_write_tokens, units, cost, unsettled_cost
          from usage_days where tenant_id = @tenantId and day between @from and @to{Where}
         and (@assistant::uuid is null or assistant_id = @assistant) and (@tier::text is null or tier = @tier)
        """;

    private const string CallsSelect = $"""
        select (at at time zone 'UTC')::date as day, service, provider, model, feature, assistant_id, tier, conversation_id, 1 as calls, case when settled then 0 else 1 end as unsettled_calls,
               input_tokens, output_tokens, cached_tokens, cache_write_tokens, units, cost, case when settled then 0 else cost end as unsettled_cost
          from usage where tenant_id = @tenantId and at >= @at and at < @until{Where}
         and (@assistant::uuid is null or coalesce(assistant_id, '{CostFilter.NoneId}') = @assistant) and (@tier::text is null or coalesce(tier, '') = @tier)
        """;

    private const string Sums = """
        sum(calls)::bigint as calls, sum(unsettled_calls)::bigint as unsettled_calls, sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint as output_tokens,
        sum(cached_tokens)::bigint as cached_tokens, sum(cache_write_tokens)::bigint as cache_write_tokens, sum(units) as units, sum(cost) as cost, sum(unsettled_cost) as unsettled_cost
        """;

    private const string KeyOf = """
        when 'service' then service when 'provider' then provider when 'model' then model when 'feature' then feature when 'assistant' then assistant_id::text when 'tier' then tier
        when 'day' then day::text when 'conversation' then conversation_id::text end
        """;

    private const string GroupedBy = $"""
        , groups as (
          select case @by {KeyOf} as key, case when @by = 'model' then provider end as provider, case @split {KeyOf} as part, {Sums} from source group by 1, 2, 3),
        ranked as (select *, row_number() over (order by case when @by = 'day' then key end, cost desc, calls desc, key, provider, part) as n from groups)
        select case when n <= @take then key end as key, case when n <= @take then provider end as provider, case when n <= @take then part end as part, n > @take as is_rest, {Sums}
          from ranked group by 1, 2, 3, 4, case when n <= @take then n end order by min(n)
        """;

    internal const string DaysSql = $"with source as ({DaysSelect}){GroupedBy}";

    internal const string CallsSql = $"with source as ({CallsSelect} and (not @noConversation::boolean or conversation_id is null)){GroupedBy}";

    /// <summary>By the index of conversations, however many calls there are.</summary>
    internal const string ConversationSql = $"with source as ({CallsSelect} and conversation_id = @conversation){GroupedBy}";

    private static readonly string[] Kinds = ["service", "provider", "model", "feature", "assistant", "tier", "day", "conversation"];

    /// <summary>What a day can be split by; by conversation it would be its calls.</summary>
    private static readonly string[] Parts = ["service", "provider", "model", "feature", "assistant", "tier"];

    internal static void Map(RouteGroupBuilder group) =>
        group.MapGet("", async ([AsParameters] CostQuery query, string? by, string? split, Caller caller, CostSummary handler, CancellationToken ct) =>
                (await handler.ReadAsync(caller.TenantId, query, by, split, ct)).ToHttp())
            .WithName("GetCosts").RequirePermission(Permission.CostsRead);

    internal async Task<Result<CostReport>> ReadAsync(Guid tenantId, CostQuery query, string? by, string? split, CancellationToken ct)
    {
        by ??= "service";
        if (!Kinds.Contains(by))
        {
            return Error.Invalid("by", $"Give one of {string.Join(", ", Kinds)}.");
        }
        if (split is not null && (by != "day" || !Parts.Contains(split)))
        {
            return Error.Invalid("split", $"Only days are split (by=day), by one of {string.Join(", ", Parts)}.");
        }
        if (!CostFilter.Read(query, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)).TryGet(out var filter, out var error))
        {
            return error;
        }
        return await db.InTransactionAsync(tenantId, async s =>
        {
            var rows = await RowsAsync(s, filter, by, split);
            var before = await RowsAsync(s, filter.Before, "service", null);
            return new CostReport(filter.From, filter.To, by, [.. rows.Where(row => !row.IsRest).Select(Row)], CostSums.Of(rows.Where(row => row.IsRest)), CostSums.Of(rows), CostSums.Of(before));
        }, ct);

        CostRow Row(Grouped row) => new()
        {
            Key = row.Key, Part = row.Part, Provider = row.Provider, Label = row is { Key: { } model, Provider: { } provider } ? catalogue.Find(provider, model)?.Name : null,
            Calls = row.Calls, InputTokens = row.InputTokens, OutputTokens = row.OutputTokens, CachedTokens = row.CachedTokens, CacheWriteTokens = row.CacheWriteTokens,
            Units = row.Units, Cost = row.Cost, UnsettledCalls = row.UnsettledCalls, UnsettledCost = row.UnsettledCost,
        };
    }

    /// <summary>Days know no conversation: only then the calls themselves are read.</summary>
    private static Task<IReadOnlyList<Grouped>> RowsAsync(TenantSession s, CostFilter filter, string by, string? split)
    {
        var args = new Dapper.DynamicParameters(filter.Args(s.TenantId));
        args.AddDynamicParams(new { by, split, take = by == "day" ? int.MaxValue : MaxRows });
        return s.QueryAsync<Grouped>(filter.OfConversation ? ConversationSql : by == "conversation" || filter.Conversation is not null ? CallsSql : DaysSql, args);
    }

    private sealed record Grouped : CostSums
    {
        public string? Key { get; init; }

        public string? Provider { get; init; }

        public string? Part { get; init; }

        public bool IsRest { get; init; }
    }
}
