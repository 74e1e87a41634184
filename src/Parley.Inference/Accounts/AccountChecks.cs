using System.Globalization;
using Parley.Inference.Catalogue;
using Parley.Inference.Contracts;
using Parley.Inference.Providers;
using Parley.Platform.Errors;
using Parley.Platform.Outbound;

namespace Parley.Inference.Accounts;

/// <summary>An account as somebody enters it.</summary>
/// <param name="Name">How people know it.</param>
/// <param name="Provider">A kind of <see cref="ModelProviderKinds"/>; it stays as it was made.</param>
/// <param name="BaseUrl">Where the API is; empty: the provider's own address.</param>
/// <param name="ApiKey">Null: as it was; empty: none.</param>
/// <param name="RequestsPerMinute">Null: no limit.</param>
/// <param name="TokensPerMinute">Null: no limit.</param>
/// <param name="Concurrency">Calls at once; null: no limit.</param>
/// <param name="Enabled">Null: yes.</param>
/// <param name="Version">The version that was changed; null: whichever.</param>
internal sealed record SaveModelAccountRequest(
    string? Name, string? Provider, string? BaseUrl, string? ApiKey, int? RequestsPerMinute, int? TokensPerMinute, int? Concurrency, bool? Enabled, int? Version);

/// <summary>What must hold of an account before it is kept, or used for a test.</summary>
internal sealed class AccountChecks(GuardedHttp http)
{
    private const int MaxName = 100, MaxAddress = 500, MaxKey = 4096, MaxPerMinute = 1_000_000_000, MaxAtOnce = 10_000, HintOf = 12, Shown = 4;

    /// <summary>Null: nothing is wrong.</summary>
    /// <param name="request">What was entered.</param>
    /// <param name="before">What there was; null: it is new.</param>
    /// <param name="ct">Ends the look-up of the address.</param>
    internal async Task<Error?> ProblemAsync(SaveModelAccountRequest request, AccountRow? before, CancellationToken ct)
    {
        var problems = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (!ModelInfoRules.IsLine(request.Name, MaxName))
        {
            problems["name"] = [$"Give a name of 1 to {MaxName} characters in one line."];
        }
        foreach (var (field, value, most) in new[]
            { ("requestsPerMinute", request.RequestsPerMinute, MaxPerMinute), ("tokensPerMinute", request.TokensPerMinute, MaxPerMinute), ("concurrency", request.Concurrency, MaxAtOnce) })
        {
            if (value < 1 || value > most)
            {
                problems[field] = [string.Create(CultureInfo.InvariantCulture, $"{field} must be between 1 and {most}; leave it empty for no limit.")];
            }
        }
        foreach (var (field, message) in await AccessProblemsAsync(request.Provider, request.BaseUrl, request.ApiKey, before, ct))
        {
            problems[field] = [message];
        }
        return problems.Count == 0 ? null : Error.Invalid(problems);
    }

    /// <summary>What is wrong with where the provider is and with the key.</summary>
    internal async Task<IReadOnlyDictionary<string, string>> AccessProblemsAsync(string? provider, string? baseUrl, string? apiKey, AccountRow? before, CancellationToken ct)
    {
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        if (ModelProviders.Of(provider) is not { } known)
        {
            problems["provider"] = $"provider is none of {string.Join(", ", ModelProviders.Kinds)}.";
            return problems;
        }
        if (before is not null && provider != before.Provider)
        {
            problems["provider"] = $"This account is one of {before.Provider}. Add another account for {known.Name}.";
            return problems;
        }
        var (address, wrong) = await AddressAsync(known, baseUrl, ct);
        if (wrong is not null)
        {
            problems["baseUrl"] = wrong;
        }
        if (apiKey is { Length: > 0 } && (apiKey.Length > MaxKey || !apiKey.All(c => c is > ' ' and <= '~')))
        {
            problems["apiKey"] = $"A key has at most {MaxKey} letters, digits and signs, without spaces. Copy it again from {known.Name}.";
        }
        else if (apiKey is null && before?.KeyHint is not null && wrong is null && Origin(address) != Origin(AddressOf(known, before.BaseUrl)))
        {
            problems["apiKey"] = "Enter the key again: the address is another server's, and the stored key is not sent to it unasked.";
        }
        else if (known.NeedsKey && (apiKey ?? before?.KeyHint ?? "").Length == 0)
        {
            problems["apiKey"] = $"Enter a key from {known.Name}.";
        }
        return problems;
    }

    /// <summary>Null: it has no key. Of a short one nothing is shown.</summary>
    internal static string? Hint(string key) => key.Length switch { 0 => null, < HintOf => "…", _ => "…" + key[^Shown..] };

    /// <summary>As it is kept; null: the provider's own.</summary>
    internal static string? Address(string? baseUrl) => string.IsNullOrWhiteSpace(baseUrl) ? null : baseUrl.Trim();

    private async Task<(Uri? Address, string? Wrong)> AddressAsync(IModelProvider provider, string? baseUrl, CancellationToken ct)
    {
        if (Address(baseUrl) is not { } entered)
        {
            return (provider.DefaultBaseUrl, provider.DefaultBaseUrl is null ? "Enter the address of the server, for example http://localhost:11434/v1." : null);
        }
        if (entered.Length > MaxAddress || entered.Any(char.IsControl) || !Uri.TryCreate(entered, UriKind.Absolute, out var address)
            || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            return (null, "Enter a whole address, with https:// in front.");
        }
        if (address.Query.Length > 0 || address.Fragment.Length > 0)
        {
            return (null, "Leave out what follows ? or #: the address is where the API begins, and calls add their path to it.");
        }
        return (address, (await http.RefusalAsync(address, ct))?.Message);
    }

    private static Uri? AddressOf(IModelProvider provider, string? baseUrl) => baseUrl is null ? provider.DefaultBaseUrl : new Uri(baseUrl);

    private static string? Origin(Uri? address) => address?.GetLeftPart(UriPartial.Authority).ToLowerInvariant();
}
