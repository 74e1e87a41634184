using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;

namespace Parley.Inference.Pipeline;

/// <summary>Asks the same account again while nothing has been handed on.</summary>
internal sealed class RetryChat(IChatClient inner, TimeProvider time, Func<double> jitter) : CallLayer(inner)
{
    protected override async IAsyncEnumerable<ChatResponseUpdate> RunAsync(ModelCall call, IReadOnlyList<ChatMessage> messages, ChatOptions options, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var attempt = await BeginAsync(call, messages, options, ct);
        while (await attempt.NextAsync())
        {
            yield return attempt.Current;
        }
    }

    private async Task<Attempt> BeginAsync(ModelCall call, IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken ct)
    {
        for (var tried = 1; ; tried++)
        {
            var attempt = new Attempt(InnerAsync(messages, options, ct), ct);
            try
            {
                await attempt.BeginAsync();
                return attempt;
            }
            catch (ModelException e)
            {
                await attempt.DisposeAsync();
                if (RetryPolicy.Delay(e, tried, call.OthersLeft, call.Deadline - time.GetUtcNow(), jitter()) is not { } wait || (e.MayBeBilled && !await call.AgainAsync(ct)))
                {
                    throw;
                }
                call.Decide("retry", e.Fault.ToString(), wait);
                await Task.Delay(wait, time, ct);
            }
            catch
            {
                await attempt.DisposeAsync();
                throw;
            }
        }
    }
}
