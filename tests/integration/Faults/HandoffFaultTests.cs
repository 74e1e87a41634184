using Parley.Testkit.Faults;
using Xunit;

namespace Parley.Tests.Integration.Faults;

/// <summary>The server is killed at random moments of handoffs. The whole of it: <c>./parley soak handoff</c>.</summary>
public sealed class HandoffFaultTests(FaultFixture fixture, ITestOutputHelper output) : IClassFixture<FaultFixture>
{
    [Fact]
    public async Task Every_transition_is_there_once()
    {
        var random = FaultFixture.NewRandom(output);
        for (var round = 0; round < 2; round++) output.WriteLine((await HandoffFault.RunAsync(fixture.Instance, random, conversations: 4)).What);
    }
}
