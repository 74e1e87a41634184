using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Parley.Identity.Workspaces;

/// <summary>A file of an archive, as its manifest lists it.</summary>
/// <param name="Path">In the archive.</param>
/// <param name="Rows">Of a table; null: a file of the workspace.</param>
/// <param name="Bytes">Unpacked.</param>
/// <param name="Sha256">Of the unpacked bytes, in hexadecimal.</param>
internal sealed record ExportedFile(string Path, long? Rows, long Bytes, string Sha256);

/// <summary>Writes a ZIP part by part; nothing of a part is kept in memory but its hash. The manifest comes last.</summary>
internal sealed class ExportArchive(Stream output, DateTimeOffset now) : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly ZipArchive _zip = new(output, ZipArchiveMode.Create, leaveOpen: true);
    private readonly List<ExportedFile> _files = [];

    internal long Rows => _files.Sum(file => file.Rows ?? 0);

    internal long Files => _files.LongCount(file => file.Rows is null);

    /// <summary>One line for each row.</summary>
    internal Task AddLinesAsync(string path, IAsyncEnumerable<string> lines, CancellationToken ct) => AddAsync(path, async stream =>
    {
        var rows = 0L;
        await foreach (var line in lines.WithCancellation(ct))
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), ct);
            rows++;
        }
        return rows;
    });

    internal Task AddFileAsync(string path, Stream content, CancellationToken ct) => AddAsync(path, async stream =>
    {
        await content.CopyToAsync(stream, ct);
        return null;
    });

    /// <summary>What it is, and what is in it: readable without Parley.</summary>
    internal async Task FinishAsync(string workspace, CancellationToken ct)
    {
        await WriteAsync("README.txt", Encoding.UTF8.GetBytes(Readme(workspace)), ct);
        await WriteAsync("manifest.json", JsonSerializer.SerializeToUtf8Bytes(new { format = "parley-workspace-1", workspace, madeAt = now, files = _files }, Json), ct);
    }

    public async ValueTask DisposeAsync() => await _zip.DisposeAsync();

    private async Task AddAsync(string path, Func<Stream, Task<long?>> write)
    {
        await using var entry = await Entry(path).OpenAsync();
        await using var counted = new CountingStream(entry);
        var rows = await write(counted);
        _files.Add(new ExportedFile(path, rows, counted.Length, counted.Sha256()));
    }

    private async Task WriteAsync(string path, byte[] content, CancellationToken ct)
    {
        await using var entry = await Entry(path).OpenAsync(ct);
        await entry.WriteAsync(content, ct);
    }

    private ZipArchiveEntry Entry(string path)
    {
        var entry = _zip.CreateEntry(path, CompressionLevel.Fastest);
        entry.LastWriteTime = now;
        return entry;
    }

    private string Readme(string workspace)
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"""
            The workspace "{workspace}" of Parley, as it was on {now.UtcDateTime:yyyy-MM-dd HH:mm} UTC.

            data/*.jsonl    one table each: JSON Lines, UTF-8, one row per line. Ids are UUIDs; times are ISO 8601 with their offset;
                            bytes (hashes) are hexadecimal after \x. Each table was read in one moment of its own.
            files/          files by the SHA-256 of their content; data/objects.jsonl has their size and kind.
            manifest.json   every file with its rows, its size and its SHA-256.

            What is in data/:

            """));
        foreach (var table in ExportCatalogue.Tables)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {table.Name + ".jsonl",-34} {table.What}\n");
        }
        return text.Append("\nNot in it: secrets (keys, passwords, tokens), what is computed from the rest, and work under way.\n").ToString();
    }

    /// <summary>Counts and hashes what passes.</summary>
    private sealed class CountingStream(Stream inner) : Stream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _written;

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => _written;
        public override long Position { get => _written; set => throw new NotSupportedException(); }

        internal string Sha256() => Convert.ToHexStringLower(_hash.GetCurrentHash());

        public override void Write(byte[] buffer, int offset, int count)
        {
            inner.Write(buffer, offset, count);
            Count(buffer.AsSpan(offset, count));
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await inner.WriteAsync(buffer, cancellationToken);
            Count(buffer.Span);
        }

        public override void Flush() => inner.Flush();
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _hash.Dispose();
            }
            base.Dispose(disposing);
        }

        private void Count(ReadOnlySpan<byte> bytes)
        {
            _hash.AppendData(bytes);
            _written += bytes.Length;
        }
    }
}
