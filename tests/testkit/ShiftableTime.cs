namespace Parley.Testkit;

/// <summary>The real clock plus an offset that a test moves forward: business time jumps, timers and leases stay real. For integration tests.</summary>
public sealed class ShiftableTime : TimeProvider
{
    private long _offset;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _offset));

    public void Advance(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);
}
