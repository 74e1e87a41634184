using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Parley.Bench;

/// <summary>The real server in processes of its own, on a scratch data folder, pinned to the first processor; the generator stays on the others.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    private readonly string _binary;
    private readonly string _data;
    private Process _process;

    private ServerUnderTest(string binary, string data, int port, Process process, double readySeconds) =>
        (_binary, _data, Url, _process, ReadySeconds) = (binary, data, new Uri($"http://127.0.0.1:{port}"), process, readySeconds);

    public Uri Url { get; }

    /// <summary>From the start of the process on an empty data folder to ready.</summary>
    public double ReadySeconds { get; private set; }

    public static async Task<ServerUnderTest> StartAsync(CancellationToken ct)
    {
        var binary = Environment.GetEnvironmentVariable("PARLEY_BINARY") is { Length: > 0 } given && File.Exists(given)
            ? given
            : throw new InvalidOperationException("Start this benchmark with ./parley bench, which builds the server and names it.");
        var data = Path.Combine(Path.GetTempPath(), "parley-bench-" + Guid.CreateVersion7().ToString("N")[^12..], "data");
        var port = FreePort();
        var (process, seconds) = await LaunchAsync(binary, data, port, ct);
        return new ServerUnderTest(binary, data, port, process, seconds);
    }

    /// <summary>Stops the server gracefully and starts it again on the same data; returns the seconds to ready.</summary>
    public async Task<double> RestartAsync(CancellationToken ct)
    {
        await StopAsync();
        (_process, var seconds) = await LaunchAsync(_binary, _data, Url.Port, ct);
        return seconds;
    }

    /// <summary>Runs a command of the binary against this server and returns its JSON.</summary>
    public async Task<JsonElement> CommandAsync(CancellationToken ct, params string[] arguments)
    {
        using var command = Start(_binary, [.. arguments, "--json"], _data);
        var output = await command.StandardOutput.ReadToEndAsync(ct);
        await command.WaitForExitAsync(ct);
        return command.ExitCode == 0
            ? JsonSerializer.Deserialize<JsonElement>(output)
            : throw new InvalidOperationException($"{string.Join(' ', arguments)} ended with {command.ExitCode}: {output}");
    }

    public async Task<string> WidgetKeyAsync(CancellationToken ct)
    {
        var run = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(Path.Combine(_data, "run.json"), ct));
        using var http = new HttpClient { BaseAddress = Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", run.GetProperty("token").GetString());
        http.DefaultRequestHeaders.Add("X-Parley-Tenant", "demo");
        var widgets = await http.GetFromJsonAsync<JsonElement>("/v1/widgets", ct);
        return widgets.GetProperty("items")[0].GetProperty("publicKey").GetString()!;
    }

    /// <summary>Proportional set size (memory, shared pages divided among their users) of the server and of its database, in MB.</summary>
    public (double Server, double Database) Memory()
    {
        var server = Pss(_process.Id);
        var postmaster = int.Parse(File.ReadLines(Path.Combine(_data, "postgres", "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        return (server, Tree(postmaster).Sum(Pss));
    }

    /// <summary>Processor seconds used so far by the server and by its database's living processes.</summary>
    public double CpuSeconds()
    {
        var postmaster = int.Parse(File.ReadLines(Path.Combine(_data, "postgres", "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        return Tree(postmaster).Append(_process.Id).Sum(Cpu);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Path.GetDirectoryName(_data)!, recursive: true);
    }

    private async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private static async Task<(Process Process, double Seconds)> LaunchAsync(string binary, string data, int port, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        // taskset replaces itself by the server: the process id stays.
        var process = Start("taskset", ["-c", "0", binary, "up", "--port", port.ToString(CultureInfo.InvariantCulture), "--data", data], data);
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        using var http = new HttpClient();
        while (clock.Elapsed < TimeSpan.FromSeconds(60))
        {
            try
            {
                using var response = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/health/ready"), ct);
                if (response.IsSuccessStatusCode)
                {
                    return (process, clock.Elapsed.TotalSeconds);
                }
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                // Not listening yet.
            }
            await Task.Delay(20, ct);
        }
        throw new TimeoutException("The server was not ready after 60 s.");
    }

    private static Process Start(string program, string[] arguments, string data)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        start.Environment["PARLEY_DATA"] = data;
        // The generator gives every customer an address of their own, as a proxy in front of a real installation does.
        start.Environment["PARLEY_TRUSTED_PROXIES"] = "127.0.0.1";
        return Process.Start(start)!;
    }

    private static IEnumerable<int> Tree(int root) =>
        from folder in Directory.EnumerateDirectories("/proc")
        let pid = int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var n) ? n : 0
        where pid > 0 && (pid == root || ParentOf(pid) == root)
        select pid;

    private static int ParentOf(int pid) => Stat(pid) is { } fields ? int.Parse(fields[1], CultureInfo.InvariantCulture) : 0;

    private static double Cpu(int pid) => Stat(pid) is { } f ? (double.Parse(f[11], CultureInfo.InvariantCulture) + double.Parse(f[12], CultureInfo.InvariantCulture)) / 100 : 0;

    private static string[]? Stat(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1].Split(' ');
        }
        catch (IOException)
        {
            return null; // It has ended.
        }
    }

    private static double Pss(int pid)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/smaps_rollup").Where(l => l.StartsWith("Pss:", StringComparison.Ordinal))
                .Sum(l => double.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)) / 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
