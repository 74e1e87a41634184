using Parley.Platform.Postgres;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Host;

public sealed class PostmasterFileTests
{
    private static readonly string[] Whole = ["4711", "/data/postgres", "1700000000", "40123", "", "127.0.0.1", "  1 2", "ready   "];

    [Fact]
    public void Reads_a_ready_server() => PostmasterFile.Parse(Whole).ShouldBe(new PostmasterFile(4711, 40123, "127.0.0.1", Ready: true));

    [Fact]
    public void A_file_still_being_written_is_not_ready() => PostmasterFile.Parse(Whole[..5]).ShouldBe(new PostmasterFile(4711, 40123, "", Ready: false));

    [Theory]
    [InlineData("starting")]
    [InlineData("stopping")]
    public void Other_states_are_not_ready(string state) => PostmasterFile.Parse([.. Whole[..7], state])!.Ready.ShouldBeFalse();

    [Fact]
    public void Nothing_is_read_from_an_empty_or_foreign_file()
    {
        PostmasterFile.Parse([]).ShouldBeNull();
        PostmasterFile.Parse(["hello"]).ShouldBeNull();
        PostmasterFile.Parse(["-1"]).ShouldBeNull();
    }

    [Fact]
    public void Our_own_process_is_no_server() => new PostmasterFile(Environment.ProcessId, 5432, "", Ready: true).IsAlive().ShouldBeFalse();
}
