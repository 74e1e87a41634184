namespace Parley.Knowledge.Vectors;

/// <summary>How models took part in a search: for the trace. Names and numbers, no texts.</summary>
public sealed record RetrievalModels
{
    /// <summary>By what passages were to be found.</summary>
    public RetrievalMode Mode { get; init; }

    /// <summary>Of the settings; 0: as shipped.</summary>
    public int Version { get; init; }

    /// <summary>The question's vector; null: the mode asks for none, or there are no vectors.</summary>
    public ModelUse? Vector { get; init; }

    /// <summary>The reranker; null: none is chosen.</summary>
    public ModelUse? Rerank { get; init; }

    /// <summary>What was booked for both by the end of the search: not what came too late.</summary>
    public decimal Cost => (Vector?.Cost ?? 0) + (Rerank?.Cost ?? 0);
}

/// <summary>One use of a model.</summary>
/// <param name="Outcome">used or cached; otherwise why it took no part: timeout, off, no_account, budget_ and a scope, a fault, error.</param>
/// <param name="Model">As its provider names it.</param>
public sealed record ModelUse(string Outcome, string? Model)
{
    /// <summary>How long the search waited for it.</summary>
    public double Ms { get; init; }

    /// <summary>Dollars booked for all its tries, also where it took no part; null: nobody was asked, or was still at it.</summary>
    public decimal? Cost { get; init; }

    /// <summary>It took part.</summary>
    public bool TookPart => Outcome is "used" or "cached";
}
