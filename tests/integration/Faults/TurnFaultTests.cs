using Parley.Testkit.Faults;
using Xunit;

namespace Parley.Tests.Integration.Faults;

/// <summary>The server ends at random moments while customers are being answered. The whole of it: <c>./parley soak turns</c>.</summary>
public sealed class TurnFaultTests(FaultFixture fixture, ITestOutputHelper output) : IClassFixture<FaultFixture>
{
    [Theory]
    [InlineData(Ending.Kill)]
    [InlineData(Ending.Terminate)]
    [InlineData(Ending.Interrupt)]
    public async Task Every_accepted_message_gets_one_answer(Ending ending) =>
        output.WriteLine((await TurnFault.RunAsync(fixture.Instance, FaultFixture.NewRandom(output), customers: 4, ending)).What);
}
