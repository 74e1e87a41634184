using Parley.Inference.Budget;
using Parley.Platform.Data;

namespace Parley.Inference.Costs;

/// <summary>How much of a scope's budget is used.</summary>
internal sealed record BudgetState
{
    /// <summary>tenant_month, tenant_day, anonymous, conversation or end_user.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Of a conversation or a customer: which.</summary>
    public Guid? SubjectId { get; init; }

    /// <summary>The first day of its month or its day, UTC; of a conversation null: it has one period only.</summary>
    public DateOnly? Period { get; init; }

    /// <summary>Booked.</summary>
    public decimal Settled { get; init; }

    /// <summary>Held for calls under way.</summary>
    public decimal Held { get; init; }

    /// <summary>Null: none.</summary>
    public decimal? Limit { get; init; }

    /// <summary>It is never passed; otherwise it only leads down to the smallest tier.</summary>
    public bool Hard { get; init; }

    /// <summary>Booked and held, of the limit; null: there is none.</summary>
    public double? Percent => Limit switch { null => null, 0 => 100, var limit => Math.Round((double)((Settled + Held) / limit * 100), 2) };

    internal const string StatesSql = """
        select w.kind, null::uuid as subject_id, w.period, coalesce(s.settled, 0) as settled, coalesce(s.held, 0) as held
          from (values ('tenant_month', @month::date), ('tenant_day', @day::date), ('anonymous', @day::date)) as w (kind, period)
          left join budget_scopes s on s.tenant_id = @tenantId and s.kind = w.kind and s.subject_id = @tenantId and s.period = w.period
        union all
        (select kind, subject_id, null, settled, held from budget_scopes
          where tenant_id = @tenantId and kind = 'conversation' and touched_on >= @since::date order by settled + held desc, subject_id limit @take)
        union all
        (select kind, subject_id, period, settled, held from budget_scopes
          where tenant_id = @tenantId and kind = 'end_user' and period = @day::date order by settled + held desc, subject_id limit @take)
        """;

    private const int Dearest = 10, ConversationDays = 30;

    /// <summary>The tenant's own, and the dearest conversations and customers.</summary>
    internal static async Task<IReadOnlyList<BudgetState>> OfAsync(TenantSession s, BudgetSettings settings, DateOnly today)
    {
        var rows = await s.QueryAsync<BudgetState>(StatesSql, new
        {
            tenantId = s.TenantId, month = new DateOnly(today.Year, today.Month, 1), day = today, since = today.AddDays(-ConversationDays), take = Dearest,
        });
        return [.. rows.Select(row => row with { Limit = Scope(row).Limit(settings), Hard = Scope(row).Hard(settings) })];

        BudgetScope Scope(BudgetState row) => new(row.Kind, row.SubjectId ?? s.TenantId, row.Period ?? today);
    }
}
