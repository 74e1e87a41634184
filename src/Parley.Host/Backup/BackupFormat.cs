using System.Text.Json;

namespace Parley.Host.Backup;

/// <summary>
/// A backup is one tar archive, compressed with gzip: <c>header.json</c>, then each table's rows as parts of one text of COPY
/// (<c>tables/NAME/000001</c>), then the files (<c>objects/TENANT/HASH</c>), and at the very end <c>manifest.json</c> with the counts and hashes of
/// all that came before. Without its end it is no backup.
/// </summary>
internal static class BackupFormat
{
    /// <summary>Grows when an older Parley could not read the archive any more.</summary>
    internal const int Version = 1;

    internal const string HeaderName = "header.json";
    internal const string ManifestName = "manifest.json";
    internal const string Tables = "tables/";
    internal const string Objects = "objects/";

    /// <summary>Bytes of one part of a table: what is held in memory at once.</summary>
    internal const int PartBytes = 4 << 20;

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    internal static string PartName(string table, int part) => $"{Tables}{table}/{part:D6}";

    internal static string ObjectName(Guid tenantId, byte[] hash) => $"{Objects}{tenantId:N}/{Convert.ToHexStringLower(hash)}";
}

/// <summary>What the archive is and for which instance; enough to refuse it before anything is done.</summary>
/// <param name="Format">See <see cref="BackupFormat.Version"/>.</param>
/// <param name="Id">Names this backup.</param>
/// <param name="Parley">The version that made it.</param>
/// <param name="MasterKeyId">Names the master key that its secrets need; the key itself is never in a backup.</param>
/// <param name="Migrations">The schema's files with their checksums.</param>
internal sealed record BackupHeader(int Format, Guid Id, string Parley, string Postgres, string MasterKeyId, DateTimeOffset CreatedAt, IReadOnlyList<BackupMigration> Migrations);

internal sealed record BackupMigration(string Name, string Checksum);

/// <summary>What the archive holds.</summary>
internal sealed record BackupManifest(Guid Id, IReadOnlyList<BackupTable> Tables, IReadOnlyList<BackupSequence> Sequences, BackupObjects Objects);

/// <param name="Name">Of the table.</param>
/// <param name="Columns">In the order of the rows.</param>
/// <param name="Months">First days of the months that a partitioned table has; empty: it is not partitioned.</param>
/// <param name="Rows">How many.</param>
/// <param name="Sha256">Of the whole text.</param>
internal sealed record BackupTable(string Name, IReadOnlyList<string> Columns, IReadOnlyList<DateOnly> Months, long Rows, string Sha256);

internal sealed record BackupSequence(string Name, long Value, bool IsCalled);

/// <param name="Missing">Files that a row names and the store no longer had: <c>TENANT/HASH</c>.</param>
internal sealed record BackupObjects(long Count, long Bytes, IReadOnlyList<string> Missing);
