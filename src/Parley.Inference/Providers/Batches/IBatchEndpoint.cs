namespace Parley.Inference.Providers.Batches;

/// <summary>A provider's calls for files of requests. Bare: what goes wrong is translated around it.</summary>
internal interface IBatchEndpoint
{
    /// <summary>Sends them all; returns the provider's name for the batch.</summary>
    /// <param name="key">Ours, told to the provider where it takes a note.</param>
    /// <param name="requests">Each with its custom id and the body of a call as it would be made alone.</param>
    /// <param name="ct">Ends the call.</param>
    Task<string> SubmitAsync(Guid key, IReadOnlyList<(Guid Id, string Body)> requests, CancellationToken ct);

    /// <summary>Looks for a batch that was sent and whose name nobody has.</summary>
    /// <param name="key">Ours.</param>
    /// <param name="items">Custom ids of its requests.</param>
    /// <param name="since">It was sent then, by our clock.</param>
    /// <param name="known">Names that belong to other batches.</param>
    /// <param name="ct">Ends the call.</param>
    Task<BatchSearch> FindAsync(Guid key, IReadOnlySet<Guid> items, DateTimeOffset since, IReadOnlySet<string> known, CancellationToken ct);

    /// <summary>How far it is.</summary>
    Task<BatchStanding> LookAsync(string id, CancellationToken ct);

    /// <summary>Results of one that has ended, in any order.</summary>
    IAsyncEnumerable<BatchLine> ResultsAsync(BatchStanding standing, CancellationToken ct);

    /// <summary>Calls it off; what is under way may still be answered.</summary>
    Task CancelAsync(string id, CancellationToken ct);

    /// <summary>Deletes what the provider keeps of it: questions and answers are personal data.</summary>
    Task ClearAsync(BatchStanding standing, CancellationToken ct);
}

/// <summary>What a search found.</summary>
/// <param name="Id">Null: it is not there.</param>
/// <param name="Unclear">Something that may be it cannot be looked into yet.</param>
internal sealed record BatchSearch(string? Id, bool Unclear = false);

/// <summary>How far a batch is.</summary>
/// <param name="Id">The provider's name for it.</param>
/// <param name="Ended">Whether its results are there.</param>
/// <param name="AllAnswered">Ended, and every request has a result: one without is lost. False: it was ended before, and one without a result was not processed.</param>
internal sealed record BatchStanding(string Id, bool Ended, bool AllAnswered)
{
    /// <summary>Where the results are.</summary>
    internal IReadOnlyList<string> Results { get; init; } = [];

    /// <summary>What else the provider keeps.</summary>
    internal IReadOnlyList<string> Kept { get; init; } = [];
}

/// <summary>How one request ended.</summary>
internal enum BatchLineKind
{
    /// <summary>With an answer.</summary>
    Answered,

    /// <summary>With an error; not billed.</summary>
    Errored,

    /// <summary>It was not processed in time, or was called off; not billed.</summary>
    Expired,

    /// <summary>The line cannot be read.</summary>
    Unreadable,
}

/// <summary>One line of results.</summary>
/// <param name="ItemId">Null: unreadable, or not one of ours.</param>
/// <param name="Kind">How it ended.</param>
/// <param name="Body">The answer, or the error, as a call made alone would get it.</param>
internal sealed record BatchLine(Guid? ItemId, BatchLineKind Kind, string Body = "")
{
    /// <summary>Of an error, as HTTP says it.</summary>
    internal int Status { get; init; }
}
