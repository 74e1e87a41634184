using Parley.Testkit.Faults;
using Xunit;

namespace Parley.Tests.Integration.Faults;

/// <summary>The database goes away under load and comes back. The whole of it: <c>./parley soak database</c>.</summary>
public sealed class DatabaseFaultTests(FaultFixture fixture, ITestOutputHelper output) : IClassFixture<FaultFixture>
{
    [Theory]
    [InlineData(Outage.Stop)]
    [InlineData(Outage.Kill)]
    [InlineData(Outage.Freeze)]
    public async Task The_server_says_so_loses_nothing_and_goes_on(Outage outage) =>
        output.WriteLine((await DatabaseFault.RunAsync(fixture.Instance, FaultFixture.NewRandom(output), customers: 4, outage)).What);
}
