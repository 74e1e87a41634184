using System.Security.Cryptography;
using Npgsql;

namespace Parley.Host.Backup;

/// <summary>A COPY's text counts and hashes itself as it passes: rows end in a line feed, and a line feed inside a value is written as <c>\n</c>.</summary>
internal sealed class CopyText : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    internal long Rows { get; private set; }

    internal void Add(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        Rows += bytes.Count((byte)'\n');
    }

    internal string Sha256() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();

    /// <summary>Passes all bytes of a COPY … TO STDOUT, in pieces of at most <paramref name="pieceBytes"/>.</summary>
    internal static async Task ReadAsync(NpgsqlConnection connection, string copy, int pieceBytes, Func<ReadOnlyMemory<byte>, Task> pass, CancellationToken ct)
    {
        // The text as the server sends it: decoding and encoding it again would only cost time.
        using var reader = await connection.BeginTextExportAsync(copy, ct);
        var bytes = ((StreamReader)reader).BaseStream;
        var buffer = new byte[pieceBytes];
        for (int filled = 0, read = 1; read > 0;)
        {
            read = await bytes.ReadAsync(buffer.AsMemory(filled), ct);
            filled += read;
            if (filled == buffer.Length || (read == 0 && filled > 0))
            {
                await pass(buffer.AsMemory(0, filled));
                filled = 0;
            }
        }
    }
}

/// <summary>A stream of known length that tells its hash at its end, and fails where it is shorter or longer: an archive's entry must be what it says.</summary>
internal sealed class MeasuredStream(Stream inner, long length) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _read;

    public override bool CanRead => true;

    // The archive's writer asks for the length only of what claims to be seekable; it reads from the start to the end.
    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _read;
        set
        {
            if (value != _read) throw new NotSupportedException();
        }
    }

    internal byte[] Hash() => _hash.GetHashAndReset();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Measured(await inner.ReadAsync(buffer, cancellationToken), buffer.Span, buffer.Length);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Measured(inner.Read(buffer, offset, count), buffer.AsSpan(offset), count);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _hash.Dispose();
        base.Dispose(disposing);
    }

    private int Measured(int read, ReadOnlySpan<byte> buffer, int asked)
    {
        _hash.AppendData(buffer[..read]);
        _read += read;
        return (read == 0 && asked > 0 && _read < length) || _read > length ? throw new InvalidDataException($"{length} bytes were announced and {_read} came.") : read;
    }
}
