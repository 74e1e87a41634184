using Parley.Inference.Accounts;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Secrets;

namespace Parley.Inference.Contracts;

/// <summary>An account of the instance as its operator sees it: never the key.</summary>
public sealed record InstanceModelAccount(
    Guid Id, string Name, string Provider, string? BaseUrl, string? KeyHint, int? RequestsPerMinute, int? TokensPerMinute, int? Concurrency, bool Enabled, int Version);

/// <summary>What is entered of an account of the instance.</summary>
/// <param name="Name">How people know it.</param>
/// <param name="Provider">A kind of <see cref="ModelProviderKinds"/>; it stays as it was made.</param>
/// <param name="BaseUrl">Null or empty: the provider's own address.</param>
/// <param name="ApiKey">Null: as it was; empty: none.</param>
public sealed record InstanceModelAccountEntry(string Name, string Provider, string? BaseUrl, string? ApiKey)
{
    /// <summary>Null values: no limit.</summary>
    public ModelAccountLimits Limits { get; init; } = new();

    /// <summary>Whether tenants may use it.</summary>
    public bool Enabled { get; init; } = true;
}

/// <summary>
/// Accounts that the operator of the instance shares with all tenants. There is no address for this: whoever may change them can reach the instance's own database
/// anyway. Every node has a change within five seconds.
/// </summary>
public sealed class InstanceModelAccounts
{
    internal const string SaveSql = """
        select instance_model_account_save(@isNew, @id, @name, @provider, @baseUrl, @requests, @tokens, @concurrency, @enabled, @newKey, @hint, @keyId, @sealedKey, @now)
        """;

    internal const string RemoveSql = "select instance_model_account_remove(@id)";

    internal const string UsersSql = "select instance_model_account_users(@id)";

    private readonly SystemDb _system;
    private readonly InstanceAccounts _accounts;
    private readonly AccountChecks _checks;
    private readonly InstanceSeal _seal;
    private readonly TimeProvider _time;

    internal InstanceModelAccounts(SystemDb system, InstanceAccounts accounts, AccountChecks checks, InstanceSeal seal, TimeProvider time) =>
        (_system, _accounts, _checks, _seal, _time) = (system, accounts, checks, seal, time);

    /// <summary>By name.</summary>
    public async Task<IReadOnlyList<InstanceModelAccount>> ListAsync(CancellationToken ct)
    {
        _accounts.Forget();
        return [.. (await _accounts.CurrentAsync(ct)).Rows.Select(Shown)];
    }

    /// <summary>Adds one, or changes the one with this id.</summary>
    public async Task<Result<InstanceModelAccount>> SaveAsync(Guid? id, InstanceModelAccountEntry entry, CancellationToken ct)
    {
        _accounts.Forget();
        var before = id is null ? null : (await _accounts.CurrentAsync(ct)).Rows.FirstOrDefault(row => row.Id == id);
        if (id is not null && before is null)
        {
            return AccountsApi.NotFound;
        }
        var request = new SaveModelAccountRequest(
            entry.Name, entry.Provider, entry.BaseUrl, entry.ApiKey, entry.Limits.RequestsPerMinute, entry.Limits.TokensPerMinute, entry.Limits.Concurrency, entry.Enabled, null);
        if (await _checks.ProblemAsync(request, before, ct) is { } problem)
        {
            return problem;
        }
        var (now, key) = (_time.GetUtcNow(), entry.ApiKey ?? "");
        var saved = id ?? Guid.CreateVersion7(now);
        var done = await _system.QuerySingleOrDefaultAsync<bool>(SaveSql, new
        {
            isNew = id is null, id = saved, name = entry.Name.Trim(), entry.Provider, baseUrl = AccountChecks.Address(entry.BaseUrl), requests = entry.Limits.RequestsPerMinute,
            tokens = entry.Limits.TokensPerMinute, entry.Limits.Concurrency, entry.Enabled, newKey = entry.ApiKey is not null, hint = AccountChecks.Hint(key),
            keyId = key.Length > 0 ? _seal.KeyId : null, sealedKey = key.Length > 0 ? _seal.Close(InstanceAccounts.Purpose, saved, key) : null, now,
        }, ct);
        return done ? (await ListAsync(ct)).First(account => account.Id == saved) : Error.Conflict("model_account.exists", "The instance has an account of this name already. Choose another.");
    }

    /// <summary>Takes one away from all tenants at once. Refused where tenants use it, unless told that this is known.</summary>
    public async Task<Result<bool>> RemoveAsync(Guid id, bool although, CancellationToken ct)
    {
        var users = await _system.QuerySingleOrDefaultAsync<int>(UsersSql, new { id }, ct);
        if (users > 0 && !although)
        {
            return Error.Conflict("model_account.serves", $"Models of this account serve {users} {(users == 1 ? "tenant" : "tenants")}. Without it their choices serve nothing. Add --yes to remove it all the same.");
        }
        var removed = await _system.QuerySingleOrDefaultAsync<bool>(RemoveSql, new { id }, ct);
        _accounts.Forget();
        return removed ? true : AccountsApi.NotFound;
    }

    private static InstanceModelAccount Shown(AccountRow row) =>
        new(row.Id, row.Name, row.Provider, row.BaseUrl, row.KeyHint, row.RequestsPerMinute, row.TokensPerMinute, row.Concurrency, row.Enabled, row.Version);
}
