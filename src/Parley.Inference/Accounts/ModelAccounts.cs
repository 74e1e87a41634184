using System.Collections.Concurrent;
using Parley.Inference.Catalogue;
using Parley.Inference.Contracts;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Secrets;

namespace Parley.Inference.Accounts;

/// <summary>
/// Opens the accounts that a tenant's choices name, its own and the instance's. It is on the way of every turn: one transaction of one statement, which says
/// whether what was opened before still holds.
/// </summary>
internal sealed class ModelAccounts(TenantDb db, ConfigurationStore configuration, SecretStore secrets, InstanceAccounts instance, ModelCatalogue catalogue)
{
    /// <summary>Changes with everything that a setup is made of and that a tenant can change.</summary>
    internal const string StampSql = """
        select p.version || ' ' || coalesce((select string_agg(a.id || ':' || a.version, ' ' order by a.id) from model_accounts a where a.tenant_id = @tenantId and a.enabled), '')
          from published_configurations p where p.tenant_id = @tenantId and p.kind = @kind and p.subject_id = @tenantId
        """;

    internal const string OpenSql = $"select {AccountRow.Columns} from model_accounts where tenant_id = @tenantId and enabled and id = any (@ids)";

    private const int MaxCached = 2_000;

    // With their keys: in memory only, no longer than everything stays as it is.
    private readonly ConcurrentDictionary<Guid, Opened> _opened = new();

    /// <summary>The secret's name of an account's key.</summary>
    internal static string SecretName(Guid accountId) => $"model-account:{accountId:N}";

    internal async Task<ModelSetup> SetupAsync(Guid tenantId, CancellationToken ct)
    {
        var shared = await instance.CurrentAsync(ct);
        return await db.InTransactionAsync(tenantId, async session =>
        {
            var stamp = await session.QuerySingleOrDefaultAsync<string>(StampSql, new { tenantId, kind = ModelSettings.Kind });
            if (stamp is null)
            {
                return ModelSetup.None;
            }
            if (_opened.TryGetValue(tenantId, out var known) && known.Stamp == stamp && ReferenceEquals(known.Shared, shared))
            {
                return known.Setup;
            }
            var setup = await MakeAsync(session, shared);
            if (_opened.Count >= MaxCached)
            {
                _opened.Clear();
            }
            _opened[tenantId] = new Opened(stamp, shared, setup);
            return setup;
        }, ct);
    }

    /// <summary>A model of an account that may be chosen no more.</summary>
    internal async Task<ModelSeat?> SeatAsync(Guid tenantId, Guid accountId, ModelInfo model, CancellationToken ct)
    {
        var shared = await instance.CurrentAsync(ct);
        return await db.InTransactionAsync(tenantId, async session =>
        {
            var settings = (await configuration.PublishedAsync<ModelSettings>(session, ModelSettings.Kind, tenantId))?.Body ?? new ModelSettings();
            var row = await session.QuerySingleOrDefaultAsync<AccountRow>(OpenSql, new { tenantId, ids = new[] { accountId } });
            var account = row is not null ? (await OpenAsync(session, row))?.Account : shared.Open(accountId);
            return account is null || account.Provider != model.Provider ? null : new ModelSeat(ModelTier.Small, account, Info(settings, account, model));
        }, ct);
    }

    /// <summary>An account with its key, and the row that both belong to; null: it was deleted meanwhile.</summary>
    /// <remarks>Two statements may see two moments: a new key must not go to the address before it, nor an old one to the address after it.</remarks>
    internal async Task<(AccountRow Row, ModelAccount Account)?> OpenAsync(TenantSession session, AccountRow row)
    {
        for (var known = row; ;)
        {
            var account = known.Account(await secrets.GetAsync(session, SecretName(known.Id)) ?? "");
            if (await AccountsApi.RowAsync(session, known.Id) is not { } now)
            {
                return null;
            }
            if (now.Version == known.Version)
            {
                return (known, account);
            }
            known = now;
        }
    }

    private ModelInfo Info(ModelSettings settings, ModelAccount account, ModelInfo then) =>
        ModelSettingsRules.Find(settings, catalogue, account.Provider, then.Model, account.OfInstance) ?? (account.OfInstance ? then with { Prices = null } : then);

    private async Task<ModelSetup> MakeAsync(TenantSession session, InstanceAccounts.Snapshot shared)
    {
        if (await configuration.PublishedAsync<ModelSettings>(session, ModelSettings.Kind, session.TenantId) is not { Body.Choices.Count: > 0 } published)
        {
            return ModelSetup.None;
        }
        var settings = published.Body;
        Guid[] ids = [.. settings.Choices.Select(choice => choice.AccountId).Distinct()];
        var accounts = ids.Select(shared.Open).OfType<ModelAccount>().ToDictionary(account => account.Id);
        foreach (var row in await session.QueryAsync<AccountRow>(OpenSql, new { tenantId = session.TenantId, ids }))
        {
            if (await OpenAsync(session, row) is var (_, account))
            {
                accounts[row.Id] = account;
            }
        }
        return new ModelSetup
        {
            Version = published.Version,
            Settings = settings,
            Seats = settings.Choices.Select(choice => (choice.Feature, Seat: Seat(settings, choice, accounts))).Where(each => each.Seat is not null)
                .GroupBy(each => each.Feature).ToDictionary(feature => feature.Key, IReadOnlyList<ModelSeat> (feature) => [.. feature.Select(each => each.Seat!)]),
        };
    }

    private ModelSeat? Seat(ModelSettings settings, ModelChoice choice, Dictionary<Guid, ModelAccount> accounts) =>
        accounts.TryGetValue(choice.AccountId, out var account) && ModelSettingsRules.Find(settings, catalogue, account.Provider, choice.Model, account.OfInstance) is { } info
            ? new ModelSeat(choice.Tier, account, info) : null;

    private sealed record Opened(string Stamp, InstanceAccounts.Snapshot Shared, ModelSetup Setup);
}
