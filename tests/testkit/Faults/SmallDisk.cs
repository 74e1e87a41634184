using System.Diagnostics;

namespace Parley.Testkit.Faults;

/// <summary>
/// Small file systems that only one server and what it starts can see: memory, mounted in a namespace of mounts of its own, which ends with
/// them. The test reaches them through the server's process.
/// </summary>
public sealed class SmallDisk(string name, int megabytes)
{
    private const string Filler = "filler";

    /// <summary>May this account make one? Null: yes; else why not.</summary>
    public static string? Problem { get; } = Try();

    /// <summary>Below the instance's folder.</summary>
    public string PathIn(string folder) => Path.Combine(folder, name);

    /// <summary>The command that mounts them and becomes the one that follows.</summary>
    public static string[] Around(string folder, params SmallDisk[] disks) =>
        ["unshare", "--mount", "sh", "-c", string.Concat(disks.Select(d => $"mkdir -p '{d.PathIn(folder)}' && {d.Mount(folder)} && ")) + "exec \"$0\" \"$@\""];

    /// <summary>The folder as the server sees it.</summary>
    public string Seen(FaultInstance instance) => instance.Seen(PathIn(instance.Folder));

    /// <summary>Takes all the room there is, but for some bytes.</summary>
    public void Fill(FaultInstance instance, int leave = 0)
    {
        using var file = new FileStream(Path.Combine(Seen(instance), Filler), FileMode.Append, FileAccess.Write, FileShare.None, 0);
        for (var block = new byte[256 * 1024]; block.Length > 0;)
        {
            try
            {
                file.Write(block);
            }
            catch (IOException)
            {
                block = new byte[block.Length / 2];
            }
        }
        file.SetLength(file.Length - leave);
    }

    public void Free(FaultInstance instance) => File.Delete(Path.Combine(Seen(instance), Filler));

    // Its folders belong to whoever the database runs as, too.
    private string Mount(string folder) => $"mount -t tmpfs -o size={megabytes}m,mode=0755 tmpfs '{PathIn(folder)}'";

    private static string? Try()
    {
        if (!OperatingSystem.IsLinux()) return "small disks are made with Linux namespaces";
        if (Environment.UserName != "root") return "only root may mount a small disk";
        try
        {
            var folder = Directory.CreateTempSubdirectory("parley-disk-").FullName;
            using var process = Process.Start(new ProcessStartInfo("unshare", ["--mount", "sh", "-c", $"mount -t tmpfs -o size=1m tmpfs '{folder}'"]) { RedirectStandardError = true })!;
            process.WaitForExit();
            Directory.Delete(folder);
            return process.ExitCode == 0 ? null : "no small disk can be mounted here: " + process.StandardError.ReadToEnd().Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unshare (util-linux) is missing";
        }
    }
}
