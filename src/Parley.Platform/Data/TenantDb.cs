using Npgsql;

namespace Parley.Platform.Data;

/// <summary>
/// The only way to a tenant's rows: one transaction with <c>app.tenant_id</c> set, so that row level security lets through
/// that tenant's rows and no others. Never hold one open across a provider, tool or parser call.
/// </summary>
public sealed class TenantDb(DataSources sources)
{
    /// <summary>Runs <paramref name="work"/> in one READ COMMITTED transaction and commits it, unless it throws.</summary>
    /// <remarks>The delegate runs a second time when the server broke the pooled connection before its first statement; it must not have side effects outside the database (use <see cref="TenantSession.OnCommitted"/>).</remarks>
    public async Task<T> InTransactionAsync<T>(Guid tenantId, Func<TenantSession, Task<T>> work, CancellationToken ct)
    {
        for (var attempt = 0; ; attempt++)
        {
            var session = await OpenAsync(tenantId, ct);
            try
            {
                T result;
                await using (session)
                {
                    result = await work(session);
                    await session.CommitAsync(ct);
                }
                session.RunCommitted();
                return result;
            }
            catch (NpgsqlException e) when (attempt == 0 && !session.Started && IsBrokenConnection(e))
            {
                // A restarted server fails the next command of every pooled connection once.
            }
        }
    }

    /// <inheritdoc cref="InTransactionAsync{T}"/>
    public Task InTransactionAsync(Guid tenantId, Func<TenantSession, Task> work, CancellationToken ct) =>
        InTransactionAsync(tenantId, async session => { await work(session); return true; }, ct);

    private async Task<TenantSession> OpenAsync(Guid tenantId, CancellationToken ct)
    {
        if (tenantId == Guid.Empty)
        {
            throw new ArgumentException("A tenant is needed to reach tenant rows.", nameof(tenantId));
        }
        var connection = await sources.App.OpenConnectionAsync(ct);
        // Npgsql sends BEGIN together with the first statement, which carries the tenant: one round trip.
        var transaction = await connection.BeginTransactionAsync(ct);
        return new TenantSession(tenantId, connection, transaction, ct);
    }

    internal static bool IsBrokenConnection(NpgsqlException e) =>
        e is PostgresException p
            ? p.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
            : e.InnerException is IOException or System.Net.Sockets.SocketException;
}
