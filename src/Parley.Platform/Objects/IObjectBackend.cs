namespace Parley.Platform.Objects;

/// <summary>One stored object as a listing shows it.</summary>
internal sealed record ObjectEntry(string Key, DateTimeOffset ModifiedAt);

/// <summary>
/// Where the bytes are: a folder or S3. Keys are ASCII with <c>/</c> as separator. A key appears whole or not at all, and writing it twice
/// does no harm. What fails for a reason outside Parley throws <see cref="ObjectStoreException"/>.
/// </summary>
internal interface IObjectBackend : IDisposable
{
    /// <summary>For people: the folder, or the address without credentials.</summary>
    string Location { get; }

    /// <summary>Are writes to it cheap enough to be tried by every health check, and does this node's own disk stand behind them?</summary>
    bool IsLocal { get; }

    /// <summary>Reads the content to its end and stores it under the key that its hash gives.</summary>
    Task<StoredObject> PutAsync(Func<byte[], string> keyOf, Stream content, string contentType, long maxBytes, CancellationToken ct);

    /// <summary>Null: there is no such object. The caller disposes the stream.</summary>
    Task<Stream?> OpenAsync(string key, CancellationToken ct);

    /// <summary>Removing what is not there is no error.</summary>
    Task RemoveAsync(string key, CancellationToken ct);

    /// <summary>Every key that begins with the prefix, in no order. Drafts that a killed process left count.</summary>
    IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, CancellationToken ct);

    /// <summary>Writes, reads and removes something. Throws with the reason where that fails.</summary>
    Task ProbeAsync(CancellationToken ct);
}

/// <summary>The object store cannot do it now, or refuses; the message says what to mend and holds nothing of the content.</summary>
/// <param name="message">For the operator.</param>
/// <param name="inner">The cause.</param>
public sealed class ObjectStoreException(string message, Exception? inner = null) : IOException(message, inner)
{
    private const int NoSpace = 28;             // ENOSPC
    private const int OverQuotaLinux = 122;     // EDQUOT
    private const int OverQuotaMac = 69;        // EDQUOT
    private const int NoSpaceWindows = unchecked((int)0x80070070);

    /// <summary>There is no room for it: trying again helps once somebody has made some.</summary>
    public bool IsFull => InnerException is { } cause && IsNoSpace(cause);

    internal static bool IsNoSpace(Exception e) =>
        e is IOException && (e.HResult is NoSpace or NoSpaceWindows || e.HResult == (OperatingSystem.IsMacOS() ? OverQuotaMac : OverQuotaLinux));
}
