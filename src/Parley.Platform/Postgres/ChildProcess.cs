using System.Diagnostics;

namespace Parley.Platform.Postgres;

/// <summary>Runs a short command to its end.</summary>
internal static class ChildProcess
{
    internal sealed record Outcome(int ExitCode, string Output)
    {
        internal void EnsureSuccess(string what)
        {
            if (ExitCode != 0) throw new EmbeddedPostgresException($"{what} failed with exit code {ExitCode}: {OneLine(Output)}");
        }
    }

    internal static Task<Outcome> RunAsync(string program, IEnumerable<string> arguments, CancellationToken ct) =>
        RunAsync(new ProcessStartInfo(program, arguments), null, ct);

    internal static async Task<Outcome> RunAsync(ProcessStartInfo info, string? input, CancellationToken ct)
    {
        info.RedirectStandardOutput = info.RedirectStandardError = info.RedirectStandardInput = true;
        using var process = Process.Start(info)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(ct);
            var errors = process.StandardError.ReadToEndAsync(ct);
            try
            {
                if (input is not null) await process.StandardInput.WriteAsync(input);
                process.StandardInput.Close();
            }
            catch (IOException) { } // it ended without reading; its exit code and words say why
            await process.WaitForExitAsync(ct);
            return new Outcome(process.ExitCode, $"{await errors}\n{await output}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    internal static string OneLine(string text) =>
        string.Join("; ", text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Take(6));
}
