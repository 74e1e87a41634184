using Parley.Testkit.Faults;
using Xunit;

namespace Parley.Tests.Integration.Faults;

/// <summary>The server is killed, and then its database, while a website with faults of its own is crawled. The whole of it: <c>./parley soak crawl</c>.</summary>
public sealed class CrawlFaultTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Documents_equal_the_site()
    {
        var random = FaultFixture.NewRandom(output);
        await using var fault = await CrawlFault.StartAsync(most: 12);
        output.WriteLine((await fault.RunAsync(random, kills: 1)).What);
        output.WriteLine((await fault.RunAsync(random, kills: 1, Outage.Kill)).What);
    }
}
