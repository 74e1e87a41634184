using System.CommandLine;
using System.Text.Json;
using Parley.Host.Instance;
using Parley.Host.Isolation;

namespace Parley.Host.Cli;

/// <summary><c>parley doctor</c>: is this installation sound, and what mends it; with <c>--isolation</c>, are its tenants kept apart.</summary>
internal static class DoctorCommand
{
    private static readonly Option<bool> Isolation = new("--isolation") { Description = "Also prove on throw-away tenants that no endpoint lets anything cross (about a minute)" };

    internal static Command Create() => CommandFrame.Create("doctor", "Check the installation and say what mends it", [Isolation, BackupCommand.Objects, CommandFrame.Json, CommandFrame.Quiet], RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var data = CommandFrame.DataOf(parsed);
        var progress = CommandFrame.ProgressOf(parsed);
        var findings = new List<Finding> { Examination.Folder(data), await Examination.RunningAsync(data, ct) };
        await using var access = await DatabaseAccess.OpenAsync(data, progress, ct);
        findings.AddRange(await Examination.DatabaseAsync(access.Options, access.Key, ct));
        findings.Add(await Examination.ObjectsAsync(access.Options, DataDirectory.ObjectsIn(data, parsed.GetValue(BackupCommand.Objects) ?? NodeFile.ObjectsOf(data)), ct));
        if (await Examination.IndexAsync(data, ct) is { } index) findings.Add(index);
        findings.Add(Examination.Providers());
        findings.Add(await Examination.ReadersAsync(ct));

        IsolationReport? isolation = null;
        if (parsed.GetValue(Isolation))
        {
            isolation = !findings.TrueForAll(f => f.Ok) ? new IsolationReport(0, 0, 0, ["Not run: mend the findings above first."])
                // Before the first start there is no schema, which is no fault.
                : !findings.Exists(f => f.Name == "schema") ? new IsolationReport(0, 0, 0, ["Not run: the database is empty. Start Parley once, or run: parley migrate"])
                : await ProveAsync(data, access, progress, ct);
        }
        var ok = findings.TrueForAll(f => f.Ok) && isolation is null or { IsIsolated: true };
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(CommandFrame.Json))
            await output.WriteLineAsync(JsonSerializer.Serialize(new { ok, checks = findings, isolation }, JsonSerializerOptions.Web));
        else
            await PrintAsync(output, findings, isolation);
        return ok ? 0 : 1;
    }

    /// <summary>In an application of its own on the instance's database: the proof needs its services, and lifts limits for itself only.</summary>
    private static async Task<IsolationReport> ProveAsync(string data, DatabaseAccess access, IProgress<string> progress, CancellationToken ct)
    {
        await using var app = ParleyApp.Build(
            new InstanceOptions { DataDirectory = data, Database = access.Options, MasterKey = access.Key, LogLevel = LogLevel.Error }, IsolationProof.LiftLimits);
        await app.StartAsync(ct);
        try { return await new IsolationProof(app.Services, app.Address()).RunAsync(progress, ct); }
        finally { await app.StopAsync(CancellationToken.None); }
    }

    private static async Task PrintAsync(TextWriter output, IEnumerable<Finding> findings, IsolationReport? isolation)
    {
        foreach (var finding in findings)
        {
            await output.WriteLineAsync($"{(finding.Ok ? "ok  " : "FAIL")}  {finding.Name,-14} {finding.Detail}");
            if (finding.Mend is not null) await output.WriteLineAsync($"      {"",-14} {finding.Mend.ReplaceLineEndings("\n" + new string(' ', 21))}");
        }
        if (isolation is null) return;
        await output.WriteLineAsync($"{(isolation.IsIsolated ? "ok  " : "FAIL")}  {"isolation",-14} {isolation.Endpoints} endpoints, {isolation.Crossings} attempts to cross in {isolation.Requests} requests, {isolation.Failures.Count} failures");
        foreach (var failure in isolation.Failures) await output.WriteLineAsync($"      {"",-14} {failure}");
    }
}
