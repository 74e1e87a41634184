using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Parley.Platform.Telemetry;

namespace Parley.Assistant.Generation;

/// <summary>What one call came to.</summary>
/// <param name="Draft">What is left of the text.</param>
/// <param name="Tier">Who answered; where nobody did, who was wanted.</param>
internal sealed record Drafted(GroundedDraft Draft, ModelTier Tier)
{
    /// <summary>Null: nothing is left of it.</summary>
    public double? Confidence { get; init; }

    /// <summary>Text of it may be with the customer: it can only be ended, not replaced.</summary>
    public bool HasLeft { get; init; }

    /// <summary>Its greatest length was reached.</summary>
    public bool IsCut { get; init; }

    /// <summary>Why it did not come to its end.</summary>
    public Exception? Failure { get; init; }

    /// <summary>Dollars booked.</summary>
    public decimal Cost { get; init; }
}

/// <summary>One call to a model for an answer. A sentence leaves only when it is complete and cites; no transaction is open while the model writes.</summary>
internal sealed class AnswerCall : IAsyncDisposable
{
    /// <summary>No try at an account begins later: the sources' own words are at hand, and the customer waits.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A call that has not brought one sentence that may be kept by then is given up.</summary>
    internal static readonly TimeSpan FirstPiece = TimeSpan.FromSeconds(8);

    private static readonly Counter<long> Answers = ParleyTelemetry.Meter.CreateCounter<long>("parley.answers.written", "{answer}", "Answers that models wrote, by tier and how they ended (whole, truncated, broken, failed).");

    private readonly TimeProvider _time;
    private readonly PreparedTurn _turn;
    private readonly AnswerPrompt _prompt;
    private readonly ModelCall _call;
    private readonly IAsyncEnumerator<ChatResponseUpdate> _updates;
    private readonly CancellationTokenSource _patience;
    private readonly CancellationTokenSource _stop;
    private readonly DateTimeOffset _end;
    private readonly DraftPieces _pieces = new();
    private readonly GroundedDraft _draft;
    private readonly long _started;
    private IReadOnlyList<string> _dropped = [];
    private TimeSpan? _first;
    private bool _truncated;
    private bool _left;
    private Task<bool>? _next;

    /// <param name="models">The door to models.</param>
    /// <param name="time">The clock.</param>
    /// <param name="turn">Whose answer.</param>
    /// <param name="prompt">What the model is shown.</param>
    /// <param name="tier">Who is wanted.</param>
    /// <param name="atLeast">A cheaper tier has answered already; null: any will do that the budget allows.</param>
    /// <param name="reason">Why this tier.</param>
    /// <param name="end">Of the turn's patience: a call of which nothing has left by then is given up.</param>
    internal AnswerCall(ModelGateway models, TimeProvider time, PreparedTurn turn, AnswerPrompt prompt, ModelTier tier, ModelTier? atLeast, string reason, DateTimeOffset end)
    {
        (_time, _turn, _prompt, _draft, _started, _end) = (time, turn, prompt, new GroundedDraft(prompt.Passages, turn.Analysis.Language), time.GetTimestamp(), end);
        var now = time.GetUtcNow();
        _patience = new CancellationTokenSource(Least(FirstPiece, Left()), time);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(_patience.Token);
        _call = new ModelCall
        {
            Who = SpenderOf(turn.Question, ModelFeature.Answer), Seats = turn.Models.For(ModelFeature.Answer), Wanted = tier, AtLeast = atLeast,
            Extractive = turn.Composition!.Abstained is null, Deadline = now + Least(Patience, Left()),
        };
        _call.Decide("tier", reason);
        _updates = models.Chat.GetStreamingResponseAsync(prompt.Messages, _call.In(AnswerLimits.Options(tier, turn.Focus.Text, turn.Analysis.Type)), _stop.Token).GetAsyncEnumerator(_stop.Token);
    }

    internal static Spender SpenderOf(TurnQuestion question, string feature) => (question.Who ?? new Spender { TenantId = question.TenantId, Feature = feature }) with { Feature = feature };

    /// <param name="heeded">Is asked now and then whether the turn is still wanted.</param>
    /// <param name="streamed">Gets the text as it grows; null: the draft is held until it is judged.</param>
    /// <param name="ct">Ends the call.</param>
    internal async Task<Drafted> RunAsync(LiveText? heeded, LiveText? streamed, CancellationToken ct)
    {
        using var gone = ct.Register(_stop.Cancel);
        Exception? failure = null;
        try
        {
            await ReadAsync(heeded, streamed, ct);
        }
        catch (Exception e) when (e is ModelException or BudgetRefusedException)
        {
            failure = e;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw new OperationCanceledException(ct);
        }
        catch (OperationCanceledException) when (_patience.IsCancellationRequested)
        {
            failure = new ModelException(ModelFault.Timeout, _call.Seat?.Account.Provider ?? "no account", _call.Seat?.Info.Model ?? _call.Tier.ToName(), "Nothing that may be said came in time.");
        }
        Take(_pieces.End(broken: failure is not null || _truncated));
        // The provider's bill is in the call when its last layer has ended.
        await _updates.DisposeAsync();
        var kept = _draft.Kept > 0;
        double? confidence = kept ? ConfidenceOf() : null;
        Answers.Add(1, new("tier", _call.Tier.ToName()), new("end", failure is null ? (_truncated ? "truncated" : "whole") : _left ? "broken" : "failed"));
        return new Drafted(_draft, _call.Seat?.Tier ?? _call.Tier)
        {
            Confidence = confidence, HasLeft = _left && kept, IsCut = _truncated, Failure = failure, Cost = await _call.BookedAsync(),
        };
    }

    /// <summary>What is written down of it; it is told to the call as well.</summary>
    internal AnswerAttempt Report(Drafted draft, string reason, DraftVerdict verdict, string because)
    {
        var took = _time.GetElapsedTime(_started);
        var name = draft.Failure switch { BudgetRefusedException => "refused", ModelException when verdict != DraftVerdict.Accept => "failed", _ => verdict switch { DraftVerdict.Accept => "accept", DraftVerdict.Escalate => "escalate", _ => "give_up" } };
        if (draft.Failure is null)
        {
            _call.Decide("draft", because, took, draft.Confidence);
        }
        if (verdict == DraftVerdict.Escalate)
        {
            _call.Decide("escalate", because, confidence: draft.Confidence);
        }
        return new AnswerAttempt
        {
            Tier = draft.Tier.ToName(), Reason = reason, Provider = _call.Seat?.Account.Provider, Model = _call.Seat?.Info.Model, Verdict = name, Because = because,
            Confidence = draft.Confidence is { } c ? Math.Round(c, 3) : null, Pieces = _draft.Pieces, Kept = _draft.Kept, Truncated = _truncated,
            InputTokens = _call.Usage is { } u ? u.InputTokens + u.CachedReadTokens + u.CacheWriteTokens : null, CachedTokens = _call.Usage?.CachedReadTokens, OutputTokens = _call.Usage?.OutputTokens,
            Cost = _call.Cost ?? (draft.Cost > 0 ? draft.Cost : null), LatencyMs = Math.Round(took.TotalMilliseconds, 1), FirstSentenceMs = _first is { } f ? Math.Round(f.TotalMilliseconds, 1) : null,
            Dropped = _dropped.Count > 0 ? _dropped : null,
            OnTheWay = OnTheWay() is { Count: > 0 } way ? way : null,
        };
    }

    private List<string> OnTheWay() =>
        [.. _call.Decisions.Where(d => d.Step is "failover" or "retry" or "circuit" or "rate_limit" || (d.Step == "budget" && d.Reason != "within_budget")).Select(d => $"{d.Step} {d.Reason}")];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_next is not null)
        {
            // An enumerator that is under way must not be disposed of.
            await ((Task)_next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await _updates.DisposeAsync();
        await _call.BookedAsync();
        _stop.Dispose();
        _patience.Dispose();
    }

    private async Task ReadAsync(LiveText? heeded, LiveText? streamed, CancellationToken ct)
    {
        var (pending, sent, looked) = (false, _started, _started);
        while (true)
        {
            _next ??= _updates.MoveNextAsync().AsTask();
            // By time and not by silence: a model that writes without a pause is looked after like one that thinks.
            if (heeded is not null && await IsDueAsync(pending ? LiveText.Pace - _time.GetElapsedTime(sent) : LiveText.Heed - _time.GetElapsedTime(looked), _next, ct))
            {
                await (pending ? SendAsync(streamed!, ct) : heeded.HeedAsync(ct));
                // Who sends has looked.
                (pending, sent, looked) = (false, pending ? _time.GetTimestamp() : sent, _time.GetTimestamp());
                continue;
            }
            var more = await _next;
            _next = null;
            if (!more)
            {
                return;
            }
            pending |= Read(_updates.Current) && streamed is not null;
        }
    }

    /// <summary>False: the model has written more before that.</summary>
    private async Task<bool> IsDueAsync(TimeSpan left, Task next, CancellationToken ct)
    {
        if (left <= TimeSpan.Zero || next.IsCompleted)
        {
            return left <= TimeSpan.Zero;
        }
        var wait = Task.Delay(left, _time, ct);
        if (await Task.WhenAny(next, wait) != wait)
        {
            return false;
        }
        await wait;
        return true;
    }

    private async Task SendAsync(LiveText streamed, CancellationToken ct)
    {
        if (await streamed.SendAsync(SoFar(), ct))
        {
            _left = true;
            _patience.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    private TimeSpan Left() => _end - _time.GetUtcNow() is { Ticks: > 0 } left ? left : TimeSpan.FromMilliseconds(1);

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>True: a piece more is kept.</summary>
    private bool Read(ChatResponseUpdate update)
    {
        _dropped = DroppedParameters.Of(update) is { Count: > 0 } dropped ? dropped : _dropped;
        _truncated |= update.FinishReason == ChatFinishReason.Length;
        return update.Text.Length > 0 && Take(_pieces.Push(update.Text));
    }

    private bool Take(IReadOnlyList<Piece> pieces)
    {
        var kept = false;
        foreach (var piece in pieces)
        {
            kept |= _draft.Add(piece);
        }
        if (kept && _first is null)
        {
            _first = _time.GetElapsedTime(_started);
            _patience.CancelAfter(Left());
        }
        return kept;
    }

    private PreparedTurn SoFar() => _turn with { Composition = _draft.Answer(_turn.Composition!), Written = _turn.Written with { Tier = (_call.Seat?.Tier ?? _call.Tier).ToName() } };

    private double ConfidenceOf() =>
        DraftConfidence.Of(DraftConfidence.Signals(_draft, _turn.Composition!, _turn.Retrieval!, _prompt.Passages, _turn.Analysis.Language, _truncated));
}
