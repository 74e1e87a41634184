using Parley.Testkit;
using Parley.Testkit.Faults;
using Xunit;

namespace Parley.Tests.Integration.Faults;

/// <summary>The disk of the files runs full. That of the database too, again and again: <c>./parley soak disk</c>.</summary>
public sealed class DiskFaultTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Nothing_confirmed_is_lost_no_half_file_is_left_and_it_goes_on_by_itself()
    {
        Assert.SkipWhen(SmallDisk.Problem is not null, SmallDisk.Problem ?? "");
        var random = FaultFixture.NewRandom(output);
        await using var site = await WebsiteDouble.StartAsync();
        await using var instance = await DiskFault.StartAsync(site);
        output.WriteLine((await DiskFault.FilesAsync(instance, site, random)).What);
    }
}
