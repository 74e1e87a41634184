using System.Diagnostics;
using System.Text;

namespace Parley.Testkit;

/// <summary>The built binary as a process of its own: for what only a process can show, such as being killed.</summary>
public sealed class ParleyProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool _disposed;

    private ParleyProcess(Process process) => _process = process;

    /// <summary>PARLEY_BINARY, or the one that was built beside this program.</summary>
    public static string Binary { get; } = Environment.GetEnvironmentVariable("PARLEY_BINARY") is { Length: > 0 } given ? given : Path.Combine(
        Repository.Root, "src", "Parley.Host", "bin", AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug", "net10.0", "parley");

    public int Id => _process.Id;

    public string Output { get { lock (_output) return _output.ToString(); } }

    /// <summary>What <c>up</c> printed as the console's address, without the path.</summary>
    public Uri Address => new(Line("Console").GetLeftPart(UriPartial.Authority));

    public static ParleyProcess Start(params string[] arguments) => Start(arguments, []);

    public static ParleyProcess Start(string[] arguments, params (string Name, string Value)[] environment) => Start(false, arguments, environment);

    private static ParleyProcess Start(bool ownGroup, string[] arguments, (string Name, string Value)[] environment, string[]? around = null)
    {
        // All replace themselves: the process id stays, and is the group's. A program that a script runs in the background is told to ignore SIGINT.
        string[] group = ownGroup ? ["setsid", "env", "--default-signal=INT"] : [];
        string[] line = [.. group, .. around ?? [], Binary, .. arguments];
        var info = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var name in (string[])["PARLEY_URL", "PARLEY_TOKEN", "PARLEY_DATA", "PARLEY_OBJECTS", "PARLEY_MASTER_KEY", "ConnectionStrings__Parley"]) info.Environment.Remove(name);
        foreach (var (name, value) in environment) info.Environment[name] = value;
        var parley = new ParleyProcess(new Process { StartInfo = info });
        parley._process.OutputDataReceived += parley.Read;
        parley._process.ErrorDataReceived += parley.Read;
        parley._process.Start();
        parley._process.BeginOutputReadLine();
        parley._process.BeginErrorReadLine();
        return parley;
    }

    /// <summary>Starts <c>up</c> on a free port and waits until it says that it is ready.</summary>
    public static Task<ParleyProcess> UpAsync(string data, params string[] arguments) => UpAsync(data, arguments, []);

    public static Task<ParleyProcess> UpAsync(string data, string[] arguments, params (string Name, string Value)[] environment) => UpAsync(false, data, arguments, environment);

    /// <param name="ownGroup">In a process group of its own, so that it can be signalled as a terminal does (<see cref="InterruptAsync"/>).</param>
    /// <param name="data">The data folder.</param>
    /// <param name="arguments">Further options; without a port it takes a free one.</param>
    /// <param name="environment">Further variables.</param>
    public static async Task<ParleyProcess> UpAsync(bool ownGroup, string data, string[] arguments, (string Name, string Value)[] environment)
    {
        var parley = Launch(ownGroup, data, arguments, environment);
        await parley.ReadyAsync();
        return parley;
    }

    /// <summary>Starts <c>up</c> and does not wait.</summary>
    /// <param name="ownGroup">In a process group of its own.</param>
    /// <param name="data">The data folder.</param>
    /// <param name="arguments">Further options; without a port it takes a free one.</param>
    /// <param name="environment">Further variables.</param>
    /// <param name="around">A command that prepares something and then becomes the one that follows it.</param>
    public static ParleyProcess Launch(bool ownGroup, string data, string[] arguments, (string Name, string Value)[] environment, string[]? around = null)
    {
        string[] port = arguments.Contains("--port") ? [] : ["--port", "0"];
        return Start(ownGroup, ["up", .. port, "--data", data, .. arguments], environment, around);
    }

    /// <summary>Waits until it says that it is ready.</summary>
    public async Task ReadyAsync()
    {
        var ended = _process.WaitForExitAsync();
        if (await Task.WhenAny(_ready.Task, ended, Task.Delay(Patience)) != _ready.Task)
        {
            await DisposeAsync();
            throw new InvalidOperationException($"parley up did not become ready:\n{Output}");
        }
    }

    /// <summary>Runs a command to its end.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => RunAsync(arguments, []);

    public static Task<(int ExitCode, string Output)> RunAsync(string[] arguments, params (string Name, string Value)[] environment) => RunAsync([], arguments, environment);

    public static async Task<(int ExitCode, string Output)> RunAsync(string[] around, string[] arguments, (string Name, string Value)[] environment)
    {
        await using var parley = Start(false, arguments, environment, around);
        return (await parley.ExitAsync(), parley.Output);
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>As a service manager's stop does.</summary>
    public Task<int> StopAsync() => EndAsync($"kill -TERM {Id}");

    /// <summary>As Ctrl-C at a terminal does: every process of the group gets the signal.</summary>
    public Task<int> InterruptAsync() => EndAsync($"kill -INT -{Id}");

    /// <summary>kill -9.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return ExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        if (!_process.HasExited) await StopAsync();
        _process.Dispose();
    }

    private async Task<int> EndAsync(string command)
    {
        using var kill = Process.Start("sh", ["-c", command]);
        await kill.WaitForExitAsync();
        return kill.ExitCode == 0 ? await ExitAsync() : throw new InvalidOperationException($"{command} failed");
    }

    private Uri Line(string label) =>
        new(Output.Split('\n').First(l => l.StartsWith(label, StringComparison.Ordinal))[label.Length..].Trim());

    private void Read(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null) return;
        lock (_output) _output.AppendLine(line.Data);
        if (line.Data.StartsWith("Ready.", StringComparison.Ordinal)) _ready.TrySetResult();
    }
}
