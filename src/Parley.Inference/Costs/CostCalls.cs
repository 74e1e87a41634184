using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Inference.Costs;

/// <summary>One paid call.</summary>
internal sealed record CostCall
{
    public Guid Id { get; init; }

    /// <summary>When it began: the day in which it counts.</summary>
    public DateTimeOffset At { get; init; }

    public string Service { get; init; } = "";

    public string Provider { get; init; } = "";

    public string Model { get; init; } = "";

    public string Feature { get; init; } = "";

    public string? Tier { get; init; }

    public Guid? AccountId { get; init; }

    public Guid? AssistantId { get; init; }

    public Guid? ConversationId { get; init; }

    public Guid? TurnId { get; init; }

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public long CachedTokens { get; init; }

    public long CacheWriteTokens { get; init; }

    public decimal Units { get; init; }

    public decimal Cost { get; init; }

    /// <summary>False: the provider did not say what it bills, so that what was held for the call counts.</summary>
    public bool Settled { get; init; }

    /// <summary>It waited for its answer, at the lower price.</summary>
    public bool Batch { get; init; }

    public double? LatencyMs { get; init; }

    /// <summary>What the same tokens would have cost on the large tier; null: not known.</summary>
    public decimal? CostLarge { get; init; }

    /// <summary>What they would have cost without a prompt cache; null: not known.</summary>
    public decimal? CostUncached { get; init; }
}

/// <summary>The calls behind every number, the last first.</summary>
internal sealed class CostCalls(TenantDb db, TimeProvider time)
{
    private const string CallSelect = $"""
        select id, at, service, provider, model, feature, tier, account_id, assistant_id, conversation_id, turn_id, input_tokens, output_tokens, cached_tokens, cache_write_tokens,
               units, cost, settled, batch, latency_us / 1000.0::float8 as latency_ms, cost_large, cost_uncached
          from usage where tenant_id = @tenantId and at >= @at and at < @until
           and (@service::text is null or service = @service) and (@provider::text is null or provider = @provider) and (@model::text is null or model = @model)
           and (@feature::text is null or feature = @feature) and (@settled::boolean is null or settled = @settled)
           and (@assistant::uuid is null or coalesce(assistant_id, '{CostFilter.NoneId}') = @assistant) and (@tier::text is null or coalesce(tier, '') = @tier)
           and (@afterAt::timestamptz is null or (at, id) < (@afterAt, @afterId::uuid))
        """;

    private const string Ordered = " order by at desc, id desc limit @take";

    /// <summary>By time; what is rare is looked for in the days that have it.</summary>
    internal const string PageSql = CallSelect + " and (not @noConversation::boolean or conversation_id is null)" + Ordered;

    /// <summary>By the index of conversations.</summary>
    internal const string ConversationSql = CallSelect + " and conversation_id = @conversation and (@turn::uuid is null or turn_id = @turn)" + Ordered;

    /// <summary>By the index of turns.</summary>
    internal const string TurnSql = CallSelect + " and turn_id = @turn and (not @noConversation::boolean or conversation_id is null)" + Ordered;

    internal const string DaysSql = """
        select min(day) as first, max(day) as last from usage_days where tenant_id = @tenantId and day between @from and @to
           and (@service::text is null or service = @service) and (@provider::text is null or provider = @provider) and (@model::text is null or model = @model)
           and (@feature::text is null or feature = @feature) and (@assistant::uuid is null or assistant_id = @assistant) and (@tier::text is null or tier = @tier)
        """;

    internal static void Map(RouteGroupBuilder group) =>
        group.MapGet("/calls", async ([AsParameters] CostQuery query, Guid? turn, bool? settled, [AsParameters] PageQuery page, Caller caller, CostCalls handler, CancellationToken ct) =>
                (await handler.ListAsync(caller.TenantId, query, turn, settled, page, ct)).ToHttp())
            .WithName("ListCostCalls").RequirePermission(Permission.CostsRead);

    private async Task<Result<Page<CostCall>>> ListAsync(Guid tenantId, CostQuery query, Guid? turn, bool? settled, PageQuery page, CancellationToken ct)
    {
        if (!CostFilter.Read(query, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)).TryGet(out var filter, out var error) || !page.Read().TryGet(out var part, out error))
        {
            return error;
        }
        var rows = await db.InTransactionAsync(tenantId, async s =>
        {
            if (filter is { Narrows: true, OfConversation: false } && turn is null)
            {
                if (await s.QuerySingleAsync<Days>(DaysSql, filter.Args(tenantId)) is not { First: { } first, Last: { } last })
                {
                    return [];
                }
                filter = filter with { From = first, To = last };
            }
            var args = new Dapper.DynamicParameters(filter.Args(tenantId));
            args.AddDynamicParams(new { turn, settled, afterAt = part.After?.At, afterId = part.After?.Id, take = part.Limit + 1 });
            return await s.QueryAsync<CostCall>(filter.OfConversation ? ConversationSql : turn is null ? PageSql : TurnSql, args);
        }, ct);
        return PageCursor.PageOf(rows, part.Limit, call => new PageCursor(call.At, call.Id));
    }

    private sealed record Days
    {
        public DateOnly? First { get; init; }

        public DateOnly? Last { get; init; }
    }
}
