namespace Parley.Inference.Budget;

/// <summary>A tenant's budget in dollars; null: no limit. Configuration of the kind <see cref="Kind"/>, its subject is the tenant.</summary>
internal sealed record BudgetSettings
{
    internal const string Kind = "budget";

    private const decimal Most = 1_000_000;
    private const int MostRequests = 1_000_000;
    private const int MostTokens = 1_000_000_000;

    /// <summary>A calendar month, UTC.</summary>
    public decimal? Month { get; init; } = 100;

    /// <summary>A day, UTC.</summary>
    public decimal? Day { get; init; } = 20;

    /// <summary>Month and day are never passed. Without it they only lead down to the smallest tier.</summary>
    public bool HardCap { get; init; }

    /// <summary>One conversation in all. Never passed.</summary>
    public decimal? Conversation { get; init; } = 1;

    /// <summary>One verified customer on a day. Never passed.</summary>
    public decimal? EndUser { get; init; } = 2;

    /// <summary>All visitors who are not verified, together, on a day. Never passed: it bounds what an attack by asking can cost.</summary>
    public decimal? Anonymous { get; init; } = 5;

    /// <summary>Paid calls of chat models in a minute, over all nodes; null: no limit. Past it the sources' own sentences answer.</summary>
    public int? RequestsPerMinute { get; init; } = 100;

    /// <summary>Tokens of such calls in a minute, prompts and answers; null: no limit.</summary>
    public int? TokensPerMinute { get; init; } = 50_000;

    /// <summary>A day is called unusual only where it cost at least so much more than days of its kind.</summary>
    public decimal Unusual { get; init; } = 1;

    /// <summary>By field, what is wrong and how to mend it; empty: nothing.</summary>
    internal IReadOnlyDictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>();
        foreach (var (field, value) in new[] { ("month", Month), ("day", Day), ("conversation", Conversation), ("endUser", EndUser), ("anonymous", Anonymous) })
        {
            if (value is < 0 or > Most)
            {
                problems[field] = [$"{field} must be between 0 and {Most:0} dollars; leave it empty for no limit."];
            }
        }
        if (Unusual is < 0 or > Most)
        {
            problems["unusual"] = [$"unusual must be between 0 and {Most:0} dollars."];
        }
        foreach (var (field, value) in new[] { ("day", Day), ("conversation", Conversation), ("endUser", EndUser), ("anonymous", Anonymous) })
        {
            if (value > Month && !problems.ContainsKey(field))
            {
                problems[field] = [$"{field} is above month ({Month:0.##} dollars) and could never be reached; lower it or raise month."];
            }
        }
        foreach (var (field, value, most) in new[] { ("requestsPerMinute", RequestsPerMinute, MostRequests), ("tokensPerMinute", TokensPerMinute, MostTokens) })
        {
            if (value is { } limit && (limit < 1 || limit > most))
            {
                problems[field] = [$"{field} must be between 1 and {most}; leave it empty for no limit."];
            }
        }
        return problems;
    }
}
