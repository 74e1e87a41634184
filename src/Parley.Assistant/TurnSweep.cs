using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Platform.Data;

namespace Parley.Assistant;

/// <summary>
/// Finds turns that no job works on any more (their last attempt died together with its node) and tells the customers. Without it, such a
/// question would wait for ever.
/// </summary>
internal sealed class TurnSweep(SystemDb system, TurnFailure failure, TimeProvider time, ILogger<TurnSweep> log)
{
    internal const string Name = "assistant.sweep";

    /// <summary>Every 20 seconds.</summary>
    internal const string Cron = "5/20 * * * * ?";

    internal const string OrphanedSql = "select * from turns_orphaned(@before, @limit)";

    private const int AtOnce = 100;

    /// <summary>A turn and its job are committed together; younger ones may only look orphaned to a reader between two statements.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    internal static Task RunAsync(IServiceProvider services, CancellationToken ct) => services.GetRequiredService<TurnSweep>().RunAsync(ct);

    internal async Task RunAsync(CancellationToken ct)
    {
        foreach (var turn in await system.QueryAsync<Orphan>(OrphanedSql, new { before = time.GetUtcNow() - Grace, limit = AtOnce }, ct))
        {
            try
            {
                await failure.TellAsync(turn.TenantId, turn.TurnId, "orphaned", ct);
                log.TurnOrphaned(turn.TurnId);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The next sweep tries again; the others must not wait for it.
                log.SweepFailed(turn.TurnId, e);
            }
        }
    }

    private sealed record Orphan
    {
        public Guid TenantId { get; init; }

        public Guid TurnId { get; init; }
    }
}
