using Npgsql;
using Parley.Platform.Errors;

namespace Parley.Platform.Data;

/// <summary>What a caller is told where the database is the reason.</summary>
public static class DatabaseErrors
{
    private const int RetryAfterSeconds = 2;

    /// <summary>Null: the failure is a bug of ours.</summary>
    public static Error? Explain(Exception e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter } =>
            new Error("invalid", "The request contains a character that cannot be stored (U+0000). Remove it.", 400),
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected } => Unavailable(),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } =>
            new Error("database_full", "The disk of the database is full. Free or add space there, then try again; nothing that was confirmed is lost.", 507),
        NpgsqlException npgsql when TenantDb.IsBrokenConnection(npgsql) || npgsql.InnerException is TimeoutException => Unavailable(),
        _ => null,
    };

    private static Error Unavailable() =>
        new("database_unavailable", "The database does not answer at the moment. Nothing was lost; try again.", 503) { RetryAfterSeconds = RetryAfterSeconds };
}
