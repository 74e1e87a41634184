using Parley.Inference.Contracts;

namespace Parley.Inference.Budget;

/// <summary>Something that has a budget.</summary>
/// <param name="Kind">As stored.</param>
/// <param name="SubjectId">Whose; the tenant's own id where it is the tenant's.</param>
/// <param name="Period">The first day.</param>
internal sealed record BudgetScope(string Kind, Guid SubjectId, DateOnly Period)
{
    internal const string Month = "tenant_month";
    internal const string Day = "tenant_day";
    internal const string Conversation = "conversation";
    internal const string EndUser = "end_user";
    internal const string Anonymous = "anonymous";

    private static readonly DateOnly Always = new(1970, 1, 1);

    /// <summary>The scopes of a call in the one order in which they are locked, so that no two calls wait for each other.</summary>
    internal static IReadOnlyList<BudgetScope> Of(Spender who, DateTimeOffset at)
    {
        var day = DateOnly.FromDateTime(at.UtcDateTime);
        var scopes = new List<BudgetScope> { new(Month, who.TenantId, new DateOnly(day.Year, day.Month, 1)), new(Day, who.TenantId, day) };
        if (who.ConversationId is { } conversation)
        {
            scopes.Add(new BudgetScope(Conversation, conversation, Always));
        }
        if (who.Anonymous)
        {
            scopes.Add(new BudgetScope(Anonymous, who.TenantId, day));
        }
        else if (who.EndUserId is { } endUser)
        {
            scopes.Add(new BudgetScope(EndUser, endUser, day));
        }
        return scopes;
    }

    internal decimal? Limit(BudgetSettings settings) => Kind switch
    {
        Month => settings.Month,
        Day => settings.Day,
        Conversation => settings.Conversation,
        EndUser => settings.EndUser,
        _ => settings.Anonymous,
    };

    /// <summary>Never passed, whatever the answer would be worth.</summary>
    internal bool Hard(BudgetSettings settings) => settings.HardCap || Kind is Conversation or EndUser or Anonymous;

    /// <summary>Its owner wants to hear of it.</summary>
    internal bool HasAlerts => Kind is Month or Day or Anonymous;
}

/// <summary>A scope with what it has.</summary>
/// <param name="Scope">Which.</param>
/// <param name="Limit">Null: none.</param>
/// <param name="Hard">Whether the limit may not be passed.</param>
/// <param name="Used">Settled and held.</param>
internal sealed record ScopeState(BudgetScope Scope, decimal? Limit, bool Hard, decimal Used)
{
    internal bool Fits(decimal amount) => Limit is null || Used + amount <= Limit;
}
