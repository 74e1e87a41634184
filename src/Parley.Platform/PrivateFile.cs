using System.Text;

namespace Parley.Platform;

/// <summary>Files with secrets: never readable by others, not even for a moment; whole or absent.</summary>
public static class PrivateFile
{
    /// <summary>Replaces the file's content (0600).</summary>
    public static void Write(string path, string text)
    {
        var partial = $"{path}.{Environment.ProcessId}";
        File.Delete(partial); // left by a process that was killed here, perhaps with other rights
        using (var stream = new FileStream(partial, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }
        File.Move(partial, path, overwrite: true);
    }
}
