using Xunit;

namespace Parley.Tests.Integration;

public sealed class SmokeTests
{
    [Fact]
    public void Runs() => Assert.Equal(4, 2 + 2);
}
