using Dapper;
using Npgsql;
using Parley.Platform.Cli;
using Parley.Platform.Data;

namespace Parley.Host.Instance;

/// <summary>
/// All nodes of an installation must see the same files. A mark in the objects folder carries the id that the database knows: a node whose
/// folder does not carry it would lose what it stores for the others, and does not start.
/// </summary>
internal static class SharedObjects
{
    private const string Mark = ".parley-objects";
    private const string ClaimSql = "update installation set objects_id = coalesce(objects_id, @id) returning objects_id";

    internal static async Task EnsureAsync(DatabaseOptions database, string folder, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        var mark = Path.Combine(folder, Mark);
        var found = File.Exists(mark) ? (await File.ReadAllTextAsync(mark, ct)).Trim() : null;
        var fresh = Guid.CreateVersion7().ToString("N");

        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.OwnerConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(ct);
        var known = await connection.ExecuteScalarAsync<string>(new CommandDefinition(ClaimSql, new { id = found ?? fresh }, cancellationToken: ct));
        if (known == found) return;
        if (found is null && known == fresh)
        {
            await File.WriteAllTextAsync(mark, fresh, ct);
            return;
        }
        throw new CommandException(
            $"The files of this installation are not in '{folder}'. Name the folder that its other nodes use with --objects DIR (or PARLEY_OBJECTS); every node mounts the same one.");
    }
}
