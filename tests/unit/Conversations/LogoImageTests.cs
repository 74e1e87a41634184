using Parley.Conversations.Brands;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Conversations;

public sealed class LogoImageTests
{
    private static readonly byte[] Png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, .. "IHDR"u8, 0, 0, 2, 0, 0, 0, 1, 0];

    // A comment and a table stand before the segment that holds the size.
    private static readonly byte[] Jpeg = [0xff, 0xd8, 0xff, 0xfe, 0, 4, 1, 2, 0xff, 0xff, 0xdb, 0, 3, 9, 0xff, 0xc2, 0, 11, 8, 1, 0x2c, 3, 0x20, 1, 1, 0x11, 0];

    [Fact]
    public void What_it_is_and_how_large_is_read_from_the_bytes()
    {
        LogoImage.Read(Png).ShouldBe(new LogoImage("image/png", 512, 256));
        LogoImage.Read(Jpeg).ShouldBe(new LogoImage("image/jpeg", 800, 300));
        LogoImage.Read(WebP("VP8X"u8, [0, 0, 0, 0, 0xff, 3, 0, 0x7f, 2, 0])).ShouldBe(new LogoImage("image/webp", 1024, 640));
        LogoImage.Read(WebP("VP8L"u8, [0x2f, 0xff, 0xc0, 0x3f, 0, 0, 0, 0, 0, 0])).ShouldBe(new LogoImage("image/webp", 256, 256));
        LogoImage.Read(WebP("VP8 "u8, [0, 0, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xc8, 0])).ShouldBe(new LogoImage("image/webp", 320, 200));
    }

    [Fact]
    public void What_was_cut_off_or_turned_is_no_picture_and_never_an_error()
    {
        foreach (var whole in new[] { Png, Jpeg, WebP("VP8X"u8, new byte[10]) })
        {
            for (var length = 0; length < whole.Length; length++)
            {
                Should.NotThrow(() => LogoImage.Problem(whole[..length]));
            }
            for (var at = 0; at < whole.Length; at++)
            {
                var turned = (byte[])whole.Clone();
                turned[at] ^= 0xff;
                Should.NotThrow(() => LogoImage.Problem(turned));
            }
        }
        LogoImage.Problem([]).ShouldNotBeNull();
        LogoImage.Problem("<svg xmlns='http://www.w3.org/2000/svg'/>"u8.ToArray()).ShouldNotBeNull();
        LogoImage.Problem(new byte[LogoImage.MaxBytes + 1]).ShouldNotBeNull();
        LogoImage.Problem(Png).ShouldBeNull();
    }

    private static byte[] WebP(ReadOnlySpan<byte> kind, byte[] rest) => [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBP"u8, .. kind, 0, 0, 0, 0, .. rest];
}
