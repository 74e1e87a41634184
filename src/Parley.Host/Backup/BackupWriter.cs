using System.Formats.Tar;
using System.IO.Compression;
using System.Data;
using System.Globalization;
using System.Text.Json;
using Dapper;
using Npgsql;
using Parley.Host.Cli;
using Parley.Platform.Cli;
using Parley.Platform.Data;
using Parley.Platform.Objects;

namespace Parley.Host.Backup;

/// <summary>What a backup was.</summary>
internal sealed record BackupResult(Guid Id, string File, long Bytes, int Tables, long Rows, long Objects, long ObjectBytes, IReadOnlyList<string> MissingObjects, string MasterKeyId);

/// <summary>
/// Copies one moment of the database, all tables in one REPEATABLE READ transaction, and then the files that this moment's rows name. Writers
/// are not held up; memory stays bounded. The file appears under its name when it is whole.
/// </summary>
internal sealed class BackupWriter(DatabaseOptions database, IObjectBackend store, TimeProvider time, IProgress<string> progress)
{
    internal const string MigrationsSql = "select name, checksum from schema_migrations order by name";
    private const string ObjectsSql = "select tenant_id as tenantid, hash, size from objects where (tenant_id, hash) > (@tenantId, @hash) order by tenant_id, hash limit 1000";
    private const string HasSchemaSql = "select to_regclass('tenants') is not null";
    private const string KeyIdSql = "select master_key_id from installation";
    private const string VersionSql = "select current_setting('server_version')";

    /// <summary>Is there something whole to copy?</summary>
    /// <exception cref="CommandException">Says why not.</exception>
    internal static async Task EnsureWholeAsync(DatabaseOptions database, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.OwnerConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(ct);
        if (await Migrator.RestoringAsync(connection, ct) is { } unfinished) throw new CommandException($"This database is incomplete: the restore of the backup {unfinished} was not finished. Run it again first.");
        if (!await connection.ExecuteScalarAsync<bool>(new CommandDefinition(HasSchemaSql, cancellationToken: ct))) throw new CommandException("The database is empty: there is nothing to back up.");
    }

    /// <exception cref="CommandException">The file exists or cannot be written, or a stored file is damaged.</exception>
    internal async Task<BackupResult> WriteAsync(string file, CancellationToken ct)
    {
        if (File.Exists(file)) throw new CommandException($"'{file}' exists already: choose another name. A backup is never written over another.");
        var draft = file + ".partial";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
            // Everything that customers wrote: not for other accounts of the machine.
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            BackupResult result;
            await using (var disk = new FileStream(draft, options))
            {
                await using (var zip = new GZipStream(disk, CompressionLevel.Fastest, leaveOpen: true))
                await using (var tar = new TarWriter(zip, TarEntryFormat.Pax, leaveOpen: true))
                    result = await WriteAsync(tar, ct);
                disk.Flush(flushToDisk: true);
                result = result with { File = file, Bytes = disk.Length };
            }
            File.Move(draft, file, overwrite: false);
            return result;
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException and not ObjectStoreException))
        {
            throw new CommandException($"'{file}' cannot be written: {e.Message}");
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private async Task<BackupResult> WriteAsync(TarWriter tar, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.OwnerConnectionString) { Pooling = false, CommandTimeout = 0 }.ConnectionString);
        await connection.OpenAsync(ct);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        await connection.ExecuteAsync(new CommandDefinition(TableCatalog.Settings, cancellationToken: ct));
        var tables = await TableCatalog.ReadAsync(connection, ct);
        var migrations = (await connection.QueryAsync<(string Name, byte[] Checksum)>(new CommandDefinition(MigrationsSql, cancellationToken: ct))).Select(m => new BackupMigration(m.Name, Convert.ToHexStringLower(m.Checksum))).ToList();
        // The database's own word: a backup needs no key, so the one at hand may be another.
        var keyId = (await connection.ExecuteScalarAsync<string>(new CommandDefinition(KeyIdSql, cancellationToken: ct)))!;
        var postgres = (await connection.ExecuteScalarAsync<string>(new CommandDefinition(VersionSql, cancellationToken: ct)))!;
        var header = new BackupHeader(BackupFormat.Version, Guid.CreateVersion7(), UpCommand.Version, postgres, keyId, time.GetUtcNow(), migrations);
        await AddAsync(tar, BackupFormat.HeaderName, JsonSerializer.SerializeToUtf8Bytes(header, BackupFormat.Json), ct);

        var written = new List<BackupTable>();
        foreach (var table in tables)
        {
            written.Add(await TableAsync(tar, connection, table, ct));
            progress.Report(string.Create(CultureInfo.InvariantCulture, $"{written.Count}/{tables.Count} {table.Name}: {written[^1].Rows} rows"));
        }
        var sequences = await TableCatalog.SequencesAsync(connection, ct);
        var objects = await ObjectsAsync(tar, connection, ct);
        await snapshot.RollbackAsync(ct);
        await AddAsync(tar, BackupFormat.ManifestName, JsonSerializer.SerializeToUtf8Bytes(new BackupManifest(header.Id, written, sequences, objects), BackupFormat.Json), ct);
        return new BackupResult(header.Id, "", 0, written.Count, written.Sum(t => t.Rows), objects.Count, objects.Bytes, objects.Missing, keyId);
    }

    private async Task<BackupTable> TableAsync(TarWriter tar, NpgsqlConnection connection, TableShape table, CancellationToken ct)
    {
        using var text = new CopyText();
        var part = 0;
        await AsDefinerAsync(connection, table.ByDefiner, async () => await CopyText.ReadAsync(connection, table.CopyOut, BackupFormat.PartBytes, async piece =>
        {
            text.Add(piece.Span);
            await AddAsync(tar, BackupFormat.PartName(table.Name, ++part), piece, ct);
        }, ct), ct);
        return new BackupTable(table.Name, table.Columns, [.. table.Partitions.Select(MonthOf)], text.Rows, text.Sha256());
    }

    private async Task<BackupObjects> ObjectsAsync(TarWriter tar, NpgsqlConnection connection, CancellationToken ct)
    {
        var (count, bytes, missing) = (0L, 0L, new List<string>());
        var (tenantId, hash) = (Guid.Empty, Array.Empty<byte>());
        while (true)
        {
            List<StoredRow> rows = [];
            await AsDefinerAsync(connection, true, async () => rows = (await connection.QueryAsync<StoredRow>(new CommandDefinition(ObjectsSql, new { tenantId, hash }, cancellationToken: ct))).AsList(), ct);
            if (rows.Count == 0) return new BackupObjects(count, bytes, missing);
            foreach (var row in rows)
            {
                await using var content = await store.OpenAsync(ObjectStore.KeyOf(row.TenantId, row.Hash), ct);
                if (content is null) missing.Add($"{row.TenantId:N}/{Convert.ToHexStringLower(row.Hash)}");
                else
                {
                    await AddObjectAsync(tar, row, content, ct);
                    (count, bytes) = (count + 1, bytes + row.Size);
                }
            }
            progress.Report(string.Create(CultureInfo.InvariantCulture, $"{count} files, {bytes >> 20} MB"));
            (tenantId, hash) = (rows[^1].TenantId, rows[^1].Hash);
        }
    }

    private static async Task AddObjectAsync(TarWriter tar, StoredRow row, Stream content, CancellationToken ct)
    {
        await using var measured = new MeasuredStream(content, row.Size);
        try
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, BackupFormat.ObjectName(row.TenantId, row.Hash)) { DataStream = measured }, ct);
        }
        catch (InvalidDataException e)
        {
            throw Damaged(row, e.Message);
        }
        if (!measured.Hash().AsSpan().SequenceEqual(row.Hash)) throw Damaged(row, "its content is not what was stored");
    }

    private static CommandException Damaged(StoredRow row, string how) =>
        new($"The stored file {row.TenantId:N}/{Convert.ToHexStringLower(row.Hash)} is damaged ({how}). Remove its document and import it again, or bring the file back from an earlier backup.");

    private static Task AddAsync(TarWriter tar, string name, ReadOnlyMemory<byte> content, CancellationToken ct) =>
        tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content.ToArray(), writable: false) }, ct);

    /// <summary>Row level security is forced on the owner too; the definer's policy lets every row through.</summary>
    private async Task AsDefinerAsync(NpgsqlConnection connection, bool definer, Func<Task> work, CancellationToken ct)
    {
        if (definer) await connection.ExecuteAsync(new CommandDefinition($"set local role {TableShape.Quote(database.DefinerRole)}", cancellationToken: ct));
        await work();
        if (definer) await connection.ExecuteAsync(new CommandDefinition("reset role", cancellationToken: ct));
    }

    /// <summary><c>events_202611</c> → its month.</summary>
    private static DateOnly MonthOf(string partition) => DateOnly.ParseExact(partition.Trim('"')[^6..], "yyyyMM", CultureInfo.InvariantCulture);

    private sealed record StoredRow
    {
        public Guid TenantId { get; init; }
        public byte[] Hash { get; init; } = [];
        public long Size { get; init; }
    }
}
