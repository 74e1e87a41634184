using System.Globalization;
using Dapper;
using Npgsql;
using Parley.Platform.Cli;
using Parley.Platform.Data;
using Parley.Platform.Objects;
using Parley.Platform.Secrets;

namespace Parley.Host.Backup;

/// <summary>What a restore brought back.</summary>
internal sealed record RestoreResult(Guid Id, DateTimeOffset CreatedAt, int Tables, long Rows, long Objects, IReadOnlyList<string> MissingObjects, IReadOnlyList<string> Migrated);

/// <summary>
/// Puts a verified backup into an empty database: the schema as it was, all rows and files in one transaction that is committed when every
/// table has the count and the hash of the manifest, then what is new in the schema since. A process that ends in the middle leaves a database
/// that holds no rows and says that it is incomplete; the same command does it again.
/// </summary>
internal sealed class BackupRestore(BackupArchive archive, DatabaseOptions database, MasterKey key, IObjectBackend store, IProgress<string> progress)
{
    private const string IsEmptySql = "select not exists (select 1 from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p'))";
    private const int FirstTransaction = 3; // FirstNormalTransactionId of PostgreSQL
    private const string FinishSql = "update installation set restoring = null";

    /// <summary>Is this backup for this Parley and this key? Looks at nothing else, so it can be asked before anything is made.</summary>
    /// <exception cref="CommandException">Says why not.</exception>
    internal static void EnsureFits(BackupHeader header, MasterKey? key, IEnumerable<Migration> known)
    {
        if (key?.Id != header.MasterKeyId)
            throw new CommandException($"This backup belongs to the master key {header.MasterKeyId}" + (key is null ? ", and there is none here." : $", and this is the key {key.Id}.")
                + " Put the file master.key of the instance that was backed up into the data folder, or set PARLEY_MASTER_KEY.");
        var checksums = known.ToDictionary(m => m.Name, m => Convert.ToHexStringLower(m.Checksum), StringComparer.Ordinal);
        if (header.Migrations.FirstOrDefault(m => !checksums.ContainsKey(m.Name)) is { } later)
            throw new CommandException($"This backup was made by Parley {header.Parley}, which is later than this one ({later.Name} is not known here). Restore it with that version or a later one.");
        if (header.Migrations.FirstOrDefault(m => checksums[m.Name] != m.Checksum) is { } other)
            throw new CommandException($"This backup was made by another build of Parley: its {other.Name} differs from this one's. Restore it with the build that made it.");
    }

    internal async Task<RestoreResult> RunAsync(BackupHeader header, BackupManifest manifest, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.OwnerConnectionString) { Pooling = false, CommandTimeout = 0 }.ConnectionString);
        await connection.OpenAsync(ct);
        await EnsureEmptyAsync(connection, ct);
        await Migrator.BeginRestoreAsync(connection, key, header.Id, ct);

        progress.Report("Making the schema as it was");
        var then = header.Migrations.Select(m => m.Name).ToHashSet(StringComparer.Ordinal);
        await new Migrator(database, key, Modules.Migrations.Where(m => then.Contains(m.Name))) { Restoring = true }.MigrateAsync(ct);
        await LoadAsync(connection, manifest, ct);
        progress.Report("Bringing the schema up to date");
        var migrated = await new Migrator(database, key, Modules.Migrations).MigrateAsync(ct);
        return new RestoreResult(header.Id, header.CreatedAt, manifest.Tables.Count, manifest.Tables.Sum(t => t.Rows), manifest.Objects.Count, manifest.Objects.Missing, migrated);
    }

    private static async Task EnsureEmptyAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        if (!await connection.ExecuteScalarAsync<bool>(new CommandDefinition(IsEmptySql, cancellationToken: ct)) && await Migrator.RestoringAsync(connection, ct) is null)
            throw new CommandException("The database is not empty, and a restore never writes over what is there. Give it an empty database (another --data folder, or a new database in ConnectionStrings__Parley).");
    }

    private async Task LoadAsync(NpgsqlConnection connection, BackupManifest manifest, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ExecuteAsync(connection, TableCatalog.Settings + "; set constraints all deferred", ct);
        var shapes = (await TableCatalog.ReadAsync(connection, ct)).ToDictionary(t => t.Name, StringComparer.Ordinal);
        var tables = manifest.Tables.ToDictionary(t => t.Name, StringComparer.Ordinal);
        foreach (var table in manifest.Tables)
        {
            if (!shapes.TryGetValue(table.Name, out var shape)) throw new CommandException($"The backup has a table {table.Name} that its schema does not have.");
            await OpenAsync(connection, table, shape, ct);
        }

        var loading = new TableLoad(connection, progress);
        var files = 0L;
        await archive.EachAsync(async (name, content) =>
        {
            if (BackupArchive.TableOf(name) is { } table) await loading.AddAsync(tables[table], content, ct);
            else
            {
                await loading.EndAsync(ct);
                if (BackupArchive.ObjectOf(name) is var (tenant, hash))
                {
                    await store.PutAsync(_ => ObjectStore.KeyOf(tenant, hash), content, "application/octet-stream", long.MaxValue, ct);
                    if (++files % 100 == 0) progress.Report(string.Create(CultureInfo.InvariantCulture, $"{files}/{manifest.Objects.Count} files"));
                }
            }
            return true;
        }, ct);
        foreach (var sequence in manifest.Sequences)
            await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"select setval('{TableShape.Quote(sequence.Name)}', {sequence.Value}, {(sequence.IsCalled ? "true" : "false")})"), ct);

        progress.Report("Comparing every table with the backup");
        foreach (var table in manifest.Tables) await CompareAsync(connection, table, shapes[table.Name] with { Columns = [.. table.Columns] }, ct);
        await ExecuteAsync(connection, "set constraints all immediate", ct); // a table with checks to come cannot be altered
        foreach (var table in manifest.Tables) await CloseAsync(connection, shapes[table.Name], ct);
        await ExecuteAsync(connection, FinishSql, ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Lets the owner load it, within the transaction only; makes its months; and keeps what triggers computed when the rows were first written.</summary>
    private static async Task OpenAsync(NpgsqlConnection connection, BackupTable table, TableShape shape, CancellationToken ct)
    {
        // Older than every transaction to come: no reader that goes on from a place in the log takes what was restored for news.
        foreach (var column in shape.TransactionColumns)
            await ExecuteAsync(connection, $"alter table {TableShape.Quote(table.Name)} alter column {TableShape.Quote(column)} set default '{FirstTransaction}'::xid8", ct);
        foreach (var month in table.Months)
            await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"call ensure_partitions_at('{table.Name}', '{month:yyyy-MM-dd}'::date + interval '1 month', -1)"), ct);
        var name = TableShape.Quote(table.Name);
        await ExecuteAsync(connection, $"alter table {name} no force row level security; alter table {name} disable trigger user; delete from {name}", ct);
    }

    private static async Task CloseAsync(NpgsqlConnection connection, TableShape shape, CancellationToken ct)
    {
        var name = TableShape.Quote(shape.Name);
        foreach (var (column, value) in shape.TransactionColumns.Zip(shape.TransactionDefaults))
            await ExecuteAsync(connection, $"alter table {name} alter column {TableShape.Quote(column)} set default {value}", ct);
        await ExecuteAsync(connection, $"alter table {name} enable trigger user" + (shape.ByDefiner ? $"; alter table {name} force row level security" : ""), ct);
    }

    private static async Task CompareAsync(NpgsqlConnection connection, BackupTable table, TableShape shape, CancellationToken ct)
    {
        using var text = new CopyText();
        await CopyText.ReadAsync(connection, shape.CopyOut, BackupFormat.PartBytes, piece => { text.Add(piece.Span); return Task.CompletedTask; }, ct);
        if (text.Rows != table.Rows || text.Sha256() != table.Sha256)
            throw new CommandException($"After the restore the rows of {table.Name} are not those of the backup. Nothing was kept; please report this.");
    }

    private static Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct) => connection.ExecuteAsync(new CommandDefinition(sql, cancellationToken: ct));

    /// <summary>One COPY … FROM STDIN after another; the parts of a table follow each other.</summary>
    private sealed class TableLoad(NpgsqlConnection connection, IProgress<string> progress)
    {
        private BackupTable? _table;
        private StreamWriter? _copy;

        internal async Task AddAsync(BackupTable table, Stream content, CancellationToken ct)
        {
            if (_table?.Name != table.Name)
            {
                await EndAsync(ct);
                progress.Report(string.Create(CultureInfo.InvariantCulture, $"{table.Name}: {table.Rows} rows"));
                _table = table;
                _copy = (StreamWriter)await connection.BeginTextImportAsync($"copy {TableShape.Quote(table.Name)} ({string.Join(", ", table.Columns.Select(TableShape.Quote))}) from stdin", ct);
            }
            await content.CopyToAsync(_copy!.BaseStream, ct);
        }

        internal async Task EndAsync(CancellationToken ct)
        {
            if (_copy is not null) await _copy.DisposeAsync();
            (_table, _copy) = (null, null);
        }
    }
}
