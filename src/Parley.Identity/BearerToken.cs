using System.Security.Cryptography;
using System.Text;

namespace Parley.Identity;

/// <summary>Random bearer tokens: 43 characters of 62, 256 bits. Only their SHA-256 is ever stored, so a lookup by it reveals nothing by its timing.</summary>
public static class BearerToken
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int Length = 43;

    /// <summary>A new one; the prefix tells people and secret scanners what it is.</summary>
    public static string Create(string prefix) => prefix + RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>What is stored and looked up.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
