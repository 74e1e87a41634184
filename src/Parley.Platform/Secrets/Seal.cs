using System.Security.Cryptography;

namespace Parley.Platform.Secrets;

/// <summary>AES-256-GCM with a random 96-bit nonce and a 128-bit tag behind the ciphertext.</summary>
internal static class Seal
{
    internal const int KeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    internal static (byte[] Nonce, byte[] Ciphertext) Close(byte[] key, byte[] plain, byte[] context)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        var sealedBytes = new byte[plain.Length + TagLength];
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, plain, sealedBytes.AsSpan(0, plain.Length), sealedBytes.AsSpan(plain.Length), context);
        return (nonce, sealedBytes);
    }

    /// <exception cref="CryptographicException">Another key, another context, or a byte was changed.</exception>
    internal static byte[] Open(byte[] key, byte[] nonce, byte[] ciphertext, byte[] context)
    {
        if (ciphertext.Length < TagLength || nonce.Length != NonceLength)
        {
            throw new CryptographicException("A sealed value is too short.");
        }
        var plain = new byte[ciphertext.Length - TagLength];
        using var aes = new AesGcm(key, TagLength);
        aes.Decrypt(nonce, ciphertext.AsSpan(0, plain.Length), ciphertext.AsSpan(plain.Length), plain, context);
        return plain;
    }

    /// <summary>Nonce and ciphertext in one.</summary>
    internal static byte[] ClosePacked(byte[] key, byte[] plain, byte[] context)
    {
        var (nonce, ciphertext) = Close(key, plain, context);
        return [.. nonce, .. ciphertext];
    }

    /// <inheritdoc cref="Open"/>
    internal static byte[] OpenPacked(byte[] key, byte[] packed, byte[] context) =>
        packed.Length < NonceLength ? throw new CryptographicException("A sealed value is too short.") : Open(key, packed[..NonceLength], packed[NonceLength..], context);
}
