using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Inference.Contracts;

namespace Parley.Inference.Budget;

/// <summary>
/// Stores what a caller decides about a call that has ended (an answer is not good enough, another tier is asked), so that no caller waits for it. A node that
/// is killed loses at most the last moment's; the turn's own trace has them too.
/// </summary>
internal sealed class LateDecisions(Budgets budgets, ILogger<LateDecisions> log) : BackgroundService
{
    private readonly Channel<ModelCall> _calls = Channel.CreateUnbounded<ModelCall>(new UnboundedChannelOptions { SingleReader = true });

    internal void Add(ModelCall call) => _calls.Writer.TryWrite(call);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _calls.Writer.TryComplete();
        await (ExecuteTask ?? Task.CompletedTask).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var call in _calls.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                if (call.TakeUnwritten() is { } rows)
                {
                    await budgets.RecordAsync(rows, stoppingToken);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.DecisionsLost(call.Id, e);
            }
        }
    }
}
