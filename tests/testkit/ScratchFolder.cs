using System.Diagnostics;

namespace Parley.Testkit;

/// <summary>
/// A folder of this test run, deleted with everything in it when disposed. A run that was killed cannot clean up; the next one does:
/// a folder whose lock can be taken has no living owner.
/// </summary>
public sealed class ScratchFolder : IDisposable
{
    private const UnixFileMode PassThrough = (UnixFileMode)0b111_001_001; // the database's account must reach its folder below
    private static readonly string Root = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"parley-tests-{Environment.UserName}");
    private readonly FileStream _lock;

    public string Path { get; }

    public ScratchFolder()
    {
        Path = System.IO.Path.Combine(Root, Guid.CreateVersion7().ToString("N")[^12..]);
        foreach (var folder in (string[])[Root, Path])
        {
            Directory.CreateDirectory(folder);
            File.SetUnixFileMode(folder, PassThrough);
        }
        _lock = Lock(Path);
    }

    /// <summary>Folders of runs that no longer live.</summary>
    public static IEnumerable<string> Abandoned()
    {
        if (!Directory.Exists(Root)) yield break;
        foreach (var folder in Directory.EnumerateDirectories(Root))
        {
            var abandoned = false;
            try
            {
                using var _ = new FileStream(LockFile(folder), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                abandoned = true;
            }
            catch (FileNotFoundException) { }
            catch (IOException) { }
            if (abandoned) yield return folder;
        }
    }

    public static void Delete(string folder)
    {
        try { Directory.Delete(folder, recursive: true); }
        catch (IOException e) { Trace.TraceWarning($"{folder} stays behind: {e.Message}"); }
    }

    public void Dispose()
    {
        _lock.Dispose();
        Delete(Path);
    }

    private static string LockFile(string folder) => System.IO.Path.Combine(folder, ".lock");

    private static FileStream Lock(string folder) => new(LockFile(folder), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
}
