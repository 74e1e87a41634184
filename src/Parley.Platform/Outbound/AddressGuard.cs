using System.Net;
using System.Net.Sockets;

namespace Parley.Platform.Outbound;

/// <summary>Which addresses an outbound call may reach. Pure: decides on an address that has been resolved, never on a name.</summary>
internal static class AddressGuard
{
    /// <summary>Where clouds give out credentials to whoever asks; refused even where the operator allows private hosts.</summary>
    private static readonly IPAddress[] Metadata =
    [
        IPAddress.Parse("169.254.169.254"), IPAddress.Parse("169.254.170.2"), IPAddress.Parse("169.254.170.23"), IPAddress.Parse("100.100.100.200"),
        IPAddress.Parse("168.63.129.16"), IPAddress.Parse("192.0.0.192"), IPAddress.Parse("fd00:ec2::254"), IPAddress.Parse("fd00:ec2::23"), IPAddress.Parse("fd20:ce::254"),
    ];

    /// <summary>Everything that is not the public internet (IANA's special-purpose registries).</summary>
    private static readonly IPNetwork[] Special4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24",
            "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    /// <summary>Inside 2000::/3: protocol assignments with Teredo, documentation, 6to4, whose embedded address could be anything.</summary>
    private static readonly IPNetwork[] Special6 = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20" }.Select(IPNetwork.Parse)];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>A public unicast address?</summary>
    internal static bool IsPublic(IPAddress address)
    {
        var real = Unwrap(address);
        return real.AddressFamily == AddressFamily.InterNetwork
            ? !Special4.Any(network => network.Contains(real))
            : real.AddressFamily == AddressFamily.InterNetworkV6 && Global6.Contains(real) && !Special6.Any(network => network.Contains(real));
    }

    /// <summary>A cloud's metadata service?</summary>
    internal static bool IsMetadata(IPAddress address)
    {
        var real = Unwrap(address);
        return Metadata.Contains(real) || (real.AddressFamily == AddressFamily.InterNetworkV6 && real.IsIPv6LinkLocal);
    }

    /// <summary>The IPv4 address that an IPv6 one stands for: mapped (::ffff:a.b.c.d), compatible (::a.b.c.d), translated (64:ff9b::a.b.c.d).</summary>
    private static IPAddress Unwrap(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }
        // A zone does not change what the address is.
        var bytes = address.GetAddressBytes();
        var plain = new IPAddress(bytes);
        if (plain.IsIPv4MappedToIPv6)
        {
            return plain.MapToIPv4();
        }
        var compatible = bytes.AsSpan(0, 12).IndexOfAnyExcept((byte)0) < 0 && !plain.Equals(IPAddress.IPv6Loopback) && !plain.Equals(IPAddress.IPv6Any);
        return compatible || Nat64.Contains(plain) ? new IPAddress(bytes.AsSpan(12)) : plain;
    }
}
