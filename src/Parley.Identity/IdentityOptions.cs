namespace Parley.Identity;

/// <summary>How this process authenticates.</summary>
public sealed class IdentityOptions
{
    /// <summary>Rounds of PBKDF2-HMAC-SHA512 for new password hashes; older hashes are renewed at the next sign-in.</summary>
    public int PasswordIterations { get; set; } = 210_000;

    /// <summary>A session without a request for this long ends.</summary>
    public TimeSpan SessionIdle { get; set; } = TimeSpan.FromHours(12);

    /// <summary>A session ends after this long in any case.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>That many wrong passwords for one address lock it …</summary>
    public int LockoutThreshold { get; set; } = 5;

    /// <summary>… for this long.</summary>
    public TimeSpan LockoutWindow { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Sign-in attempts that one IP address may make in a minute.</summary>
    public int SignInsPerMinute { get; set; } = 30;
}
