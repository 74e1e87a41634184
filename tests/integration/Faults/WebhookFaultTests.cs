using Parley.Testkit.Faults;
using Xunit;

namespace Parley.Tests.Integration.Faults;

/// <summary>The server is killed while it tells a program what happens. The whole of it: <c>./parley soak webhook</c>.</summary>
public sealed class WebhookFaultTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_event_arrives_and_only_what_was_on_its_way_twice()
    {
        var random = FaultFixture.NewRandom(output);
        await using var fault = await WebhookFault.StartAsync();
        for (var round = 0; round < 2; round++) output.WriteLine((await fault.RunAsync(random, conversations: 3)).What);
    }
}
