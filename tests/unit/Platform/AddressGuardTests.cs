using System.Net;
using Parley.Platform.Outbound;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Platform;

public sealed class AddressGuardTests
{
    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("1.1.1.1")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("192.169.0.1")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450:4001:81b::200e")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::8.8.8.8")]
    public void The_public_internet_may_be_called(string address) => AddressGuard.IsPublic(IPAddress.Parse(address)).ShouldBeTrue();

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("169.254.1.1")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("192.0.0.8")]
    [InlineData("192.0.2.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.1")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.250")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%2")]
    [InlineData("fec0::1")]
    [InlineData("fc00::1")]
    [InlineData("fdff::1")]
    [InlineData("ff02::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b:1::10.0.0.1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("3fff::1")]
    [InlineData("100::1")]
    [InlineData("4000::1")]
    public void What_is_not_public_may_not(string address) => AddressGuard.IsPublic(IPAddress.Parse(address)).ShouldBeFalse();

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("169.254.170.2")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::a9fe:a9fe")]
    public void Metadata_services_are_known(string address) => AddressGuard.IsMetadata(IPAddress.Parse(address)).ShouldBeTrue();

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("8.8.8.8")]
    [InlineData("::1")]
    public void Other_addresses_are_not_metadata(string address) => AddressGuard.IsMetadata(IPAddress.Parse(address)).ShouldBeFalse();

    [Theory]
    [InlineData("models.internal:8000", "MODELS.internal", 8000, true)]
    [InlineData("models.internal:8000", "models.internal.", 8000, true)]
    [InlineData("models.internal:8000", "models.internal", 8001, false)]
    [InlineData("models.internal:8000", "other.internal", 8000, false)]
    [InlineData("a:1, 10.0.0.7:9000 [fd00::1]:80", "10.0.0.7", 9000, true)]
    [InlineData("a:1, 10.0.0.7:9000 [fd00::1]:80", "fd00::1", 80, true)]
    [InlineData("", "localhost", 80, false)]
    public void The_operators_list_allows_exactly_a_host_and_a_port(string list, string host, int port, bool allowed) =>
        PrivateHosts.Parse(list).Allows(host, port).ShouldBe(allowed);

    [Theory]
    [InlineData("models.internal")]
    [InlineData("models.internal:")]
    [InlineData("models.internal:0")]
    [InlineData("models.internal:70000")]
    [InlineData(":80")]
    [InlineData("http://x:80")]
    public void An_entry_that_cannot_be_read_is_named(string list) =>
        Should.Throw<FormatException>(() => PrivateHosts.Parse(list)).Message.ShouldContain(list);
}
