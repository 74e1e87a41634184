using Parley.Platform.Cli;
using Parley.Platform.Objects;

namespace Parley.Host.Instance;

/// <summary>
/// The folder of one instance: its database, objects, keys and <c>run.json</c>. One process works on it at a time; the lock is the
/// kernel's and ends with the process that holds it, however that ends.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream @lock) => (Path, _lock) = (path, @lock);

    internal string Path { get; }

    internal static string MasterKeyIn(string path) => System.IO.Path.Combine(path, "master.key");

    /// <summary><c>--objects</c>, <c>PARLEY_OBJECTS</c>, else a folder of the instance; as <see cref="ObjectLocation"/> writes it.</summary>
    internal static string ObjectsIn(string path, string? option = null) =>
        ObjectLocation.Parse(FirstNonEmpty(option, Environment.GetEnvironmentVariable("PARLEY_OBJECTS")) ?? System.IO.Path.Combine(path, "objects")).ToString();

    /// <summary><c>--data</c>, <c>PARLEY_DATA</c>, else the system's place for a service or the user's place for data.</summary>
    internal static string Resolve(string? option)
    {
        var chosen = FirstNonEmpty(option, Environment.GetEnvironmentVariable("PARLEY_DATA"));
        if (chosen is not null) return System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(chosen));
        if (Environment.IsPrivilegedProcess) return "/var/lib/parley/data";
        var home = FirstNonEmpty(Environment.GetEnvironmentVariable("HOME"), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile))
            ?? throw new CommandException("There is no home folder: name the data folder with --data DIR or PARLEY_DATA.");
        return System.IO.Path.Combine(FirstNonEmpty(Environment.GetEnvironmentVariable("XDG_DATA_HOME")) ?? System.IO.Path.Combine(home, ".local", "share"), "parley");
    }

    /// <summary>Takes the folder, making it where it is missing. Null: another process works on it.</summary>
    internal static DataDirectory? TryOpen(string path)
    {
        try
        {
            Create(path);
            return new DataDirectory(path, new FileStream(LockFile(path), new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }));
        }
        catch (UnauthorizedAccessException)
        {
            throw new CommandException($"The data folder '{path}' cannot be written by this user: choose another with --data DIR.");
        }
        catch (IOException) when (IsLocked(path))
        {
            return null;
        }
        catch (IOException e)
        {
            throw new CommandException($"The data folder '{path}' cannot be used: {e.Message}");
        }
    }

    /// <summary>Whether a living process works on the folder.</summary>
    internal static bool IsLocked(string path)
    {
        if (!File.Exists(LockFile(path))) return false;
        try
        {
            using var probe = new FileStream(LockFile(path), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException) { return true; }
        catch (UnauthorizedAccessException) { return false; } // another user's: using it fails with its own words
    }

    /// <summary>Whether a process worked on the folder that no longer lives.</summary>
    internal static bool WasAbandoned(string path)
    {
        if (!File.Exists(LockFile(path))) return false;
        using var probe = new FileStream(LockFile(path), FileMode.Open, FileAccess.ReadWrite, FileShare.None); // throws while it is held
        return true;
    }

    /// <summary>The node that worked on this folder before: as we hold the lock, it is gone, whatever it may have held. Null: there was none.</summary>
    internal string? ReadPredecessor()
    {
        _lock.Position = 0;
        using var reader = new StreamReader(_lock, leaveOpen: true);
        return FirstNonEmpty(reader.ReadToEnd().Trim());
    }

    /// <summary>Names ourselves to whoever comes after us.</summary>
    internal void WriteNode(string id)
    {
        _lock.SetLength(0);
        _lock.Write(System.Text.Encoding.UTF8.GetBytes(id));
        _lock.Flush();
    }

    public void Dispose() => _lock.Dispose();

    private static void Create(string path)
    {
        if (Directory.Exists(path)) return;
        // A service's parent folder is for all to pass through: the database's account must reach its cluster below.
        if (Environment.IsPrivilegedProcess && System.IO.Path.GetDirectoryName(path) is { } parent && !Directory.Exists(parent))
        {
            Directory.CreateDirectory(parent);
            File.SetUnixFileMode(parent, OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.GroupRead | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
        }
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, OwnerOnly);
    }

    private static string LockFile(string path) => System.IO.Path.Combine(path, "parley.lock");

    private static string? FirstNonEmpty(params string?[] values) => values.FirstOrDefault(v => !string.IsNullOrWhiteSpace(v));
}
