using Parley.Testkit.Faults;
using Xunit;

namespace Parley.Tests.Integration.Faults;

/// <summary>The server is killed at random moments of imports. The whole of it: <c>./parley soak import</c>.</summary>
public sealed class ImportFaultTests(FaultFixture fixture, ITestOutputHelper output) : IClassFixture<FaultFixture>
{
    [Fact]
    public async Task Every_document_is_there_once()
    {
        var random = FaultFixture.NewRandom(output);
        var fault = await ImportFault.PrepareAsync(fixture.Instance, FaultCorpus.Made(150, random.Next()));
        for (var kills = 1; kills <= 2; kills++) output.WriteLine((await fault.RunAsync(random, kills)).What);
    }
}
