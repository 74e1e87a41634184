using System.Buffers.Binary;

namespace Parley.Knowledge.Parsing;

/// <summary>What a frame holds.</summary>
internal enum FrameKind : byte
{
    /// <summary>To the child: a <see cref="ParseJob"/>; a frame with the content follows.</summary>
    Job = 1,

    /// <summary>Bytes of a file.</summary>
    Content = 2,

    /// <summary>From the child: an <see cref="EntryHead"/>.</summary>
    Entry = 3,

    /// <summary>From the child: a <see cref="ParseReply"/>.</summary>
    Reply = 4,
}

/// <summary>Messages between Parley and the child that reads documents: kind, length, bytes.</summary>
internal static class Frames
{
    /// <summary>What a document may become: text, sections and chunks together. Beyond it nobody would read an answer from it.</summary>
    internal const int MaxBytes = 160 * 1024 * 1024;

    private const int HeadLength = 5;

    internal static async Task WriteAsync(Stream stream, FrameKind kind, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        var head = new byte[HeadLength];
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(1), content.Length);
        await stream.WriteAsync(head, ct);
        await stream.WriteAsync(content, ct);
    }

    /// <summary>Null where the stream ends between two frames.</summary>
    /// <exception cref="InvalidDataException">What came is no frame, or too long.</exception>
    /// <exception cref="EndOfStreamException">The stream ends inside a frame.</exception>
    internal static async Task<(FrameKind Kind, byte[] Content)?> ReadAsync(Stream stream, CancellationToken ct)
    {
        var head = new byte[HeadLength];
        if (await stream.ReadAtLeastAsync(head, HeadLength, throwOnEndOfStream: false, ct) is var read && read < HeadLength)
            return read == 0 ? null : throw new EndOfStreamException();
        var (kind, length) = ((FrameKind)head[0], BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(1)));
        if (!Enum.IsDefined(kind) || length is < 0 or > MaxBytes)
            throw new InvalidDataException("A frame that is none.");
        var content = new byte[length];
        await stream.ReadExactlyAsync(content, ct);
        return (kind, content);
    }
}
