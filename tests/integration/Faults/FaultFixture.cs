using Parley.Testkit.Faults;
using Xunit;

namespace Parley.Tests.Integration.Faults;

/// <summary>One instance for the rounds of a class, which run one after another.</summary>
public sealed class FaultFixture : IAsyncLifetime
{
    public FaultInstance Instance { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Instance = await FaultInstance.StartAsync();

    public ValueTask DisposeAsync() => Instance.DisposeAsync();

    /// <summary>Another seed each time, printed, so that a failure can be repeated.</summary>
    internal static Random NewRandom(ITestOutputHelper output)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        return new Random(seed);
    }
}
