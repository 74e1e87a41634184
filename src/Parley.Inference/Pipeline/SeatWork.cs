using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;

namespace Parley.Inference.Pipeline;

/// <summary>
/// The bottom for calls that are no chat (vectors, scores): what they do comes with the call, so that budget, failover, limits and retry are the same for all.
/// The prompt is what is sent, for its worst case; the answer is one piece with the counts.
/// </summary>
internal sealed class SeatWork(IChatClient inner, TimeProvider time) : CallLayer(inner)
{
    private const string Done = "done";

    protected override async IAsyncEnumerable<ChatResponseUpdate> RunAsync(ModelCall call, IReadOnlyList<ChatMessage> messages, ChatOptions options, [EnumeratorCancellation] CancellationToken ct)
    {
        if (call.Work is not { } work)
        {
            await foreach (var update in InnerAsync(messages, options, ct))
            {
                yield return update;
            }
            yield break;
        }
        var usage = await WorkAsync(call, work, ct);
        List<AIContent> contents = [new TextContent(Done)];
        if (usage is not null)
        {
            contents.Add(new UsageContent(usage.ToDetails()));
        }
        yield return new ChatResponseUpdate(ChatRole.Assistant, contents);
    }

    private async Task<ModelUsage?> WorkAsync(ModelCall call, Func<ModelSeat, CancellationToken, Task<ModelUsage?>> work, CancellationToken ct)
    {
        var seat = call.Seat!;
        var left = call.Deadline - time.GetUtcNow();
        using var deadline = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        call.Sent = true;
        try
        {
            return await work(seat, either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new ModelException(ModelFault.Timeout, seat.Account.Provider, seat.Info.Model, "No answer before the call's deadline.");
        }
        catch (ModelException e) when (!e.MayBeBilled)
        {
            call.Sent = false;
            throw;
        }
    }
}
