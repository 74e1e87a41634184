using Parley.Host.Web;
using Parley.Platform.Cli;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Host;

public sealed class TrustedProxiesTests
{
    [Fact]
    public void Reads_addresses_and_networks_of_both_families() =>
        TrustedProxies.Parse("10.0.0.1, 10.1.0.0/16,::1, fd00::/8").Select(n => n.ToString()).ShouldBe(["10.0.0.1/32", "10.1.0.0/16", "::1/128", "fd00::/8"]);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" , ")]
    public void Trusts_nobody_without_a_setting(string? text) => TrustedProxies.Parse(text).ShouldBeEmpty();

    [Fact]
    public void Names_what_it_cannot_read() =>
        Should.Throw<CommandException>(() => TrustedProxies.Parse("10.0.0.1, proxy.example")).Message.ShouldContain("'proxy.example'");
}
