using System.Collections.Concurrent;
using Parley.Inference.Catalogue;
using Parley.Inference.Contracts;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Secrets;

namespace Parley.Inference.Accounts;

/// <summary>A row of model_accounts.</summary>
internal sealed record AccountRow
{
    public Guid Id { get; init; }

    public string Provider { get; init; } = "";

    public string? BaseUrl { get; init; }

    public int? RequestsPerMinute { get; init; }

    public int? TokensPerMinute { get; init; }

    public int? Concurrency { get; init; }

    public int Version { get; init; }
}

/// <summary>Opens the accounts that a tenant's choices name. Keys stay sealed in the database until a call needs them.</summary>
internal sealed class ModelAccounts(TenantDb db, ConfigurationStore configuration, SecretStore secrets, ModelCatalogue catalogue)
{
    internal const string OpenSql = """
        select id, provider, base_url, requests_per_minute, tokens_per_minute, concurrency, version
          from model_accounts where tenant_id = @tenantId and enabled and id = any (@ids)
        """;

    private const int MaxCached = 2_000;

    // Keys in memory, no longer than their account stays as it is.
    private readonly ConcurrentDictionary<(Guid Tenant, Guid Account), (int Version, ModelAccount Account)> _opened = new();

    /// <summary>The secret's name of an account's key.</summary>
    internal static string SecretName(Guid accountId) => $"model-account:{accountId:N}";

    internal Task<ModelSetup> SetupAsync(Guid tenantId, CancellationToken ct) => db.InTransactionAsync(tenantId, async session =>
    {
        if (await configuration.PublishedAsync<ModelSettings>(session, ModelSettings.Kind, tenantId) is not { Body.Choices.Count: > 0 } published)
        {
            return ModelSetup.None;
        }
        var settings = published.Body;
        var accounts = await OpenAsync(session, [.. settings.Choices.Select(choice => choice.AccountId).Distinct()]);
        return new ModelSetup
        {
            Version = published.Version,
            Settings = settings,
            Seats = settings.Choices.Select(choice => (choice.Feature, Seat: Seat(settings, choice, accounts))).Where(each => each.Seat is not null)
                .GroupBy(each => each.Feature).ToDictionary(feature => feature.Key, IReadOnlyList<ModelSeat> (feature) => [.. feature.Select(each => each.Seat!)]),
        };
    }, ct);

    private ModelSeat? Seat(ModelSettings settings, ModelChoice choice, Dictionary<Guid, ModelAccount> accounts) =>
        accounts.TryGetValue(choice.AccountId, out var account)
            && (settings.Models.FirstOrDefault(model => model.Provider == account.Provider && model.Model == choice.Model) ?? catalogue.Find(account.Provider, choice.Model)) is { } info
            ? new ModelSeat(choice.Tier, account, info) : null;

    private async Task<Dictionary<Guid, ModelAccount>> OpenAsync(TenantSession session, Guid[] ids)
    {
        var opened = new Dictionary<Guid, ModelAccount>();
        foreach (var row in await session.QueryAsync<AccountRow>(OpenSql, new { tenantId = session.TenantId, ids }))
        {
            var key = (session.TenantId, row.Id);
            if (!_opened.TryGetValue(key, out var known) || known.Version != row.Version)
            {
                if (_opened.Count >= MaxCached)
                {
                    _opened.Clear();
                }
                known = _opened[key] = (row.Version, Account(row, await secrets.GetAsync(session, SecretName(row.Id)) ?? ""));
            }
            opened[row.Id] = known.Account;
        }
        return opened;
    }

    private static ModelAccount Account(AccountRow row, string key) => new()
    {
        Id = row.Id, Provider = row.Provider, BaseUrl = row.BaseUrl is null ? null : new Uri(row.BaseUrl), Key = key,
        Limits = new ModelAccountLimits { RequestsPerMinute = row.RequestsPerMinute, TokensPerMinute = row.TokensPerMinute, Concurrency = row.Concurrency },
    };
}
