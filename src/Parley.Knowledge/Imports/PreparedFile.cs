using System.Buffers.Binary;
using System.Security.Cryptography;
using Parley.Knowledge.Chunking;
using Parley.Knowledge.Readers;
using Parley.Platform.Objects;

namespace Parley.Knowledge.Imports;

internal sealed record PendingFile
{
    public string Path { get; init; } = "";
    public byte[] ObjectHash { get; init; } = [];
    public long Size { get; init; }
    public int Attempts { get; init; }

    /// <summary>Of the document that has this path now; null where there is none.</summary>
    public byte[]? KnownHash { get; init; }
}

/// <summary>A file after reading, before writing: unchanged, unreadable, or a document in its sections.</summary>
internal sealed record PreparedFile(PendingFile File, byte[] ContentHash)
{
    internal bool IsUnchanged => Reason is null && Document is null;

    /// <summary>Why it cannot be read.</summary>
    internal string? Reason { get; init; }

    internal ReadDocument? Document { get; init; }

    internal IReadOnlyList<DocumentSection> Sections { get; init; } = [];

    internal int ChunkCount => Sections.Sum(s => s.Chunks.Count);

    /// <summary>
    /// What a document is made from: the file's bytes, the version of readers and chunker, the way of chunking. A document whose hash is
    /// the same is left alone, with its ids and its version.
    /// </summary>
    internal static byte[] HashOf(byte[] objectHash, ChunkingMode mode)
    {
        Span<byte> input = stackalloc byte[objectHash.Length + 8];
        objectHash.CopyTo(input);
        BinaryPrimitives.WriteInt32LittleEndian(input[^8..], DocumentReader.Version);
        BinaryPrimitives.WriteInt32LittleEndian(input[^4..], (int)mode);
        return SHA256.HashData(input);
    }

    /// <summary>Reads and cuts one file. No transaction is open meanwhile.</summary>
    internal static async Task<PreparedFile> PrepareAsync(ObjectStore objects, Guid tenantId, PendingFile file, ChunkingMode mode, CancellationToken ct)
    {
        var prepared = new PreparedFile(file, HashOf(file.ObjectHash, mode));
        if (file.KnownHash is { } known && known.AsSpan().SequenceEqual(prepared.ContentHash))
            return prepared;
        await using var stream = await objects.OpenAsync(tenantId, file.ObjectHash, ct);
        if (stream is null)
            return prepared with { Reason = "The uploaded file is no longer in the object store. Upload it again." };
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, ct);
        if (!DocumentReader.Read(bytes, file.Path).TryGet(out var document, out var error))
            return prepared with { Reason = error.Message };
        return prepared with { Document = document, Sections = Chunker.Cut(document, mode) };
    }
}
