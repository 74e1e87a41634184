using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Parley.Platform.Cli;
using IPNetwork = System.Net.IPNetwork;

namespace Parley.Host.Web;

/// <summary>
/// <c>PARLEY_TRUSTED_PROXIES</c>: addresses and networks of the reverse proxies whose word about the caller's address, scheme and host
/// counts. From anybody else such headers are ignored: limits per address must not be evaded by claiming another one.
/// </summary>
internal static class TrustedProxies
{
    private const string Setting = "PARLEY_TRUSTED_PROXIES";

    internal static void UseTrustedProxies(this IApplicationBuilder app)
    {
        if (Parse(Environment.GetEnvironmentVariable(Setting)) is not { Count: > 0 } networks) return;
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            ForwardLimit = null, // every hop of the chain must be trusted itself
        };
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        foreach (var network in networks) options.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(options);
    }

    /// <summary>Separated by commas: <c>10.0.0.1, 10.1.0.0/16, ::1</c>.</summary>
    internal static List<IPNetwork> Parse(string? text)
    {
        var networks = new List<IPNetwork>();
        foreach (var word in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPAddress.TryParse(word, out var address)) networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else if (IPNetwork.TryParse(word, out var network)) networks.Add(network);
            else throw new CommandException($"{Setting} holds '{word}', which is neither an address nor a network such as 10.0.0.0/8.");
        }
        return networks;
    }
}
