namespace Parley.Inference.Contracts;

/// <summary>
/// Dollars booked so far for one thing that asks models several times, perhaps at once: the sum of its rows in <c>usage</c>. Whatever is booked counts, also calls that
/// failed or that nobody waited for.
/// </summary>
public sealed class Tally
{
    private readonly Lock _lock = new();
    private decimal _booked;

    /// <summary>So far.</summary>
    public decimal Booked
    {
        get
        {
            lock (_lock)
            {
                return _booked;
            }
        }
    }

    internal void Add(decimal booked)
    {
        lock (_lock)
        {
            _booked += booked;
        }
    }
}
