using Parley.Inference.Contracts;

namespace Parley.Inference.Accounts;

/// <summary>A row of model_accounts or instance_model_accounts.</summary>
internal sealed record AccountRow
{
    /// <summary>What both tables have and nobody needs to hide from the tenant.</summary>
    internal const string Columns = """
        id, name, provider, base_url as baseurl, key_hint as keyhint, requests_per_minute as requestsperminute, tokens_per_minute as tokensperminute, concurrency, enabled, version,
        created_at as createdat, updated_at as updatedat
        """;

    public Guid Id { get; init; }

    public string Name { get; init; } = "";

    public string Provider { get; init; } = "";

    public string? BaseUrl { get; init; }

    public string? KeyHint { get; init; }

    public int? RequestsPerMinute { get; init; }

    public int? TokensPerMinute { get; init; }

    public int? Concurrency { get; init; }

    public bool Enabled { get; init; }

    public int Version { get; init; }

    public DateTimeOffset? TestedAt { get; init; }

    public string? TestResult { get; init; }

    public string? TestModel { get; init; }

    public string? TestMessage { get; init; }

    public string? MasterKeyId { get; init; }

    public byte[]? SealedKey { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    internal ModelAccount Account(string key) => new()
    {
        Id = Id, Provider = Provider, BaseUrl = BaseUrl is null ? null : new Uri(BaseUrl), Key = key,
        Limits = new ModelAccountLimits { RequestsPerMinute = RequestsPerMinute, TokensPerMinute = TokensPerMinute, Concurrency = Concurrency },
    };

    internal AccountFacts Facts => new(Id, Name, Provider, Enabled);

    // A record writes out all of its properties, also what is sealed.
    private bool PrintMembers(System.Text.StringBuilder text)
    {
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"Id = {Id}, Provider = {Provider}, Version = {Version}");
        return true;
    }
}
