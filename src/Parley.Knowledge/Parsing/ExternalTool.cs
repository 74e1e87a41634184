using System.Diagnostics;

namespace Parley.Knowledge.Parsing;

/// <summary>How a tool ended.</summary>
/// <param name="Output">Its standard output, where it was asked for.</param>
/// <param name="Errors">The beginning of its standard error.</param>
/// <param name="IsCut">It wrote more than was allowed, and was ended.</param>
internal sealed record ToolEnd(int ExitCode, byte[] Output, string Errors, bool IsCut);

/// <summary>Programs of the system that readers use. They inherit the limits of the child that runs them, and end with it.</summary>
internal static class ExternalTool
{
    private const int ErrorLength = 4000;

    private static volatile Process? _running;

    /// <summary>Its path; null where it is not installed.</summary>
    internal static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Runs a tool to its end.</summary>
    internal static ToolEnd Run(string path, IReadOnlyList<string> arguments, int maxOutput)
    {
        using var process = Process.Start(new ProcessStartInfo(path, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        }) ?? throw new InvalidOperationException($"{path} could not be started.");
        _running = process;
        process.StandardInput.Close();
        var errors = Task.Run(() => Errors(process.StandardError));
        var (output, isCut) = Output(process.StandardOutput.BaseStream, maxOutput);
        if (isCut)
            process.Kill(entireProcessTree: true);
        process.WaitForExit();
        _running = null;
        return new ToolEnd(process.ExitCode, output, errors.GetAwaiter().GetResult(), isCut);
    }

    /// <summary>Ends this process and the tool that it waits for.</summary>
    internal static void EndAll()
    {
        try
        {
            _running?.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has just ended.
        }
        Environment.Exit(1);
    }

    private static (byte[] Output, bool IsCut) Output(Stream stream, int maxOutput)
    {
        using var output = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = stream.Read(buffer)) > 0)
        {
            if (output.Length + read > maxOutput)
                return (output.ToArray(), true);
            output.Write(buffer, 0, read);
        }
        return (output.ToArray(), false);
    }

    /// <summary>Read to the end, or the tool would wait for a reader; kept only at the beginning.</summary>
    private static string Errors(StreamReader reader)
    {
        var kept = new System.Text.StringBuilder();
        while (reader.ReadLine() is { } line)
        {
            if (kept.Length < ErrorLength)
                kept.Append(line, 0, Math.Min(line.Length, ErrorLength)).Append('\n');
        }
        return kept.ToString();
    }
}
