using Parley.Testkit.Faults;
using Xunit;

namespace Parley.Tests.Integration.Faults;

/// <summary>Documents are deleted while customers of two nodes ask about them. The whole of it: <c>./parley soak delete</c>.</summary>
public sealed class DeleteFaultTests(FaultFixture fixture, ITestOutputHelper output) : IClassFixture<FaultFixture>
{
    [Fact]
    public async Task What_is_deleted_is_never_quoted_again()
    {
        await using var fault = await DeleteFault.PrepareAsync(fixture.Instance);
        output.WriteLine((await fault.RunAsync(FaultFixture.NewRandom(output), deletes: 20)).What);
    }
}
