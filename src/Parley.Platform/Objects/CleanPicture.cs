using System.Buffers.Binary;
using System.Globalization;

namespace Parley.Platform.Objects;

/// <summary>A picture that may be shown to customers: a PNG or JPEG, known by its content, without anything that is no picture. Pure.</summary>
/// <param name="MediaType">image/png or image/jpeg.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Content">Without comments, places and whatever else a camera or an editor has written into the file.</param>
public sealed record CleanPicture(string MediaType, int Width, int Height, byte[] Content)
{
    private static readonly byte[] PngSignature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];
    private static readonly HashSet<string> PngParts = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "pHYs"];

    /// <summary>The picture, or what is wrong with the file and how to mend it.</summary>
    public static (CleanPicture? Image, string Problem) Of(ReadOnlySpan<byte> file, PictureLimits limits)
    {
        if (file.Length == 0 || file.Length > limits.Bytes)
        {
            return (null, string.Create(CultureInfo.InvariantCulture, $"The file has {file.Length:N0} bytes; a picture may have 1 to {limits.Bytes:N0}. Make it smaller."));
        }
        var image = file.StartsWith(PngSignature) ? Png(file) : file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]) ? Jpeg(file) : null;
        return image is null ? (null, "The file is no whole PNG or JPEG picture. Save it as one of these, not animated.")
            : !limits.Allow(image.Width) || !limits.Allow(image.Height) ? (null, $"The picture has {image.Width} × {image.Height} pixels; each side may have {limits.MinSide} to {limits.MaxSide}.")
            : (image, "");
    }

    private static CleanPicture? Png(ReadOnlySpan<byte> file)
    {
        var (width, height, data) = (0, 0, false);
        var kept = new MemoryStream(file.Length);
        kept.Write(PngSignature);
        for (var at = PngSignature.Length; at + 12 <= file.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            var name = System.Text.Encoding.ASCII.GetString(file.Slice(at + 4, 4));
            if (length > file.Length - at - 12 || (at == PngSignature.Length) != (name == "IHDR") || name == "acTL")
            {
                return null;
            }
            var part = file.Slice(at, (int)length + 12);
            if (name == "IHDR")
            {
                if (length != 13)
                {
                    return null;
                }
                (width, height) = (Side(BinaryPrimitives.ReadUInt32BigEndian(part[8..])), Side(BinaryPrimitives.ReadUInt32BigEndian(part[12..])));
            }
            data |= name == "IDAT" && length > 0;
            if (PngParts.Contains(name))
            {
                kept.Write(part);
            }
            at += part.Length;
            if (name == "IEND")
            {
                // What comes behind the end is read by no decoder of pictures, and so is none.
                return data && at == file.Length ? new CleanPicture("image/png", width, height, kept.ToArray()) : null;
            }
        }
        return null;
    }

    private static int Side(uint pixels) => (int)Math.Min(pixels, int.MaxValue);

    private static CleanPicture? Jpeg(ReadOnlySpan<byte> file)
    {
        var (width, height, scans) = (0, 0, 0);
        var kept = new MemoryStream(file.Length);
        kept.Write(file[..2]);
        for (var at = 2; at + 2 <= file.Length;)
        {
            var marker = file[at + 1];
            if (file[at] != 0xFF)
            {
                return null;
            }
            if (marker == 0xD9)
            {
                kept.Write(file.Slice(at, 2));
                return scans > 0 && width > 0 && at + 2 == file.Length ? new CleanPicture("image/jpeg", width, height, kept.ToArray()) : null;
            }
            if (marker == 0xFF)
            {
                at++; // padding
                continue;
            }
            if (marker is < 0xC0 or (>= 0xD0 and <= 0xD8) || at + 4 > file.Length)
            {
                return null;
            }
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (length < 2 || at + 2 + length > file.Length)
            {
                return null;
            }
            var part = file.Slice(at, length + 2);
            // Start of frame; C4, C8 and CC are other things.
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC) && length >= 8)
            {
                (height, width) = (BinaryPrimitives.ReadUInt16BigEndian(part[5..]), BinaryPrimitives.ReadUInt16BigEndian(part[7..]));
            }
            if (Shows(marker))
            {
                kept.Write(part);
            }
            at += part.Length;
            if (marker == 0xDA)
            {
                var end = at;
                // In the picture's data FF is followed by 00, or by the mark of a restart.
                while (end + 1 < file.Length && !(file[end] == 0xFF && file[end + 1] is not (0x00 or (>= 0xD0 and <= 0xD7))))
                {
                    end++;
                }
                kept.Write(file[at..end]);
                (at, scans) = (end, scans + 1);
            }
        }
        return null;
    }

    // APP0 (JFIF), APP2 (colours) and APP14 (how colours are stored) change what is seen; other APPn and comments do not.
    private static bool Shows(byte marker) => marker is 0xE0 or 0xE2 or 0xEE or not ((>= 0xE0 and <= 0xEF) or 0xFE);
}

/// <summary>How large a picture may be.</summary>
/// <param name="Bytes">At most.</param>
/// <param name="MinSide">Pixels, of each side.</param>
/// <param name="MaxSide">Pixels, of each side.</param>
public sealed record PictureLimits(int Bytes, int MinSide, int MaxSide)
{
    internal bool Allow(int side) => side >= MinSide && side <= MaxSide;
}
