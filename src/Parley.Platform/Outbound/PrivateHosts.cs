using System.Globalization;

namespace Parley.Platform.Outbound;

/// <summary>The <c>host:port</c> entries of PARLEY_PRIVATE_HOSTS: what the operator of the instance, and nobody else, allows although it is private.</summary>
internal sealed class PrivateHosts
{
    private readonly HashSet<string> _entries;

    private PrivateHosts(HashSet<string> entries) => _entries = entries;

    internal bool Allows(string host, int port) => _entries.Contains(Key(host, port));

    /// <exception cref="FormatException">Names the entry that is wrong.</exception>
    internal static PrivateHosts Parse(string text)
    {
        var entries = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in text.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = entry.LastIndexOf(':');
            if (colon < 1 || !int.TryParse(entry[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535
                || Uri.CheckHostName(entry[..colon].Trim('[', ']')) == UriHostNameType.Unknown)
            {
                throw new FormatException($"PARLEY_PRIVATE_HOSTS: '{entry}' is not of the form host:port, for example models.internal:8000.");
            }
            entries.Add(Key(entry[..colon], port));
        }
        return new PrivateHosts(entries);
    }

    private static string Key(string host, int port) => $"{host.Trim('[', ']').TrimEnd('.').ToLowerInvariant()}:{port}";
}
