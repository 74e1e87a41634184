using Parley.Inference.Contracts;

namespace Parley.Inference.Providers;

/// <summary>The clocks of one call, and what it means when something ends it.</summary>
internal sealed class CallWatch : IDisposable
{
    private static readonly TimeSpan MostHandOver = TimeSpan.FromMilliseconds(250);

    private readonly ModelEndpoint _at;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _whole;
    private readonly CancellationTokenSource _step;
    private readonly CancellationTokenSource _either;
    private bool _writing;

    private CallWatch(ModelEndpoint at, TimeSpan firstStep, CancellationToken caller)
    {
        (_at, _caller) = (at, caller);
        _whole = new CancellationTokenSource(at.Timeouts.Whole, at.Time);
        _step = new CancellationTokenSource(firstStep, at.Time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(caller, _whole.Token, _step.Token);
    }

    internal CancellationToken Token => _either.Token;

    /// <summary>For an answer that comes in one piece.</summary>
    internal static CallWatch Whole(ModelEndpoint at, CancellationToken caller) => new(at, Timeout.InfiniteTimeSpan, caller);

    /// <summary>For an answer that comes in pieces.</summary>
    internal static CallWatch Stream(ModelEndpoint at, CancellationToken caller) => new(at, at.Timeouts.FirstToken - HandOver(at.Timeouts.FirstToken), caller);

    /// <summary>What it takes to end one call and ask another account belongs to the time-out: whoever fails over has lost no more than that.</summary>
    private static TimeSpan HandOver(TimeSpan firstToken) => firstToken / 20 is var part && part < MostHandOver ? part : MostHandOver;

    /// <summary>A piece came: until the consumer asks for the next, no clock but the whole's runs.</summary>
    internal void Came(bool writing)
    {
        _writing |= writing;
        if (_writing)
        {
            _step.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The consumer asks for the next piece.</summary>
    internal void Waiting()
    {
        if (_writing)
        {
            _step.CancelAfter(_at.Timeouts.BetweenTokens);
        }
    }

    /// <summary>A mistake of ours in making the request is a bug, not the provider's fault.</summary>
    internal static bool IsOurs(Exception e) => e is NotSupportedException or ArgumentNullException || e.GetType() == typeof(ArgumentException);

    /// <summary>Rethrows when the caller gave up; otherwise what the exception means.</summary>
    internal ModelException Translate(Exception e, bool output)
    {
        _caller.ThrowIfCancellationRequested();
        var meaning = _whole.IsCancellationRequested ? _at.Fault(ModelFault.Timeout, $"The whole answer took longer than {_at.Timeouts.Whole.TotalSeconds:0.##} s.")
            : _step.IsCancellationRequested && _writing ? _at.Fault(ModelFault.Stalled, $"The answer stood still for {_at.Timeouts.BetweenTokens.TotalSeconds:0.##} s.")
            : _step.IsCancellationRequested ? _at.Fault(ModelFault.Timeout, $"No first token within {_at.Timeouts.FirstToken.TotalSeconds:0.##} s.")
            : ExceptionFault.Of(e, _at);
        return meaning.After(output);
    }

    public void Dispose()
    {
        _either.Dispose();
        _step.Dispose();
        _whole.Dispose();
    }
}
