using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Secrets;
using Parley.Testkit;

namespace Parley.Soak;

/// <summary>
/// A node in a process of its own that asks models without pause, until it is killed with -9 between reserving and settling. Where it finds everything comes by its
/// environment: a key is nothing for a command line.
/// </summary>
internal sealed class NodeProcess : IDisposable
{
    internal const string Command = "budget-node";
    internal const string Name = "node-0";

    private const int Parallel = 8;

    private readonly Process _process;

    private NodeProcess(Process process) => _process = process;

    internal static NodeProcess Start(TestDatabase database, Guid tenant, Uri providers, TimeSpan shift, int seed)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { ArgumentList = { Command }, RedirectStandardError = true };
        start.Environment["SOAK_DATABASE"] = database.Options.OwnerConnectionString;
        start.Environment["SOAK_ROLES"] = database.Options.RolePrefix;
        start.Environment["SOAK_KEY"] = database.Key.ToBase64();
        start.Environment["SOAK_TENANT"] = tenant.ToString();
        start.Environment["SOAK_PROVIDERS"] = providers.ToString();
        start.Environment["SOAK_SHIFT"] = shift.Ticks.ToString(CultureInfo.InvariantCulture);
        start.Environment["SOAK_SEED"] = seed.ToString(CultureInfo.InvariantCulture);
        return new NodeProcess(Process.Start(start)!);
    }

    /// <summary>Kills it with -9.</summary>
    internal async Task KillAsync()
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"The node ended by itself: {await _process.StandardError.ReadToEndAsync()}");
        }
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        _process.Dispose();
    }

    /// <summary>The process itself.</summary>
    internal static async Task<int> RunAsync()
    {
        var (key, time) = (MasterKey.Parse(Setting("SOAK_KEY")), new ShiftableTime());
        time.Advance(TimeSpan.FromTicks(long.Parse(Setting("SOAK_SHIFT"), CultureInfo.InvariantCulture)));
        await using var sources = new DataSources(new DatabaseOptions(Setting("SOAK_DATABASE"), Setting("SOAK_ROLES")) { MaxPoolSize = Parallel }, key);
        await using var node = new ModelNode(Name, new TenantDb(sources), new SystemDb(sources), key, new Uri(Setting("SOAK_PROVIDERS")), time);
        var (tenant, seed) = (Guid.Parse(Setting("SOAK_TENANT")), int.Parse(Setting("SOAK_SEED"), CultureInfo.InvariantCulture));
        await Task.WhenAll(Enumerable.Range(0, Parallel).Select(AskAsync));
        return 0;

        async Task AskAsync(int number)
        {
            for (var random = new Random(seed + number); ;)
            {
                // Half of them keep their money for a while.
                var call = node.Call(new Spender { TenantId = tenant, Feature = "answer", ConversationId = Guid.CreateVersion7() }, node.Seat(ModelProviderKinds.Anthropic, random.Next(2) == 0 ? "stall;ms=1500" : null));
                try
                {
                    await node.Chat.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "how do I begin, and where?")], call.In(new ChatOptions { MaxOutputTokens = 300 })).ToChatResponseAsync();
                    await call.BookedAsync();
                }
                catch (Exception e) when (e is ModelException or BudgetRefusedException)
                {
                    await Task.Delay(20);
                }
            }
        }
    }

    private static string Setting(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set; {Command} is started by the soak.");
}
