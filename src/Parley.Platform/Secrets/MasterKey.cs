using System.Security.Cryptography;
using System.Text;

namespace Parley.Platform.Secrets;

/// <summary>The instance's master key: 32 random bytes, kept in a 0600 file or given by the environment, never in a backup.</summary>
public sealed class MasterKey
{
    private const int Length = 32;
    private readonly byte[] _key;

    private MasterKey(byte[] key)
    {
        _key = key;
        Id = Convert.ToHexStringLower(SHA256.HashData([.. "parley-key-id:"u8, .. key]))[..16];
    }

    /// <summary>Names the key without revealing it; rows and backups carry it.</summary>
    public string Id { get; }

    /// <summary>A 32-byte key for one purpose (HKDF-SHA256, RFC 5869).</summary>
    public byte[] Derive(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, Length, info: Encoding.UTF8.GetBytes("parley:" + purpose));

    /// <summary>The key itself, for the file or the environment of another node; never for a log.</summary>
    public string ToBase64() => Convert.ToBase64String(_key);

    /// <summary>Base64 of 32 bytes.</summary>
    public static MasterKey Parse(string base64)
    {
        var bytes = new byte[Length];
        return Convert.TryFromBase64String(base64.Trim(), bytes, out var written) && written == Length
            ? new MasterKey(bytes)
            : throw new FormatException("The master key must be the base64 form of 32 bytes (make one with: openssl rand -base64 32).");
    }

    /// <summary>Reads PARLEY_MASTER_KEY, else the file; null where there is neither.</summary>
    public static MasterKey? TryLoad(string file) =>
        Environment.GetEnvironmentVariable("PARLEY_MASTER_KEY") is { Length: > 0 } given ? Parse(given) : File.Exists(file) ? Parse(File.ReadAllText(file)) : null;

    /// <summary>Reads PARLEY_MASTER_KEY, else the file, else makes the file (0600) once.</summary>
    public static MasterKey LoadOrCreate(string file)
    {
        if (Environment.GetEnvironmentVariable("PARLEY_MASTER_KEY") is { Length: > 0 } given)
        {
            return Parse(given);
        }
        if (!File.Exists(file))
        {
            var text = Convert.ToBase64String(RandomNumberGenerator.GetBytes(Length));
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }
            try
            {
                // Written aside and renamed: a kill between create and write must not leave an empty key for ever.
                var draft = file + "." + Guid.CreateVersion7().ToString("N");
                using (var stream = new FileStream(draft, options))
                {
                    stream.Write(Encoding.ASCII.GetBytes(text));
                    stream.Flush(flushToDisk: true);
                }
                File.Move(draft, file, overwrite: false);
            }
            catch (IOException) when (File.Exists(file))
            {
                // Another process made it first; theirs counts.
            }
        }
        return Parse(File.ReadAllText(file));
    }
}
