using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Identity;

/// <summary>
/// Time-based one-time passwords as RFC 6238 has them, with what every authenticator app understands: HMAC-SHA-1, 6 digits, 30 seconds.
/// SHA-1's weakness is collisions, which an HMAC does not rest on. Pure.
/// </summary>
internal static class Totp
{
    internal const int Digits = 6;

    /// <summary>Of SHA-1's output, as RFC 4226 advises.</summary>
    internal const int SecretLength = 20;

    private const int StepSeconds = 30;

    /// <summary>Steps before and after now whose code is taken: a clock may be half a minute wrong, and typing takes time.</summary>
    private const int Drift = 1;

    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    internal static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretLength);

    internal static long StepAt(DateTimeOffset time) => time.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The code of a step.</summary>
    internal static string Code(ReadOnlySpan<byte> secret, long step, int digits = Digits)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // What the RFC says and every app computes; an HMAC does not need the hash to be free of collisions.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        // RFC 4226, 5.3: four bytes from where the last half byte says, without the sign.
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0xf)..]) & int.MaxValue;
        var modulus = (int)Math.Pow(10, digits);
        return (number % modulus).ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
    }

    /// <summary>The step whose code this is, near now; null: none. Each is compared in the same time.</summary>
    internal static long? StepOf(ReadOnlySpan<byte> secret, string code, DateTimeOffset now)
    {
        long? found = null;
        for (var step = StepAt(now) - Drift; step <= StepAt(now) + Drift; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Code(secret, step)), Encoding.ASCII.GetBytes(code)))
            {
                found = step;
            }
        }
        return found;
    }

    /// <summary>As people type it into an app that has no camera: RFC 4648 without padding.</summary>
    internal static string ToBase32(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        var (buffer, bits) = (0, 0);
        foreach (var b in bytes)
        {
            (buffer, bits) = ((buffer << 8) | b, bits + 8);
            while (bits >= 5)
            {
                bits -= 5;
                text.Append(Alphabet[(buffer >> bits) & 31]);
            }
            buffer &= (1 << bits) - 1;
        }
        return bits > 0 ? text.Append(Alphabet[(buffer << (5 - bits)) & 31]).ToString() : text.ToString();
    }

    /// <summary>What the QR code holds.</summary>
    internal static string Uri(string account, ReadOnlySpan<byte> secret) =>
        string.Create(CultureInfo.InvariantCulture, $"otpauth://totp/Parley:{System.Uri.EscapeDataString(account)}?secret={ToBase32(secret)}&issuer=Parley&digits={Digits}&period={StepSeconds}");
}
