using Parley.Testkit.Faults;
using Xunit;

namespace Parley.Tests.Integration.Faults;

/// <summary>The server is killed at random moments of imports. The whole of it: <c>./parley soak import-kills</c> and <c>import</c>.</summary>
public sealed class ImportFaultTests(FaultFixture fixture, ITestOutputHelper output) : IClassFixture<FaultFixture>
{
    [Fact]
    public async Task Every_document_is_there_once()
    {
        var random = FaultFixture.NewRandom(output);
        var fault = await ImportFault.PrepareAsync(fixture.Instance, FaultCorpus.Made(200, random.Next()));
        output.WriteLine((await fault.RunManyAsync(random, kills: 3)).What);
    }
}
