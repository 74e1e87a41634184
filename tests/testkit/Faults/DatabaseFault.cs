using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Parley.Platform.Postgres;
using Shouldly;

namespace Parley.Testkit.Faults;

/// <summary>What happens to the database.</summary>
public enum Outage
{
    /// <summary><c>pg_ctl stop -m immediate</c>: all sessions end, the next start recovers.</summary>
    Stop,

    /// <summary>SIGKILL to the postmaster.</summary>
    Kill,

    /// <summary>SIGSTOP to all its processes for a few seconds, then SIGCONT: it neither answers nor refuses.</summary>
    Freeze,
}

/// <summary>
/// The database goes away under load and comes back, and the server is not touched. Meanwhile every request gets its answer or 503 with
/// problem details; afterwards nothing that was acknowledged is missing, turns and imports go on, and nobody restarted anything.
/// </summary>
public static class DatabaseFault
{
    public static async Task<FaultRound> RunAsync(FaultInstance instance, Random random, int customers, Outage outage)
    {
        var process = instance.Process.Id;
        var people = new List<FaultCustomer>();
        try
        {
            for (var i = 0; i < customers; i++) people.Add(await FaultCustomer.StartAsync(instance));
            await Task.WhenAll(people.Select(c => c.AskAsync(TurnFault.Questions[0])));
            using var enough = new CancellationTokenSource();
            var asking = people.Select((c, i) => TurnFault.AskAsync(c, new Random(random.Next() + i), enough.Token)).ToList();
            var probing = ProbeAsync(instance, enough.Token);
            var import = ImportFault.ImportOnceAsync(instance, FaultCorpus.Made(60, random.Next()));
            var after = random.Next(0, 600);
            await Task.Delay(after);
            await InflictAsync(instance.Data, outage, TimeSpan.FromSeconds(3));
            var away = await UntilReadyAsync(instance);
            await Task.Delay(300);
            await enough.CancelAsync();
            await Task.WhenAll(asking);
            var statuses = await probing;
            (await import).ShouldBe(60);
            foreach (var customer in people) await customer.ShouldBeExactAsync(instance);
            await instance.ShouldComeToRestAsync();
            instance.Process.Id.ShouldBe(process);
            var (messages, ok, later) = (people.Sum(c => c.Said.Count), statuses.GetValueOrDefault(HttpStatusCode.OK), statuses.GetValueOrDefault(HttpStatusCode.ServiceUnavailable));
            return FaultRound.Of($"{outage} after {after} ms, ready again after {away.TotalSeconds:0.0} s, {messages} messages answered once, {ok} reads answered, {later} told 503",
                ("messages", messages), ("readySeconds", away.TotalSeconds), ("reads", ok), ("told503", later));
        }
        finally
        {
            foreach (var customer in people) await customer.DisposeAsync();
        }
    }

    internal static async Task InflictAsync(string data, Outage outage, TimeSpan freeze)
    {
        var cluster = Path.Combine(data, "postgres");
        var postmaster = PostmasterFile.Read(cluster)!.Pid;
        switch (outage)
        {
            case Outage.Stop:
                await SignalAsync("QUIT", [postmaster]); // what pg_ctl stop -m immediate sends
                break;
            case Outage.Kill:
                await SignalAsync("KILL", [postmaster]);
                break;
            case Outage.Freeze:
                var all = Children(postmaster);
                await SignalAsync("STOP", all);
                try
                {
                    await Task.Delay(freeze);
                }
                finally
                {
                    await SignalAsync("CONT", all);
                }
                break;
        }
    }

    /// <summary>Reads as an agent's console does, again and again.</summary>
    private static async Task<IReadOnlyDictionary<HttpStatusCode, int>> ProbeAsync(FaultInstance instance, CancellationToken enough)
    {
        var statuses = new ConcurrentDictionary<HttpStatusCode, int>();
        while (!enough.IsCancellationRequested)
        {
            foreach (var path in (string[])["/v1/conversations", "/v1/knowledge/sources", "/v1/widgets", "/v1/handoffs"])
            {
                using var response = await instance.SendAsync(HttpMethod.Get, path);
                response.StatusCode.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable);
                if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                {
                    response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
                    response.Headers.RetryAfter.ShouldNotBeNull();
                }
                statuses.AddOrUpdate(response.StatusCode, 1, (_, n) => n + 1);
            }
            await Task.Delay(10, CancellationToken.None);
        }
        return statuses;
    }

    private static async Task<TimeSpan> UntilReadyAsync(FaultInstance instance)
    {
        var away = Stopwatch.StartNew();
        using var client = ParleyHost.NewClient(instance.Address);
        await Patience.EventuallyAsync(async () =>
        {
            // Readiness is asked of the database at most every two seconds: what answers from it is sure.
            using var ready = await client.GetAsync("/health/ready");
            using var read = await instance.SendAsync(HttpMethod.Get, "/v1/conversations");
            return ready.IsSuccessStatusCode && read.IsSuccessStatusCode;
        }, "the server does not recover");
        return away.Elapsed;
    }

    private static List<int> Children(int postmaster) =>
        [postmaster, .. Directory.EnumerateDirectories("/proc").Select(f => int.TryParse(Path.GetFileName(f), CultureInfo.InvariantCulture, out var pid) ? pid : 0).Where(pid => pid > 0 && ParentOf(pid) == postmaster)];

    private static int ParentOf(int pid)
    {
        try { return int.Parse(File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1].Split(' ')[1], CultureInfo.InvariantCulture); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return 0; } // it has ended
    }

    private static async Task SignalAsync(string signal, IReadOnlyList<int> processes)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -s {signal} {string.Join(' ', processes)} 2>/dev/null"]);
        await kill.WaitForExitAsync();
    }
}
