using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Parley.Knowledge.Chunking;
using Parley.Knowledge.Parsing;
using Parley.Knowledge.Readers;
using Parley.Platform.Objects;

namespace Parley.Knowledge.Imports;

internal sealed record PendingFile
{
    public string Path { get; init; } = "";
    public byte[] ObjectHash { get; init; } = [];
    public long Size { get; init; }
    public int Attempts { get; init; }

    /// <summary>Archives around it.</summary>
    public int Depth { get; init; }

    /// <summary>Of the document that has this path now; null where there is none.</summary>
    public byte[]? KnownHash { get; init; }

    /// <summary>Of what was read of it.</summary>
    public byte[]? KnownText { get; init; }
}

/// <summary>A file out of an archive: stored, or left out for a reason.</summary>
internal sealed record UnpackedFile(string Path, byte[]? Hash, long Size, string? Reason);

/// <summary>A file after reading, before writing: unchanged, unreadable, a document in its sections, or an archive with its files.</summary>
internal sealed record PreparedFile(PendingFile File, byte[] ContentHash)
{
    internal bool IsUnchanged => Reason is null && Document is null && Unpacked is null;

    /// <summary>Why it cannot be read.</summary>
    internal string? Reason { get; init; }

    internal ParsedDocument? Document { get; init; }

    /// <summary>Of what was read; null where nothing was.</summary>
    internal byte[]? TextHash { get; init; }

    /// <summary>Another file, but nothing else to be read in it: the document stays as it is, with its version.</summary>
    internal bool IsSameText => IsUnchanged && TextHash is not null;

    /// <summary>It is an archive, unpacked or not.</summary>
    internal bool IsArchive { get; init; }

    /// <summary>The files of an archive; null where it is none, or could not be unpacked.</summary>
    internal IReadOnlyList<UnpackedFile>? Unpacked { get; init; }

    internal IReadOnlyList<DocumentSection> Sections => Document?.Sections ?? [];

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
    internal static async Task<PreparedFile> PrepareAsync(ObjectStore objects, DocumentParser parser, Guid tenantId, PendingFile file, ChunkingMode mode, CancellationToken ct)
    {
        var prepared = new PreparedFile(file, HashOf(file.ObjectHash, mode));
        if (file.KnownHash is { } known && known.AsSpan().SequenceEqual(prepared.ContentHash))
            return prepared;
        await using var stream = await objects.OpenAsync(tenantId, file.ObjectHash, ct);
        if (stream is null)
            return prepared with { Reason = "The uploaded file is no longer in the object store. Upload it again." };
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, ct);
        var unpacked = new List<UnpackedFile>();
        var reply = await parser.ParseAsync(file.Path, bytes, mode, file.Depth, async (entry, content) => unpacked.Add(await StoreAsync(objects, tenantId, file.Path, entry, content, ct)), ct);
        if (reply.Document is { } document)
        {
            prepared = prepared with { TextHash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(document)) };
            if (file.KnownText is { } text && text.AsSpan().SequenceEqual(prepared.TextHash))
                return prepared;
        }
        return prepared with { Reason = reply.Reason, Document = reply.Document, IsArchive = reply.IsArchive, Unpacked = reply is { IsArchive: true, Reason: null } ? unpacked : null };
    }

    private static async Task<UnpackedFile> StoreAsync(ObjectStore objects, Guid tenantId, string archive, EntryHead entry, byte[]? content, CancellationToken ct)
    {
        var path = archive + "/" + entry.Path;
        if (path.Length > ImportPath.MaxLength)
            return new UnpackedFile(ImportPath.Shown(path), null, 0, $"The path is longer than {ImportPath.MaxLength} characters.");
        if (content is null)
            return new UnpackedFile(path, null, 0, entry.Reason);
        var stored = await objects.PutAsync(tenantId, new MemoryStream(content), UploadFiles.ContentType, ct);
        return new UnpackedFile(path, stored.Hash, stored.Size, null);
    }
}
