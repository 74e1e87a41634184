namespace Parley.Knowledge;

/// <summary>What a node's operator decides about knowledge.</summary>
public sealed record KnowledgeOptions
{
    /// <summary>Memory that the indexes of all tenants together may take, in bytes; the least recently asked go first. At least one always stays.</summary>
    public long IndexBytes { get; init; } = 512L * 1024 * 1024;

    /// <summary>A question that comes within this time of the last look at the tenant's change number uses the index without looking again.</summary>
    public TimeSpan IndexFreshFor { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a question waits for an index that is behind before it is answered from the older one.</summary>
    public TimeSpan IndexPatience { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Bytes of one uploaded file.</summary>
    public long MaxFileBytes { get; init; } = Readers.DocumentReader.MaxBytes;

    /// <summary>Files of one import.</summary>
    public int MaxFiles { get; init; } = 100_000;

    /// <summary>From a change of documents to the comparison of all passages; changes in between are compared together.</summary>
    public TimeSpan ReviewDelay { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>From a change of documents to what listens for it.</summary>
    public TimeSpan ChangeDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Requests to one website at the same time, where its robots.txt asks for no delay.</summary>
    public int RequestsPerSite { get; init; } = 2;

    /// <summary>From the first byte sent to the last byte of a page read.</summary>
    public TimeSpan PageTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What the backoff of failed requests counts in; a second, except where tests have no time.</summary>
    public TimeSpan RetryUnit { get; init; } = TimeSpan.FromSeconds(1);
}
