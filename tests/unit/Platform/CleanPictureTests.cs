using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Parley.Platform.Objects;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Platform;

public sealed class CleanPictureTests
{
    private static readonly PictureLimits Limits = new(256 * 1024, MinSide: 16, MaxSide: 1024);

    [Fact]
    public void A_png_is_taken_without_what_an_editor_has_written_into_it()
    {
        var (image, problem) = CleanPicture.Of(Png(32, 48, ("tEXt", "Comment\0taken at home"), ("eXIf", "latitude")), Limits);
        problem.ShouldBe("");
        (image!.MediaType, image.Width, image.Height).ShouldBe(("image/png", 32, 48));
        image.Content.ShouldBe(Png(32, 48));
    }

    [Fact]
    public void A_jpeg_is_taken_without_the_place_where_it_was_made()
    {
        var (image, problem) = CleanPicture.Of(Jpeg(64, 40, exif: true), Limits);
        problem.ShouldBe("");
        (image!.MediaType, image.Width, image.Height).ShouldBe(("image/jpeg", 64, 40));
        image.Content.ShouldBe(Jpeg(64, 40, exif: false));
    }

    [Fact]
    public void What_is_no_whole_picture_is_refused()
    {
        var png = Png(32, 32);
        var jpeg = Jpeg(32, 32, exif: false);
        byte[][] wrong =
        [
            "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"u8.ToArray(), "GIF89a"u8.ToArray(), "RIFF0000WEBP"u8.ToArray(), [0xFF, 0xD8], png[..8],
            png[..^4], [.. png, .. "<script>"u8], jpeg[..^2], [.. jpeg, .. "PK"u8], Png(32, 32, ("acTL", "12345678")), png[8..],
        ];
        foreach (var file in wrong)
        {
            CleanPicture.Of(file, Limits).Problem.ShouldContain("PNG or JPEG");
        }
    }

    [Fact]
    public void Its_size_is_bounded()
    {
        CleanPicture.Of([], Limits).Problem.ShouldContain("0 bytes");
        CleanPicture.Of(new byte[Limits.Bytes + 1], Limits).Problem.ShouldContain("smaller");
        CleanPicture.Of(Png(15, 32), Limits).Problem.ShouldContain("15 × 32");
        CleanPicture.Of(Png(32, 1025), Limits).Problem.ShouldContain("1025");
        CleanPicture.Of(Header(uint.MaxValue, 32), Limits).Image.ShouldBeNull();
    }

    [Fact]
    public void No_file_that_was_cut_or_changed_anywhere_breaks_it()
    {
        var random = new Random(7);
        foreach (var whole in new[] { Png(20, 20, ("tEXt", "x")), Jpeg(20, 20, exif: true) })
        {
            for (var i = 0; i < 3000; i++)
            {
                var file = whole[..random.Next(whole.Length + 1)];
                for (var n = random.Next(4); n > 0 && file.Length > 0; n--)
                {
                    file[random.Next(file.Length)] = (byte)random.Next(256);
                }
                var (image, problem) = CleanPicture.Of(file, Limits);
                (image is null).ShouldBe(problem.Length > 0);
                (image?.Content.Length ?? 0).ShouldBeLessThanOrEqualTo(file.Length);
            }
        }
    }

    /// <summary>A picture in one colour.</summary>
    internal static byte[] Png(int width, int height, params (string Name, string Text)[] more)
    {
        var pixels = new MemoryStream();
        using (var deflate = new ZLibStream(pixels, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(new byte[height * (1 + (3 * width))]);
        }
        return [.. Header((uint)width, (uint)height), .. more.SelectMany(m => Part(m.Name, Encoding.Latin1.GetBytes(m.Text))), .. Part("IDAT", pixels.ToArray()), .. Part("IEND", [])];
    }

    private static byte[] Header(uint width, uint height)
    {
        var size = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(size, width);
        BinaryPrimitives.WriteUInt32BigEndian(size.AsSpan(4), height);
        (size[8], size[9]) = (8, 2);
        return [0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', .. Part("IHDR", size)];
    }

    // The checksum is the decoder's business, and zero here.
    private static byte[] Part(string name, byte[] data)
    {
        var part = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(part, data.Length);
        Encoding.ASCII.GetBytes(name, part.AsSpan(4));
        data.CopyTo(part, 8);
        return part;
    }

    /// <summary>The marks of a JPEG, in order, around data that decodes to nothing in particular.</summary>
    private static byte[] Jpeg(int width, int height, bool exif)
    {
        byte[] frame = [8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 1, 1, 0x11, 0];
        return
        [
            0xFF, 0xD8, .. Segment(0xE0, [.. "JFIF"u8, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]), .. exif ? Segment(0xE1, [.. "Exif"u8, 0, 0, 1, 2, 3]) : [], .. exif ? Segment(0xFE, [.. "taken at home"u8]) : [],
            .. Segment(0xDB, new byte[65]), .. Segment(0xC0, frame), .. Segment(0xC4, new byte[20]), .. Segment(0xDA, [1, 1, 0, 0, 63, 0]), 0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56, 0xFF, 0xD9,
        ];
    }

    private static byte[] Segment(byte marker, byte[] data) => [0xFF, marker, (byte)((data.Length + 2) >> 8), (byte)(data.Length + 2), .. data];
}
