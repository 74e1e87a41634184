using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Parley.Platform.Secrets;

namespace Parley.Platform.Data;

/// <summary>Where the database is and which roles reach it.</summary>
/// <param name="OwnerConnectionString">Names the owner: CREATEROLE, no superuser. Only migrations, backup and doctor use it.</param>
/// <param name="RolePrefix">Prefix of the roles that <c>migrate</c> creates; another one lets two installations share a server.</param>
public sealed record DatabaseOptions(string OwnerConnectionString, string RolePrefix = "parley")
{
    /// <summary>Connections that one node opens at most for tenants' transactions; a quarter of it again for the system role.</summary>
    public int MaxPoolSize { get; init; } = 40;

    internal string AppRole => RolePrefix + "_app";

    internal string SystemRole => RolePrefix + "_system";

    internal string SchedulerRole => RolePrefix + "_scheduler";

    internal string DefinerRole => RolePrefix + "_definer";

    internal string OwnerRole => new NpgsqlConnectionStringBuilder(OwnerConnectionString).Username
        ?? throw new InvalidOperationException("ConnectionStrings__Parley names no Username.");

    internal string ConnectionStringOf(string role, MasterKey key, int maxPoolSize) =>
        new NpgsqlConnectionStringBuilder(OwnerConnectionString)
        {
            Username = role,
            Password = PasswordOf(role, key),
            MaxPoolSize = maxPoolSize,
            // Under row level security planning costs more than running: prepared, a message costs the database half.
            MaxAutoPrepare = 80,
            ApplicationName = "parley",
            // A transaction that waits for anything but the database is a bug: the server ends it.
            Options = "-c idle_in_transaction_session_timeout=5000",
        }.ConnectionString;

    /// <summary>Role passwords are derived from the master key (HMAC-SHA256), so every node knows them and none is stored.</summary>
    internal static string PasswordOf(string role, MasterKey key) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key.Derive("database-role"), Encoding.UTF8.GetBytes(role)));
}
