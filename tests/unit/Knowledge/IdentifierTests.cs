using Parley.Knowledge.Analysis;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge;

public sealed class IdentifierTests
{
    [Theory]
    [InlineData("Set RAILWAY_PUBLIC_DOMAIN, then restart.", "RAILWAY_PUBLIC_DOMAIN")]
    [InlineData("ERR-1042 in v2.10.3? See docker-compose.yml.", "ERR-1042|v2.10.3|docker-compose.yml")]
    [InlineData("A follow-up on single sign-on and the T-cell.", "")]
    [InlineData("It ends. Then it starts, e.g. at 10:30, or and/or.", "e.g|10:30")]
    [InlineData("a_b_c_d_e_f_g_h_i_j", "")]
    [InlineData("数据_库 x_y", "x_y")]
    [InlineData("", "")]
    public void Names_are_words_that_a_sign_joins(string text, string names) =>
        string.Join('|', Identifier.In(text).Select(i => text[i.Start..i.End])).ShouldBe(names);

    [Fact]
    public void Case_and_joining_sign_do_not_matter_and_the_words_do() =>
        new[] { "Max_Pool_Size", "max-pool_size", "MAX.POOL.SIZE", "MAX_POOL" }.Select(t => Identifier.In(t).Single().Key).Distinct().Count().ShouldBe(2);
}
