using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Parley.Inference.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Secrets;

namespace Parley.Inference.Accounts;

/// <summary>
/// The accounts that the operator of the instance shares with all tenants, as of a few seconds ago: they change rarely, and every turn of every tenant asks for them.
/// </summary>
internal sealed class InstanceAccounts(SystemDb system, InstanceSeal seal, TimeProvider time, ILogger<InstanceAccounts> log) : IDisposable
{
    internal const string AllSql = $"select {AccountRow.Columns}, master_key_id as masterkeyid, sealed_key as sealedkey from instance_model_accounts_all()";

    /// <summary>For what the keys are sealed.</summary>
    internal const string Purpose = "instance-model-accounts";

    /// <summary>After a change every node has it within this time.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _gate = new(1);
    private Snapshot _snapshot = Snapshot.Nothing;
    private DateTimeOffset _readAt = DateTimeOffset.MinValue;

    /// <summary>The same object as long as nothing has changed.</summary>
    internal async ValueTask<Snapshot> CurrentAsync(CancellationToken ct)
    {
        if (IsFresh)
        {
            return _snapshot;
        }
        await _gate.WaitAsync(ct);
        try
        {
            return IsFresh ? _snapshot : await ReadAsync(ct);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>This node has changed them.</summary>
    internal void Forget() => _readAt = DateTimeOffset.MinValue;

    public void Dispose() => _gate.Dispose();

    private bool IsFresh => time.GetUtcNow() - _readAt is var age && age >= TimeSpan.Zero && age < Fresh;

    private async Task<Snapshot> ReadAsync(CancellationToken ct)
    {
        var at = time.GetUtcNow();
        var rows = await system.QueryAsync<AccountRow>(AllSql, null, ct);
        if (!rows.Select(row => (row.Id, row.Version)).SequenceEqual(_snapshot.Rows.Select(row => (row.Id, row.Version))))
        {
            _snapshot = new Snapshot(rows, [.. rows.Where(row => row.Enabled).Select(Open).OfType<ModelAccount>()]);
        }
        _readAt = at;
        return _snapshot;
    }

    /// <summary>A key that cannot be opened takes its own account away and no other.</summary>
    private ModelAccount? Open(AccountRow row)
    {
        try
        {
            return row.Account(row.SealedKey is null ? "" : seal.Open(Purpose, row.Id, row.MasterKeyId!, row.SealedKey)) with { OfInstance = true };
        }
        catch (CryptographicException e)
        {
            log.InstanceKeyUnreadable(row.Id, e);
            return null;
        }
    }

    /// <summary>All of them at one moment.</summary>
    internal sealed class Snapshot(IReadOnlyList<AccountRow> rows, IReadOnlyList<ModelAccount> open)
    {
        internal static Snapshot Nothing { get; } = new([], []);

        /// <summary>By name, also those that are switched off.</summary>
        internal IReadOnlyList<AccountRow> Rows => rows;

        /// <summary>Null: there is none, or it is switched off.</summary>
        internal ModelAccount? Open(Guid id) => open.FirstOrDefault(account => account.Id == id);
    }
}
