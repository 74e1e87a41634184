using Parley.Platform.Data;

namespace Parley.Assistant;

/// <summary>An answer's text on its way to the customer while it is written. Each sending is a short transaction of its own, under the conversation's lock.</summary>
internal sealed class LiveText(TenantDb db, TurnDelivery delivery, BegunTurn begun, TurnTrace trace)
{
    /// <summary>Sentences that are complete within so much time leave together.</summary>
    internal static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    /// <summary>How often a turn that sends nothing looks, also while the model writes, whether it is still wanted: a message or a person may have come on another node.</summary>
    internal static readonly TimeSpan Heed = TimeSpan.FromSeconds(1);

    /// <summary>The turn with what has been sent.</summary>
    internal BegunTurn Begun { get; private set; } = begun;

    /// <summary>Sends what is new, of it only what the sources still say now. Throws <see cref="TurnGoneException"/> where the assistant may no longer speak.</summary>
    /// <returns>False: nothing of it may be said, nothing has left.</returns>
    internal async Task<bool> SendAsync(PreparedTurn turn, CancellationToken ct)
    {
        var sent = await db.InTransactionAsync(turn.Question.TenantId, async s =>
        {
            await TurnDelivery.LockAsync(s, Begun);
            var result = await AssistantTurn.SoFarAsync(s, turn);
            if (result.Text.Length == 0 && Begun.Row.Draft.Length == 0)
            {
                return null;
            }
            await delivery.SendDraftAsync(s, Begun, result, trace);
            return result;
        }, ct);
        Begun = sent is null ? Begun : Begun.With(sent);
        return sent is not null;
    }

    /// <summary>Throws <see cref="TurnGoneException"/> where the turn is no longer this attempt's.</summary>
    internal async Task HeedAsync(CancellationToken ct)
    {
        if (!await db.InTransactionAsync(Begun.TenantId, s => TurnStore.IsMineAsync(s, Begun.Row.Id, Begun.Attempt), ct))
        {
            throw new TurnGoneException();
        }
    }
}
