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

    private ParleyProcess(Process process) => _process = process;

    public static string Binary { get; } = Path.Combine(
        Repository.Root, "src", "Parley.Host", "bin", AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug", "net10.0", "parley");

    public int Id => _process.Id;

    public string Output { get { lock (_output) return _output.ToString(); } }

    /// <summary>What <c>up</c> printed as the console's address, without the path.</summary>
    public Uri Address => new(Line("Console").GetLeftPart(UriPartial.Authority));

    public static ParleyProcess Start(params string[] arguments) => Start(arguments, []);

    public static ParleyProcess Start(string[] arguments, params (string Name, string Value)[] environment)
    {
        var info = new ProcessStartInfo(Binary, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
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

    public static async Task<ParleyProcess> UpAsync(string data, string[] arguments, params (string Name, string Value)[] environment)
    {
        var parley = Start(["up", "--port", "0", "--data", data, .. arguments], environment);
        var ended = parley._process.WaitForExitAsync();
        if (await Task.WhenAny(parley._ready.Task, ended, Task.Delay(Patience)) != parley._ready.Task)
        {
            await parley.DisposeAsync();
            throw new InvalidOperationException($"parley up did not become ready:\n{parley.Output}");
        }
        return parley;
    }

    /// <summary>Runs a command to its end.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => RunAsync(arguments, []);

    public static async Task<(int ExitCode, string Output)> RunAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        await using var parley = Start(arguments, environment);
        return (await parley.ExitAsync(), parley.Output);
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>As a terminal's Ctrl-C or a service manager's stop does.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("sh", ["-c", $"kill -TERM {Id}"]);
        await kill.WaitForExitAsync();
        return await ExitAsync();
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return ExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await StopAsync();
        _process.Dispose();
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
