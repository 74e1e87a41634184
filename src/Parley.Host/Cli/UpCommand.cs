using System.CommandLine;
using System.Reflection;
using Parley.Host.Instance;
using Parley.Platform.Cli;

namespace Parley.Host.Cli;

/// <summary><c>parley up</c>: runs the instance until it is told to stop.</summary>
internal static class UpCommand
{
    private static readonly Option<int> Port = new("--port") { HelpName = "PORT", Description = "Where to listen; 0 takes a free port", DefaultValueFactory = _ => 5080 };
    private static readonly Option<string> Listen = new("--listen") { HelpName = "ADDRESS", Description = "localhost, or an IP address of this machine (0.0.0.0: all)", DefaultValueFactory = _ => "localhost" };
    private static readonly Option<string?> Objects = new("--objects") { HelpName = "DIR|s3://BUCKET/PREFIX", Description = "Where files are stored (default: PARLEY_OBJECTS, else in the data folder); all nodes use the same one" };
    private static readonly Option<NodeRole> Role = new("--role") { HelpName = "all|web|worker", Description = "Which part of the work this process does", DefaultValueFactory = _ => NodeRole.All };

    internal static Command Create()
    {
        Port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 65535) result.AddError("--port must be between 0 and 65535.");
        });
        Listen.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } value && value != "localhost" && !System.Net.IPAddress.TryParse(value, out _)) result.AddError($"--listen must be 'localhost' or an IP address, not '{value}'.");
        });
        return CommandFrame.Create("up", "Start Parley: database, migrations, application", [Port, Listen, Objects, Role], RunAsync);
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var output = parsed.InvocationConfiguration.Output;
        var settings = new LocalInstanceSettings
        {
            Data = CommandFrame.DataOf(parsed), Port = parsed.GetValue(Port), Listen = parsed.GetValue(Listen)!, Role = parsed.GetValue(Role), Objects = parsed.GetValue(Objects), LogLevel = LogLevel.Information, WarmUp = true,
        };
        await output.WriteLineAsync($"Parley {Version}, data in {settings.Data}");
        await using var instance = await LocalInstance.StartAsync(settings, CommandFrame.ProgressOf(parsed), ct);
        if (settings.Role == NodeRole.Worker) await output.WriteLineAsync($"\nWorks on jobs; answers only {new Uri(instance.Address, "health/ready")} and /metrics");
        else await output.WriteLineAsync($"""

            Console    {new Uri(instance.Address, "console/")}
            Demo page  {new Uri(instance.Address, "demo")}
            API        {new Uri(instance.Address, "docs/api/")}
            """);
        if (instance.FirstOperator is { } first)
        {
            await output.WriteLineAsync($"""

                First operator   {first.Email}
                Password         {first.Password}   (shown once; './parley operator reset' makes a new one)
                """);
        }
        await output.WriteLineAsync($"\nAnother node:  {NodeFile.Line(settings.Data)}");
        await output.WriteLineAsync("\nReady. Ctrl-C stops it.");
        await output.FlushAsync(ct);
        await Task.Delay(Timeout.Infinite, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await parsed.InvocationConfiguration.Error.WriteLineAsync("Stopping: requests and jobs end, then the database");
        return 0;
    }

    internal static string Version => typeof(UpCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
