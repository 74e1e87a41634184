using System.Buffers.Binary;
using System.Globalization;

namespace Parley.Conversations.Brands;

/// <summary>
/// Reads what kind of picture bytes are, and how large, from the bytes themselves. Only kinds that hold no scripts: SVG is refused. Pure.
/// </summary>
/// <param name="ContentType">As it is served.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
internal sealed record LogoImage(string ContentType, int Width, int Height)
{
    internal const int MaxBytes = 128 * 1024;
    internal const int MaxSide = 2048;
    private static readonly byte[] PngMark = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>What is wrong with it, in words; null: nothing.</summary>
    internal static string? Problem(byte[] bytes) => bytes.Length switch
    {
        0 => "Give a picture.",
        > MaxBytes => string.Create(CultureInfo.InvariantCulture, $"The picture may have {MaxBytes / 1024} kB at most."),
        _ => Read(bytes) switch
        {
            null => "Give a PNG, JPEG or WebP picture.",
            { Width: < 1 or > MaxSide } or { Height: < 1 or > MaxSide } => string.Create(CultureInfo.InvariantCulture, $"The picture may have {MaxSide} pixels on each side at most."),
            _ => null,
        },
    };

    /// <summary>Null: none of the kinds, or cut off before it says how large it is.</summary>
    internal static LogoImage? Read(ReadOnlySpan<byte> bytes) => Png(bytes) ?? WebP(bytes) ?? Jpeg(bytes);

    private static LogoImage? Png(ReadOnlySpan<byte> b) =>
        b.Length >= 24 && b[..8].SequenceEqual(PngMark) && b[12..16].SequenceEqual("IHDR"u8)
            ? new("image/png", BinaryPrimitives.ReadInt32BigEndian(b[16..]), BinaryPrimitives.ReadInt32BigEndian(b[20..]))
            : null;

    private static LogoImage? WebP(ReadOnlySpan<byte> b)
    {
        if (b.Length < 30 || !b[..4].SequenceEqual("RIFF"u8) || !b[8..12].SequenceEqual("WEBP"u8))
        {
            return null;
        }
        if (b[12..16].SequenceEqual("VP8X"u8))
        {
            return new("image/webp", 1 + (b[24] | (b[25] << 8) | (b[26] << 16)), 1 + (b[27] | (b[28] << 8) | (b[29] << 16)));
        }
        if (b[12..16].SequenceEqual("VP8L"u8) && b[20] == 0x2f)
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(b[21..]);
            return new("image/webp", 1 + (int)(bits & 0x3fff), 1 + (int)((bits >> 14) & 0x3fff));
        }
        return b[12..16].SequenceEqual("VP8 "u8)
            ? new("image/webp", BinaryPrimitives.ReadUInt16LittleEndian(b[26..]) & 0x3fff, BinaryPrimitives.ReadUInt16LittleEndian(b[28..]) & 0x3fff)
            : null;
    }

    /// <summary>Segment after segment up to the one that begins the picture, which holds its size.</summary>
    private static LogoImage? Jpeg(ReadOnlySpan<byte> b)
    {
        if (b.Length < 4 || b[0] != 0xff || b[1] != 0xd8)
        {
            return null;
        }
        for (var at = 2; at + 9 <= b.Length;)
        {
            if (b[at] != 0xff)
            {
                return null;
            }
            var marker = b[at + 1];
            if (marker is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc))
            {
                return new("image/jpeg", BinaryPrimitives.ReadUInt16BigEndian(b[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(b[(at + 5)..]));
            }
            at += marker is 0xff ? 1 : 2 + BinaryPrimitives.ReadUInt16BigEndian(b[(at + 2)..]);
        }
        return null;
    }
}
