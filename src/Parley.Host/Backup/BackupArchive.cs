using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Parley.Platform.Cli;

namespace Parley.Host.Backup;

/// <summary>Reads a backup from its start to its end, as often as it is asked to; nothing is unpacked to the disk.</summary>
internal sealed class BackupArchive(string file)
{
    private const int BufferSize = 128 * 1024;

    /// <summary>The header alone: what a backup is, and for which master key.</summary>
    /// <exception cref="CommandException">It is no backup, or one of a later form.</exception>
    internal async Task<BackupHeader> HeaderAsync(CancellationToken ct)
    {
        BackupHeader? header = null;
        await EachAsync(async (name, content) =>
        {
            if (name == BackupFormat.HeaderName) header = await ReadAsync<BackupHeader>(content, ct);
            return false;
        }, ct);
        if (header is null) throw new CommandException($"'{file}' is no backup of Parley.");
        return header.Format <= BackupFormat.Version ? header
            : throw new CommandException($"'{file}' was made by Parley {header.Parley}, whose backups this version cannot read. Restore it with that version or a later one.");
    }

    /// <summary>Reads everything and compares it with the manifest: a file that is cut off or has changed is found out before anything is done with it.</summary>
    /// <exception cref="CommandException">Says what is wrong with the file.</exception>
    internal async Task<(BackupHeader Header, BackupManifest Manifest)> VerifyAsync(IProgress<string> progress, CancellationToken ct)
    {
        var header = await HeaderAsync(ct);
        var texts = new Dictionary<string, CopyText>(StringComparer.Ordinal);
        BackupManifest? manifest = null;
        var (objects, bytes) = (0L, 0L);
        try
        {
            await EachAsync(async (name, content) =>
            {
                if (manifest is not null) throw Damaged("something follows its end");
                if (name == BackupFormat.ManifestName) manifest = await ReadAsync<BackupManifest>(content, ct);
                else if (TableOf(name) is { } table)
                {
                    if (!texts.TryGetValue(table, out var text)) texts.Add(table, text = new CopyText());
                    await PassAsync(content, piece => { text.Add(piece.Span); return Task.CompletedTask; }, ct);
                }
                else if (ObjectOf(name) is var (_, hash))
                {
                    if (!(await SHA256.HashDataAsync(content, ct)).AsSpan().SequenceEqual(hash)) throw Damaged($"{name} has another content");
                    bytes += content.Length;
                    if (++objects % 1000 == 0) progress.Report(string.Create(CultureInfo.InvariantCulture, $"Checked {objects} files"));
                }
                return true;
            }, ct);
            if (manifest is null) throw Damaged("it ends too early; the copy was cut off, or the backup was never finished");
            if (manifest.Id != header.Id) throw Damaged("its end belongs to another backup");
            foreach (var table in manifest.Tables)
            {
                var found = texts.GetValueOrDefault(table.Name);
                if ((found?.Rows ?? 0) != table.Rows || (found?.Sha256() ?? Convert.ToHexStringLower(SHA256.HashData([]))) != table.Sha256) throw Damaged($"the rows of {table.Name} are not what was written");
            }
            if (objects != manifest.Objects.Count || bytes != manifest.Objects.Bytes) throw Damaged("files are missing");
            return (header, manifest);
        }
        finally
        {
            foreach (var text in texts.Values) text.Dispose();
        }
    }

    /// <summary>Gives each entry to <paramref name="use"/> in order, until it returns false.</summary>
    internal async Task EachAsync(Func<string, Stream, Task<bool>> use, CancellationToken ct)
    {
        try
        {
            await using var disk = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.Asynchronous | FileOptions.SequentialScan);
            await using var zip = new GZipStream(disk, CompressionMode.Decompress);
            await using var tar = new TarReader(zip);
            while (await tar.GetNextEntryAsync(copyData: false, ct) is { } entry)
            {
                // An empty entry carries no stream.
                if (!await use(entry.Name, entry.DataStream ?? Stream.Null)) return;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException($"There is no file '{file}'.");
        }
        catch (UnauthorizedAccessException)
        {
            throw new CommandException($"'{file}' cannot be read by this user.");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or JsonException)
        {
            throw Damaged("it is no archive of Parley or was changed: " + e.Message);
        }
    }

    /// <summary><c>tables/NAME/000001</c> → the table; null: something else.</summary>
    internal static string? TableOf(string name) => name.StartsWith(BackupFormat.Tables, StringComparison.Ordinal) && name.Split('/') is [_, var table, _] ? table : null;

    /// <summary><c>objects/TENANT/HASH</c>; null: something else.</summary>
    internal static (Guid Tenant, byte[] Hash)? ObjectOf(string name) =>
        name.StartsWith(BackupFormat.Objects, StringComparison.Ordinal) && name.Split('/') is [_, var tenant, { Length: 64 } hash] && Guid.TryParseExact(tenant, "N", out var id)
            ? (id, Convert.FromHexString(hash)) : null;

    internal static async Task PassAsync(Stream content, Func<ReadOnlyMemory<byte>, Task> pass, CancellationToken ct)
    {
        var buffer = new byte[BufferSize];
        for (int read; (read = await content.ReadAsync(buffer, ct)) > 0;) await pass(buffer.AsMemory(0, read));
    }

    private CommandException Damaged(string how) => new($"The backup '{file}' is damaged: {how}. Nothing was changed; take another copy of it.");

    private static async Task<T> ReadAsync<T>(Stream content, CancellationToken ct) => await JsonSerializer.DeserializeAsync<T>(content, BackupFormat.Json, ct) ?? throw new JsonException("null");
}
