using Xunit;

namespace Parley.Tests.Architecture;

public sealed class SmokeTests
{
    [Fact]
    public void Runs() => Assert.Equal(4, 2 + 2);
}
