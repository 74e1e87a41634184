using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;

namespace Parley.Inference.Pipeline;

/// <summary>Asks the accounts of the tier one after another until one begins to answer; from then on nobody else may.</summary>
internal sealed class FailoverChat(IChatClient inner, Circuits circuits, TimeProvider time) : CallLayer(inner)
{
    protected override async IAsyncEnumerable<ChatResponseUpdate> RunAsync(ModelCall call, IReadOnlyList<ChatMessage> messages, ChatOptions options, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var attempt = await BeginAsync(call, messages, options, ct);
        while (await NextAsync(call, attempt))
        {
            yield return attempt.Current;
        }
    }

    private async Task<Attempt> BeginAsync(ModelCall call, IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken ct)
    {
        var seats = call.Seats.Where(seat => seat.Tier == call.Tier).ToList();
        ModelException? last = null;
        for (var i = 0; i < seats.Count; i++)
        {
            var circuit = circuits.Of(seats[i]);
            call.Seat = seats[i];
            if (!circuit.TryEnter())
            {
                call.Decide("circuit", "resting", circuit.Resting);
                continue;
            }
            call.OthersLeft = seats.Skip(i + 1).Any(seat => circuits.Of(seat).Resting == TimeSpan.Zero);
            var (attempt, fault) = await TryAsync(circuit, new Attempt(InnerAsync(messages, options, ct), ct));
            if (attempt is not null)
            {
                return attempt;
            }
            last = fault;
            if (!last!.MayFailOver || call.Deadline <= time.GetUtcNow() || i == seats.Count - 1 || (last.MayBeBilled && !await call.AgainAsync(ct)))
            {
                throw last;
            }
            call.Decide("failover", last.Fault.ToString());
        }
        throw last ?? Resting(call, seats);
    }

    private static async Task<(Attempt? Attempt, ModelException? Fault)> TryAsync(Circuit circuit, Attempt attempt)
    {
        try
        {
            await attempt.BeginAsync();
            circuit.Succeeded();
            return (attempt, null);
        }
        catch (ModelException e)
        {
            circuit.Failed(e);
            await attempt.DisposeAsync();
            return (null, e);
        }
        catch
        {
            circuit.Left();
            await attempt.DisposeAsync();
            throw;
        }
    }

    private async ValueTask<bool> NextAsync(ModelCall call, Attempt attempt)
    {
        try
        {
            return await attempt.NextAsync();
        }
        catch (ModelException e)
        {
            circuits.Of(call.Seat!).Failed(e);
            throw;
        }
    }

    private ModelException Resting(ModelCall call, List<ModelSeat> seats) => new(ModelFault.Overloaded, call.Seat?.Account.Provider ?? "no account", call.Seat?.Info.Model ?? $"{call.Tier}",
        "All accounts of this tier failed a moment ago and are left alone for a while.")
    {
        RetryAfter = seats.Count > 0 ? seats.Min(seat => circuits.Of(seat).Resting) : null,
    };
}
