using Parley.Platform.Data;
using Parley.Platform.Objects;

namespace Parley.Platform.Errors;

/// <summary>Failures whose cause lies outside Parley: a disk, a database, a store. They pass without any change of ours, and are no bug.</summary>
public static class Outages
{
    private const int RetryAfterSeconds = 5;

    /// <summary>What a caller is told; null: a bug of ours, or something that the caller sent.</summary>
    public static Error? Explain(Exception e) => e switch
    {
        ObjectStoreException { IsFull: true } =>
            new Error("objects_full", "The disk for files is full on the server. Free or add space there, then try again; nothing that was confirmed is lost.", 507),
        ObjectStoreException => new Error("objects_unavailable", "The store of the files does not answer at the moment. Nothing was lost; try again.", 503) { RetryAfterSeconds = RetryAfterSeconds },
        _ => DatabaseErrors.Explain(e) is { Status: 503 or 507 } outage ? outage : null,
    };
}
