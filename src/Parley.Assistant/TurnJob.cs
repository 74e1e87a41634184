using Microsoft.Extensions.Logging;
using Parley.Assistant.Analysis;
using Parley.Conversations.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Assistant;

/// <summary>
/// One turn as a durable job. Another attempt takes over where a node died: what was sent stays sent, the message is stored once, because
/// message, turn and job end in one transaction that only the holder of the lease can commit.
/// </summary>
internal sealed class TurnJob(
    TenantDb db, TurnStart start, AssistantTurn turn, NextQuestions next, TurnDelivery delivery, TurnFailure failure, RunningTurns running, TimeProvider time, ILogger<TurnJob> log) : IJobHandler
{
    /// <inheritdoc/>
    public async Task HandleAsync(JobContext job, CancellationToken ct)
    {
        var payload = job.Payload<TurnScheduler.Payload>();
        using var registration = running.Start(payload.TurnId, ct);
        try
        {
            await RunAsync(job, payload, registration.Token);
        }
        catch (OperationCanceledException) when (registration.Token.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            // A newer message joined it, or a person took over: nothing was sent, nothing is owed.
            log.TurnCancelled(payload.TurnId);
        }
        catch (TurnGoneException)
        {
            log.TurnCancelled(payload.TurnId);
        }
        catch (Exception e) when (job.IsLastAttempt && e is not (LeaseLostException or OperationCanceledException))
        {
            await failure.TellAsync(job.TenantId, payload.TurnId, e.GetType().Name, ct);
            throw;
        }
    }

    private async Task RunAsync(JobContext job, TurnScheduler.Payload payload, CancellationToken ct)
    {
        var trace = new TurnTrace(time);
        if (await start.BeginAsync(job.TenantId, payload, job.Attempt, ct) is not { } begun)
        {
            return;
        }
        if (begun.Question is null)
        {
            await db.InTransactionAsync(job.TenantId, s => delivery.TellPlaceAsync(s, job, begun, trace), ct);
            return;
        }
        var prepared = await turn.PrepareAsync(begun.Question, trace, ct);
        if (begun.Question.UsesModels)
        {
            var live = new LiveText(db, delivery, begun, trace);
            prepared = await turn.WriteAsync(prepared, live, trace, ct);
            begun = live.Begun;
        }
        var streamed = await db.InTransactionAsync(job.TenantId, async s =>
        {
            await TurnDelivery.LockAsync(s, begun);
            var result = await AssistantTurn.ConcludeAsync(s, prepared, trace);
            if (result.Citations.Count > 0)
            {
                await delivery.SendDraftAsync(s, begun, result, trace);
                return result;
            }
            await delivery.FinishAsync(s, job, begun, result, trace);
            return null;
        }, ct);
        if (streamed is not null)
        {
            var questions = await next.OfAsync(prepared, streamed, ct);
            // From here on the text is with the customer: a message that comes now waits for its own turn.
            await db.InTransactionAsync(job.TenantId, async s =>
            {
                await TurnDelivery.LockAsync(s, begun);
                var result = await AssistantTurn.ConfirmAsync(s, prepared, streamed, trace);
                // What stands beside a quotation stands as long as it does.
                await delivery.FinishAsync(s, job, begun, ReferenceEquals(result, streamed) ? result.WithNext(questions) : result, trace, sent: streamed);
            }, ct);
        }
        log.TurnDone(payload.TurnId, prepared.Analysis.Intent.ToName(), trace.Elapsed.TotalMilliseconds);
    }
}

/// <summary>The turn is no longer this attempt's: it was joined, taken over or ended meanwhile.</summary>
internal sealed class TurnGoneException() : Exception("The turn is no longer this attempt's.");
