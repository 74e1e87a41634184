using System.Diagnostics;
using Shouldly;

namespace Parley.Testkit.Faults;

/// <summary>How the server ends.</summary>
public enum Ending
{
    /// <summary>kill -9.</summary>
    Kill,

    /// <summary>SIGTERM to the process, as a service manager does it: what runs is finished.</summary>
    Terminate,

    /// <summary>SIGINT to the process group, as a terminal does it: the database must outlive the drain.</summary>
    Interrupt,
}

/// <summary>
/// Customers ask without pause while the server ends at a random moment and is started again. Each message that was answered 202 must get
/// one answer and one <c>done</c>.
/// </summary>
public static class TurnFault
{
    /// <summary>Questions that Parley's own guides answer.</summary>
    public static IReadOnlyList<string> Questions { get; } =
    [
        "How do I restore a backup?", "How do I back up Parley with my own PostgreSQL?", "Does the widget slow my page down?", "How do I make an API key?",
        "How do I measure the search?", "Which languages are understood?", "How do I revoke an API key?", "What does a data set look like?",
    ];

    private const string CutSql = "select id from turns where started_at < @signalled and finished_at > @ended";

    /// <summary>One round; returns what happened in one line.</summary>
    public static async Task<FaultRound> RunAsync(FaultInstance instance, Random random, int customers, Ending ending = Ending.Kill)
    {
        var people = new List<FaultCustomer>();
        try
        {
            for (var i = 0; i < customers; i++) people.Add(await FaultCustomer.StartAsync(instance));
            // The first answers of a process are slow: the moment is to fall among quick ones.
            await Task.WhenAll(people.Select(c => c.AskAsync(Questions[0])));
            using var enough = new CancellationTokenSource();
            var asking = people.Select((c, i) => AskAsync(c, new Random(random.Next() + i), enough.Token)).ToList();
            var after = random.Next(0, 600);
            await Task.Delay(after);
            var away = Stopwatch.StartNew();
            var signalled = TimeProvider.System.GetUtcNow();
            await EndAsync(instance, ending);
            var ended = TimeProvider.System.GetUtcNow();
            await instance.UpAsync();
            var back = away.Elapsed;
            await Task.Delay(300);
            await enough.CancelAsync();
            await Task.WhenAll(asking);
            foreach (var customer in people) await customer.ShouldBeExactAsync(instance);
            await instance.ShouldComeToRestAsync();
            if (ending != Ending.Kill) (await instance.QueryAsync<Guid>(CutSql, new { signalled, ended })).ShouldBeEmpty("a turn that runs when the server is told to stop is finished first");
            var messages = people.Sum(c => c.Said.Count);
            return FaultRound.Of($"{ending} after {after} ms, back after {back.TotalSeconds:0.0} s, {messages} messages answered once", ("messages", messages), ("backSeconds", back.TotalSeconds));
        }
        finally
        {
            foreach (var customer in people) await customer.DisposeAsync();
        }
    }

    internal static async Task AskAsync(FaultCustomer customer, Random random, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await customer.AskAsync(Questions[random.Next(Questions.Count)]);
        }
    }

    private static async Task EndAsync(FaultInstance instance, Ending ending)
    {
        if (ending == Ending.Kill)
        {
            await instance.Process.KillAsync();
            return;
        }
        var code = ending == Ending.Terminate ? await instance.Process.StopAsync() : await instance.Process.InterruptAsync();
        code.ShouldBe(0, instance.Tail());
        instance.Process.Output.ShouldNotContain("fail: ");
    }
}
