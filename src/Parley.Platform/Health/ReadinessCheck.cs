using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Parley.Platform.Data;
using Parley.Platform.Objects;

namespace Parley.Platform.Health;

/// <summary>A condition without which this node must get no requests.</summary>
/// <param name="Problem">What <c>/health/ready</c> says where it does not hold, e.g. <c>migrations_missing</c>.</param>
/// <param name="HoldsAsync">Quick; a <see cref="NpgsqlException"/> counts as the database's fault.</param>
public sealed record ReadinessCheck(string Problem, Func<IServiceProvider, CancellationToken, Task<bool>> HoldsAsync);

/// <summary>Asks all checks, at most once in two seconds however often it is asked itself.</summary>
public sealed class ReadinessChecks(IEnumerable<ReadinessCheck> checks, IServiceProvider services, TimeProvider time) : IDisposable
{
    internal const string AppliedSql = "select * from migrations_applied()";

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private long _askedAt;
    private bool _asked;
    private string? _problem;

    /// <summary>Null where this node may serve; else what is missing.</summary>
    public async Task<string?> ProblemAsync(CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            if (!_asked || time.GetElapsedTime(_askedAt) > Fresh)
            {
                _problem = await AskAsync(ct);
                (_asked, _askedAt) = (true, time.GetTimestamp());
            }
            return _problem;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    internal static IServiceCollection AddTo(IServiceCollection services) => services
        .AddSingleton<ReadinessChecks>()
        .AddSingleton(new ReadinessCheck("migrations_missing", async (provider, ct) =>
        {
            var applied = (await provider.GetRequiredService<SystemDb>().QueryAsync<string>(AppliedSql, null, ct)).ToHashSet(StringComparer.Ordinal);
            return provider.GetServices<Migration>().All(migration => applied.Contains(migration.Name));
        }))
        .AddSingleton(new ReadinessCheck("objects_not_writable", async (provider, ct) =>
        {
            // A remote store that fails is felt where it is used. Were it asked here, its outage would take every node out of service, although
            // questions are answered without it.
            if (provider.GetRequiredService<ObjectStore>().Backend is not { IsLocal: true } folder)
            {
                return true;
            }
            try
            {
                await folder.ProbeAsync(ct);
                return true;
            }
            catch (ObjectStoreException)
            {
                return false;
            }
        }));

    private async Task<string?> AskAsync(CancellationToken ct)
    {
        foreach (var check in checks)
        {
            try
            {
                if (!await check.HoldsAsync(services, ct))
                {
                    return check.Problem;
                }
            }
            catch (NpgsqlException)
            {
                return "database_unavailable";
            }
        }
        return null;
    }
}
