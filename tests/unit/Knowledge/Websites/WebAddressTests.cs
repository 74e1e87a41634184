using Parley.Knowledge.Websites;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge.Websites;

public sealed class WebAddressTests
{
    [Theory]
    [InlineData("HTTPS://Docs.Example.com:443/a/../b/./c?x=1#part", "https://docs.example.com/b/c?x=1")]
    [InlineData("http://example.com", "http://example.com/")]
    [InlineData("https://example.com/a?utm_source=x&id=7&gclid=1", "https://example.com/a?id=7")]
    [InlineData("https://example.com/a?utm_source=x", "https://example.com/a")]
    [InlineData(" https://example.com/ü ", "https://example.com/%C3%BC")]
    [InlineData("http://2130706433/", "http://127.0.0.1/")]
    [InlineData("http://0177.0.0.1/", "http://127.0.0.1/")]
    public void An_address_has_one_form(string given, string normal) => WebAddress.Normalize(given)!.AbsoluteUri.ShouldBe(normal);

    [Theory]
    [InlineData("ftp://example.com/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://user:pass@example.com/")]
    [InlineData("//example.com/a")]
    [InlineData("/a")]
    [InlineData("https://")]
    [InlineData("https://example.com/a\nb")]
    [InlineData("")]
    [InlineData(null)]
    public void What_cannot_be_fetched_is_none(string? given) => WebAddress.Normalize(given).ShouldBeNull();

    [Fact]
    public void Too_long_is_none() => WebAddress.Normalize("https://example.com/" + new string('a', 500)).ShouldBeNull();

    [Theory]
    [InlineData("https://example.com/docs/intro", "/docs/")]
    [InlineData("https://example.com/docs/", "/docs/")]
    [InlineData("https://example.com/docs", "/")]
    public void A_start_stands_in_a_folder(string start, string folder) => WebAddress.FolderOf(new Uri(start)).ShouldBe(folder);

    [Theory]
    [InlineData("https://example.com/a/b/a/b/a/b/a", true)]
    [InlineData("https://example.com/a/b/a/b/c", false)]
    public void A_path_that_repeats_itself_is_a_trap(string address, bool trap) => WebAddress.IsTrap(new Uri(address)).ShouldBe(trap);
}
