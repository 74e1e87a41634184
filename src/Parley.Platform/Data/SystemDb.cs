using Dapper;
using Npgsql;

namespace Parley.Platform.Data;

/// <summary>
/// What must look before the tenant is known, or across tenants: calls of SECURITY DEFINER functions and nothing else.
/// Its role has no right on any table.
/// </summary>
public sealed class SystemDb(DataSources sources)
{
    /// <summary>Rows of a function: <c>select * from user_by_email(@email)</c>.</summary>
    public Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? args, CancellationToken ct) =>
        OnceMoreAsync(async connection => (IReadOnlyList<T>)(await connection.QueryAsync<T>(new CommandDefinition(sql, args, cancellationToken: ct))).AsList(), ct);

    /// <summary>The only row, or the default (null).</summary>
    public Task<T?> QuerySingleOrDefaultAsync<T>(string sql, object? args, CancellationToken ct) =>
        OnceMoreAsync(connection => connection.QuerySingleOrDefaultAsync<T>(new CommandDefinition(sql, args, cancellationToken: ct)), ct);

    /// <summary>Calls a function for its effect.</summary>
    public Task ExecuteAsync(string sql, object? args, CancellationToken ct) =>
        OnceMoreAsync(connection => connection.ExecuteAsync(new CommandDefinition(sql, args, cancellationToken: ct)), ct);

    private async Task<T> OnceMoreAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken ct)
    {
        for (var attempt = 0; ; attempt++)
        {
            await using var connection = await sources.System.OpenConnectionAsync(ct);
            try
            {
                return await work(connection);
            }
            catch (NpgsqlException e) when (attempt == 0 && TenantDb.IsBrokenConnection(e))
            {
                // A restarted server fails the next command of every pooled connection once.
            }
        }
    }
}
