using Dapper;
using Npgsql;
using Parley.Platform;
using Parley.Platform.Cli;
using Parley.Platform.Data;
using Parley.Platform.Objects;
using Parley.Platform.Outbound;

namespace Parley.Host.Instance;

/// <summary>
/// All nodes of an installation must see the same files. A mark in the object store carries the id that the database knows: a node whose
/// store does not carry it would lose what it stores for the others, and does not start.
/// </summary>
internal static class SharedObjects
{
    private const string Mark = ".parley-objects";
    private const string ClaimSql = "update installation set objects_id = coalesce(objects_id, @id) returning objects_id";
    private const string KnownSql = "select objects_id from installation";
    private const string NodesSql = "select id from nodes where seen_at > now() - interval '30 seconds' order by id";

    /// <exception cref="CommandException">It is another store than the installation's, or it cannot be used.</exception>
    internal static async Task EnsureAsync(DatabaseOptions database, string objects, CancellationToken ct)
    {
        using var http = Http(objects);
        using var store = ObjectLocation.Parse(objects).Open(http, TimeProvider.System);
        await store.ProbeAsync(ct);
        await using var connection = await OpenAsync(database, ct);

        // The mark first: a process that ends between the two leaves a mark that the next one claims.
        var found = await ReadMarkAsync(store, ct);
        var mark = found ?? Guid.CreateVersion7().ToString("N");
        if (found is null && await connection.ExecuteScalarAsync<string?>(new CommandDefinition(KnownSql, cancellationToken: ct)) is null)
            await store.PutAsync(_ => Mark, new MemoryStream(System.Text.Encoding.ASCII.GetBytes(mark)), "text/plain", long.MaxValue, ct);
        if (await connection.ExecuteScalarAsync<string>(new CommandDefinition(ClaimSql, new { id = mark }, cancellationToken: ct)) is var known && known == await ReadMarkAsync(store, ct)) return;

        var others = (await connection.QueryAsync<string>(new CommandDefinition(NodesSql, cancellationToken: ct))).AsList();
        throw new CommandException(
            $"The files of this installation are not in '{store.Location}'. Name the folder or the bucket that its other nodes use with --objects (or PARLEY_OBJECTS); every node uses the same one."
            + (others.Count == 0 ? "" : $" Running now: {string.Join(", ", others)}."));
    }

    /// <summary>What is wrong with the store, for <c>doctor</c>; null: nothing. Changes nothing.</summary>
    /// <param name="database">The installation's.</param>
    /// <param name="objects">The store.</param>
    /// <param name="ct">Ends it.</param>
    /// <param name="readsOnly">Whether it can be written does not matter: a store that is full can be backed up.</param>
    internal static async Task<string?> ProblemAsync(DatabaseOptions database, string objects, CancellationToken ct, bool readsOnly = false)
    {
        try
        {
            using var http = Http(objects);
            using var store = ObjectLocation.Parse(objects).Open(http, TimeProvider.System);
            await using var connection = await OpenAsync(database, ct);
            var known = await connection.ExecuteScalarAsync<string?>(new CommandDefinition(KnownSql, cancellationToken: ct));
            if (known is null) return null; // before the first start
            if (!readsOnly) await store.ProbeAsync(ct);
            return known == await ReadMarkAsync(store, ct) ? null : $"'{store.Location}' is not where this installation's files are";
        }
        catch (Exception e) when (e is ObjectStoreException or FormatException)
        {
            return e.Message;
        }
    }

    private static GuardedHttp Http(string objects) => new(PlatformOptions.FromEnvironment(objects), TimeProvider.System);

    private static async Task<NpgsqlConnection> OpenAsync(DatabaseOptions database, CancellationToken ct)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.OwnerConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(ct);
        return connection;
    }

    private static async Task<string?> ReadMarkAsync(IObjectBackend store, CancellationToken ct)
    {
        await using var stream = await store.OpenAsync(Mark, ct);
        if (stream is null) return null;
        using var text = new StreamReader(stream);
        return (await text.ReadToEndAsync(ct)).Trim();
    }
}
