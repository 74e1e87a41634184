namespace Parley.Platform.Postgres;

/// <summary>What the embedded server needs to know. Everything else is decided by <see cref="EmbeddedPostgres"/>.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>The instance's folder. The cluster lives in its subfolder <c>postgres</c>, its output in <c>postgres.log</c>.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The folder that holds <c>bin/postgres</c>; null: looked for by <see cref="PostgresBinaries.Find"/>.</summary>
    public string? Binaries { get; init; }

    /// <summary>False trades safety against power loss for speed: for tests only.</summary>
    public bool Durable { get; init; } = true;

    public int MaxConnections { get; init; } = 200;
}

/// <summary>The embedded server cannot run, for a reason that the operator can mend. The message is one line and names the mend.</summary>
public sealed class EmbeddedPostgresException(string message) : Exception(message);
