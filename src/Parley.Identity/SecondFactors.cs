using System.Security.Cryptography;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Secrets;

namespace Parley.Identity;

/// <summary>The second factor of an account as the database knows it; its secret is sealed.</summary>
internal sealed record FactorRow
{
    public byte[] Secret { get; init; } = [];
    public long LastStep { get; init; }

    /// <summary>Null while its first code is awaited.</summary>
    public DateTimeOffset? EnabledAt { get; init; }
    public int RecoveryCodes { get; init; }
}

/// <summary>Keeps secrets and looks at codes. Whoever asks has taken an attempt from <see cref="SignInGate"/> first.</summary>
internal sealed class SecondFactors(SystemDb db, MasterKey master, RecoveryCodes recovery, TimeProvider time)
{
    private const string OneSql = "select * from second_factor_of(@userId)";
    private const string TakeSql = "select second_factor_take(@userId, @step)";
    private const string TakeRecoverySql = "select recovery_code_take(@userId, @hash, @ip, @now)";
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int MaxCodeLength = 40;

    private readonly byte[] _key = master.Derive("second-factor");

    internal Task<FactorRow?> FindAsync(Guid userId, CancellationToken ct) => db.QuerySingleOrDefaultAsync<FactorRow>(OneSql, new { userId }, ct);

    /// <summary>What sign-in still lacks, or whether a code was looked at: false where the account has no second factor. A right code is used up by this.</summary>
    internal async Task<Result<bool>> CheckAsync(Guid userId, string? code, string? ip, CancellationToken ct)
    {
        if (await FindAsync(userId, ct) is not { EnabledAt: not null } factor)
        {
            return false;
        }
        if (string.IsNullOrWhiteSpace(code))
        {
            return Errors.SecondFactorNeeded;
        }
        return await TakeAsync(userId, factor, code, ip, ct) ? true : Errors.SecondFactorWrong;
    }

    /// <summary>Is it a code of the authenticator that was not used yet, or a recovery code? It is used up.</summary>
    internal async Task<bool> TakeAsync(Guid userId, FactorRow factor, string code, string? ip, CancellationToken ct)
    {
        if (StepOf(userId, factor, code) is { } step)
        {
            return await db.QuerySingleOrDefaultAsync<bool?>(TakeSql, new { userId, step }, ct) == true;
        }
        return code.Length <= MaxCodeLength && Identity.RecoveryCodes.Read(code) is { } read
            && await db.QuerySingleOrDefaultAsync<bool?>(TakeRecoverySql, new { userId, hash = recovery.Hash(userId, read), ip, now = time.GetUtcNow() }, ct) == true;
    }

    /// <summary>The step of the authenticator's code; null: it is none near now.</summary>
    internal long? StepOf(Guid userId, FactorRow factor, string code)
    {
        var digits = code.Length <= MaxCodeLength ? string.Concat(code.Where(c => c != ' ')) : "";
        return digits.Length == Totp.Digits && digits.All(char.IsAsciiDigit) ? Totp.StepOf(Open(userId, factor.Secret), digits, time.GetUtcNow()) : null;
    }

    /// <summary>Bound to its account: another's row opens nothing.</summary>
    internal byte[] Seal(Guid userId, byte[] secret)
    {
        var sealedSecret = new byte[NonceLength + secret.Length + TagLength];
        RandomNumberGenerator.Fill(sealedSecret.AsSpan(0, NonceLength));
        using var aes = new AesGcm(_key, TagLength);
        aes.Encrypt(sealedSecret.AsSpan(0, NonceLength), secret, sealedSecret.AsSpan(NonceLength, secret.Length), sealedSecret.AsSpan(NonceLength + secret.Length), userId.ToByteArray());
        return sealedSecret;
    }

    private byte[] Open(Guid userId, byte[] sealedSecret)
    {
        var secret = new byte[sealedSecret.Length - NonceLength - TagLength];
        using var aes = new AesGcm(_key, TagLength);
        aes.Decrypt(sealedSecret.AsSpan(0, NonceLength), sealedSecret.AsSpan(NonceLength, secret.Length), sealedSecret.AsSpan(NonceLength + secret.Length), secret, userId.ToByteArray());
        return secret;
    }
}
