using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Parley.Identity;

/// <summary>Hashes and checks passwords with the framework's hasher, never more at once than half the cores can bear.</summary>
internal sealed class Passwords : IDisposable
{
    /// <summary>Shortest password that is accepted.</summary>
    internal const int MinLength = 12;

    /// <summary>Longest; a bound on what one request may make us hash.</summary>
    internal const int MaxLength = 200;

    // No 0/O, 1/l/I: these are read off a terminal and typed.
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";

    private readonly PasswordHasher<object> _hasher;
    private readonly SemaphoreSlim _gate = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly Lazy<string> _nobody;

    public Passwords(IOptions<IdentityOptions> options)
    {
        _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = options.Value.PasswordIterations }));
        _nobody = new(() => _hasher.HashPassword(this, Generate()));
    }

    /// <summary>What is wrong with a new password; null: nothing.</summary>
    internal static string? Problem(string? password, string email) => password switch
    {
        null or { Length: < MinLength } => $"Use at least {MinLength} characters.",
        { Length: > MaxLength } => $"Use at most {MaxLength} characters.",
        _ when password.Contains('\0') => "Do not use the character U+0000.",
        _ when password.Contains(email, StringComparison.OrdinalIgnoreCase) => "Do not use the e-mail address.",
        _ when password.Distinct().Count() < 5 => "Use at least five different characters.",
        _ => null,
    };

    /// <summary>Four groups of five characters: 116 bits.</summary>
    internal static string Generate() => string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString(Alphabet, 5)));

    internal async Task<string> HashAsync(string password, CancellationToken ct) =>
        await GatedAsync(() => _hasher.HashPassword(this, password), ct);

    /// <summary>Compares; without a hash (no such user) it works as long and fails.</summary>
    internal async Task<PasswordVerificationResult> VerifyAsync(string? hash, string password, CancellationToken ct)
    {
        // The hash fills its key up with zeros: a password and the same one followed by U+0000 would pass for each other.
        if (password.Length > MaxLength || password.Contains('\0'))
        {
            return PasswordVerificationResult.Failed;
        }
        var result = await GatedAsync(() => _hasher.VerifyHashedPassword(this, hash ?? _nobody.Value, password), ct);
        return hash is null ? PasswordVerificationResult.Failed : result;
    }

    public void Dispose() => _gate.Dispose();

    private async Task<T> GatedAsync<T>(Func<T> work, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            return work();
        }
        finally
        {
            _gate.Release();
        }
    }
}
