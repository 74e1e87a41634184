namespace Parley.Host.Instance;

/// <summary>Whether the instance may be sent requests: not while its first start still makes the demo tenant.</summary>
internal sealed class Readiness
{
    private volatile bool _held;

    internal bool IsReady => !_held;

    internal void Hold() => _held = true;

    internal void Release() => _held = false;
}
