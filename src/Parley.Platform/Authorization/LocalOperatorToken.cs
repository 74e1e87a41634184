using System.Security.Cryptography;
using System.Text;

namespace Parley.Platform.Authorization;

/// <summary>
/// The token of <c>DATA/run.json</c>, new at each start: whoever can read that 0600 file operates the instance anyway.
/// It lets the command line call the running instance.
/// </summary>
public sealed record LocalOperatorToken(string Value)
{
    /// <summary>How such a token starts.</summary>
    public const string Prefix = "po_";

    /// <summary>The header that names the tenant to act in by its slug; without it the demo tenant.</summary>
    public const string TenantHeader = "X-Parley-Tenant";

    /// <summary>A fresh one of 256 random bits.</summary>
    public static LocalOperatorToken Create() => new(Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));

    /// <summary>Compares in constant time.</summary>
    public bool Matches(string presented) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(presented), Encoding.UTF8.GetBytes(Value));
}
