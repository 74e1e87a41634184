using System.Security.Cryptography;
using System.Text;
using Parley.Platform.Secrets;

namespace Parley.Identity;

/// <summary>
/// Codes that open once each when the authenticator is away. Fifty bits are too few for a plain hash that somebody carries off: they are
/// kept under an HMAC whose key comes from the master key.
/// </summary>
internal sealed class RecoveryCodes(MasterKey master)
{
    internal const int Count = 10;
    private const int Length = 10;

    // No 0/o, 1/l/i: they are written down and typed.
    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    private readonly byte[] _key = master.Derive("recovery-codes");

    internal static IReadOnlyList<string> Generate() => [.. Enumerable.Range(0, Count).Select(_ => RandomNumberGenerator.GetString(Alphabet, Length)).Select(code => $"{code[..5]}-{code[5..]}")];

    /// <summary>What was typed, without what people put in between; null: it can be none.</summary>
    internal static string? Read(string text)
    {
        var code = string.Concat(text.Where(c => c is not ('-' or ' '))).ToLowerInvariant();
        return code.Length == Length && code.All(Alphabet.Contains) ? code : null;
    }

    internal byte[] Hash(Guid userId, string code) => HMACSHA256.HashData(_key, (byte[])[.. userId.ToByteArray(), .. Encoding.ASCII.GetBytes(Read(code) ?? "")]);
}
