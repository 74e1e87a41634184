using Parley.Testkit;
using Parley.Testkit.Faults;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Testkit;

public sealed class SoakRunTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly List<(int Number, int Draw)> _rounds = [];

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_run_that_was_stopped_goes_on_after_its_last_round_with_the_moments_it_would_have_drawn()
    {
        using var stop = new CancellationTokenSource();
        var first = Open();
        await first.RunAsync((number, random) =>
        {
            if (number == 2) stop.Cancel();
            return HoldAsync(number, random);
        }, TimeSpan.FromHours(1), new Silent(), stop.Token);
        first.Verdict().ShouldBe("turns: 2 of 4 rounds held, the others are to come: run it again");

        var second = Open(seed: 99);
        await RunAsync(second, HoldAsync);
        second.Verdict().ShouldBe("turns: 4 of 4 rounds held");
        _rounds.Select(r => r.Number).ShouldBe([1, 2, 3, 4]);
        var whole = _rounds.ToList();
        _rounds.Clear();
        await RunAsync(Open(restart: true), HoldAsync);
        _rounds.ShouldBe(whole);
    }

    [Fact]
    public async Task A_round_that_fails_is_kept_and_the_others_run()
    {
        var run = Open();
        await RunAsync(run, (number, random) => number == 2 ? throw new InvalidOperationException("lost") : HoldAsync(number, random));
        run.Verdict().ShouldStartWith("turns: FAILED, 1 of 4 rounds; see ");
        Open().State.Rounds[1].What.ShouldContain("lost");
        Open().Figures()["messages"].ShouldBe((1 + 3 + 4, 4));
    }

    [Fact]
    public async Task No_round_begins_when_time_is_over_or_all_are_done()
    {
        await Open().RunAsync(HoldAsync, TimeSpan.Zero, new Silent(), default);
        _rounds.ShouldBeEmpty();
        await RunAsync(Open(), HoldAsync);
        await RunAsync(Open(), HoldAsync);
        _rounds.Count.ShouldBe(4);
    }

    private SoakRun Open(int seed = 7, bool restart = false) => SoakRun.Open(Path.Combine(_scratch.Path, "soak", "turns.json"), "turns", 4, seed, restart);

    private static Task RunAsync(SoakRun run, Func<int, Random, Task<FaultRound>> round) => run.RunAsync(round, TimeSpan.FromHours(1), new Silent(), default);

    private Task<FaultRound> HoldAsync(int number, Random random)
    {
        _rounds.Add((number, random.Next()));
        return Task.FromResult(FaultRound.Of($"held", ("messages", number)));
    }

    private sealed class Silent : IProgress<string>
    {
        public void Report(string value)
        {
        }
    }
}
