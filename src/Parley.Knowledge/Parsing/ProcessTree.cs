using System.Globalization;

namespace Parley.Knowledge.Parsing;

/// <summary>Memory of a process and of all that it started.</summary>
internal static class ProcessTree
{
    private const int MaxDepth = 6;

    private static readonly bool ListsChildren = File.Exists($"/proc/self/task/{Environment.ProcessId}/children");

    /// <summary>Resident bytes now; 0 where it has ended, or where the system has no /proc.</summary>
    internal static long ResidentBytes(int processId) => Sum(processId, 0);

    private static long Sum(int processId, int depth)
    {
        var bytes = Own(processId);
        if (bytes == 0 || depth == MaxDepth)
            return bytes;
        foreach (var child in ListsChildren ? Listed(processId) : Searched(processId))
            bytes += Sum(child, depth + 1);
        return bytes;
    }

    private static long Own(int processId)
    {
        // size resident shared …, in pages
        var fields = Read($"/proc/{processId}/statm").Split(' ', 3);
        return fields.Length == 3 && long.TryParse(fields[1], CultureInfo.InvariantCulture, out var pages) ? pages * Environment.SystemPageSize : 0;
    }

    private static IEnumerable<int> Listed(int processId)
    {
        string[] tasks;
        try
        {
            tasks = Directory.GetDirectories($"/proc/{processId}/task");
        }
        catch (IOException)
        {
            return [];
        }
        // Each thread lists what it started.
        return tasks.SelectMany(t => Read(t + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(p => int.Parse(p, CultureInfo.InvariantCulture));
    }

    /// <summary>Kernels that do not list children name the parent of each process.</summary>
    private static IEnumerable<int> Searched(int processId)
    {
        var parent = processId.ToString(CultureInfo.InvariantCulture);
        if (!Directory.Exists("/proc"))
            yield break;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), CultureInfo.InvariantCulture, out var id) && ParentOf(id) == parent)
                yield return id;
        }
    }

    /// <summary>The parent of a process; null where it has ended.</summary>
    internal static string? ParentOf(int processId)
    {
        // id (name) state parent …: the name may hold anything, also brackets.
        var stat = Read($"/proc/{processId}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 1 ? fields[1] : null;
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
