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
    internal const string PageSql = $"""
        select id, at, service, provider, model, feature, tier, account_id, assistant_id, conversation_id, turn_id, input_tokens, output_tokens, cached_tokens, cache_write_tokens,
               units, cost, settled, batch, latency_us / 1000.0::float8 as latency_ms, cost_large, cost_uncached
          from usage where tenant_id = @tenantId and at >= @at and at < @until
           and (@service::text is null or service = @service) and (@provider::text is null or provider = @provider) and (@model::text is null or model = @model)
           and (@feature::text is null or feature = @feature) and (@turn::uuid is null or turn_id = @turn) and (@settled::boolean is null or settled = @settled)
           and (@assistant::uuid is null or coalesce(assistant_id, '{CostFilter.NoneId}') = @assistant) and (@tier::text is null or coalesce(tier, '') = @tier)
           and (@conversation::uuid is null or coalesce(conversation_id, '{CostFilter.NoneId}') = @conversation)
           and (@afterAt::timestamptz is null or (at, id) < (@afterAt, @afterId::uuid))
         order by at desc, id desc limit @take
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
        var args = new Dapper.DynamicParameters(filter.Args(tenantId));
        args.AddDynamicParams(new { turn, settled, afterAt = part.After?.At, afterId = part.After?.Id, take = part.Limit + 1 });
        var rows = await db.InTransactionAsync(tenantId, s => s.QueryAsync<CostCall>(PageSql, args), ct);
        return PageCursor.PageOf(rows, part.Limit, call => new PageCursor(call.At, call.Id));
    }
}
