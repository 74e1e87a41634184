using System.Collections.Concurrent;
using Parley.Inference.Contracts;

namespace Parley.Inference.Pipeline;

/// <summary>
/// Whether a model of an account is worth asking. After five failures in a row it rests, then one call at a time tries it: that one's success closes it, its failure
/// doubles the rest. A provider that says how long it wants to be left alone is left alone, but no longer than the longest rest: then one asks again.
/// </summary>
internal sealed class Circuit(TimeProvider time)
{
    internal const int Failures = 5;

    internal static readonly TimeSpan Rest = TimeSpan.FromSeconds(15);
    internal static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private int _failures;
    private int _rests;
    private bool _open;
    private bool _probing;
    private DateTimeOffset _until;

    /// <summary>How long nobody should ask; zero: one may.</summary>
    internal TimeSpan Resting
    {
        get
        {
            lock (_lock)
            {
                var left = _until - time.GetUtcNow();
                return left > TimeSpan.Zero ? left : _open && _probing ? TimeSpan.FromSeconds(1) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>False: ask another. True: <see cref="Succeeded"/>, <see cref="Failed"/> or <see cref="Left"/> must follow.</summary>
    internal bool TryEnter()
    {
        lock (_lock)
        {
            if (_until > time.GetUtcNow() || (_open && _probing))
            {
                return false;
            }
            _probing = _open;
            return true;
        }
    }

    internal void Succeeded()
    {
        lock (_lock)
        {
            (_failures, _rests, _open, _probing, _until) = (0, 0, false, false, default);
        }
    }

    /// <summary>Nobody knows: the caller gave up.</summary>
    internal void Left()
    {
        lock (_lock)
        {
            _probing = false;
        }
    }

    internal void Failed(ModelException e)
    {
        lock (_lock)
        {
            var probed = _probing;
            _probing = false;
            if (e.Ours)
            {
                return; // the provider was not asked
            }
            if (e.Fault == ModelFault.RateLimited)
            {
                var until = time.GetUtcNow() + (e.RetryAfter is not { } wanted ? TimeSpan.Zero : wanted < LongestRest ? wanted : LongestRest);
                _until = until > _until ? until : _until;
                return;
            }
            if (!SaysSomethingOfTheAccount(e.Fault))
            {
                (_failures, _open) = (0, false); // it answered
                return;
            }
            if (++_failures >= Failures || probed || e.Fault == ModelFault.Unauthorized)
            {
                var rest = Rest * Math.Pow(2, Math.Min(_rests++, 10));
                (_open, _until) = (true, time.GetUtcNow() + (rest < LongestRest ? rest : LongestRest));
            }
        }
    }

    private static bool SaysSomethingOfTheAccount(ModelFault fault) => fault is ModelFault.Unauthorized or ModelFault.Overloaded or ModelFault.ServerError
        or ModelFault.Unreachable or ModelFault.Timeout or ModelFault.Stalled or ModelFault.Cut or ModelFault.Malformed;
}

/// <summary>
/// The circuits of this node, one for each model of each account: a model that an account may not ask, or whose minute is used up, says nothing of the account's others.
/// </summary>
internal sealed class Circuits(TimeProvider time)
{
    /// <summary>Tenants name models as they like, also of an account that is shared.</summary>
    private const int MostCircuits = 10_000;

    private readonly ConcurrentDictionary<(Guid Account, string Model), Circuit> _circuits = new();

    internal Circuit Of(ModelSeat seat)
    {
        if (_circuits.Count >= MostCircuits)
        {
            _circuits.Clear();
        }
        return _circuits.GetOrAdd((seat.Account.Id, seat.Info.Model), _ => new Circuit(time));
    }
}
