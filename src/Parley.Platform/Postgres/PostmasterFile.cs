using System.Globalization;

namespace Parley.Platform.Postgres;

/// <summary>What a running server tells about itself in <c>postmaster.pid</c>.</summary>
internal sealed record PostmasterFile(int Pid, int Port, string ListenAddress, bool Ready)
{
    private const string Name = "postmaster.pid";

    /// <summary>Null while the file is absent or not yet written to its end.</summary>
    internal static PostmasterFile? Read(string cluster)
    {
        try { return Parse(File.ReadAllLines(Path.Combine(cluster, Name))); }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { return null; }
    }

    /// <summary>Lines: pid, data folder, start time, port, socket folder, listen address, shared memory key, status.</summary>
    internal static PostmasterFile? Parse(IReadOnlyList<string> lines) =>
        lines.Count >= 1 && int.TryParse(lines[0], CultureInfo.InvariantCulture, out var pid) && pid > 0
            ? new PostmasterFile(
                pid,
                lines.Count > 3 && int.TryParse(lines[3], CultureInfo.InvariantCulture, out var port) ? port : 0,
                lines.Count > 5 ? lines[5].Trim() : "",
                lines.Count > 7 && lines[7].Trim() == "ready")
            : null;

    /// <summary>
    /// Whether that process is really the server of this cluster. A process id is given out again, soon so in a container, and a server
    /// refuses to start when the id in its file belongs to any living process of its own account.
    /// </summary>
    internal bool IsAlive()
    {
        try { return Read($"/proc/{Pid}/cwd")?.Pid == Pid; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return false; }
    }

    internal static void DeleteStale(string cluster)
    {
        File.Delete(Path.Combine(cluster, Name));
        foreach (var socket in Directory.EnumerateFiles(cluster, ".s.PGSQL.*")) File.Delete(socket);
    }
}
