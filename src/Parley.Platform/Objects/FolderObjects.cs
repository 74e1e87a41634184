using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Parley.Platform.Objects;

/// <summary>
/// Objects as files of one folder, which every node mounts. An object is written aside, forced to disk and renamed, so that its name never
/// shows half of it.
/// </summary>
internal sealed class FolderObjects(string root) : IObjectBackend
{
    internal const string Drafts = "drafts";
    private const int BufferSize = 128 * 1024;
    private readonly string _root = Path.GetFullPath(root);

    public string Location => _root;

    public bool IsLocal => true;

    public async Task<StoredObject> PutAsync(Func<byte[], string> keyOf, Stream content, string contentType, long maxBytes, CancellationToken ct)
    {
        var draft = Path.Combine(_root, Drafts, Guid.CreateVersion7().ToString("N"));
        try
        {
            CreateFolder(Path.GetDirectoryName(draft)!);
            var stored = await WriteAsync(draft, content, maxBytes, ct);
            var file = FileOf(keyOf(stored.Hash));
            CreateFolder(Path.GetDirectoryName(file)!);
            File.Move(draft, file, overwrite: true);
            // The row that will point here must not outlive the name in a power failure.
            DurableFolder.Flush(Path.GetDirectoryName(file)!);
            return stored;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ObjectStoreException($"The folder of the objects cannot be written: {_root}. Give it to the account that runs Parley.", e);
        }
        catch (IOException e) when (ObjectStoreException.IsNoSpace(e))
        {
            throw new ObjectStoreException($"The disk of the objects is full: {_root}. Free or add space.", e);
        }
        finally
        {
            if (File.Exists(draft))
            {
                File.Delete(draft);
            }
        }
    }

    public Task<Stream?> OpenAsync(string key, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        try
        {
            return Task.FromResult<Stream?>(new FileStream(FileOf(key), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferSize, FileOptions.Asynchronous | FileOptions.SequentialScan));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public Task RemoveAsync(string key, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var file = FileOf(key);
        if (Directory.Exists(Path.GetDirectoryName(file)))
        {
            File.Delete(file);
        }
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken ct)
    {
        await Task.CompletedTask;
        var folder = Path.Combine(_root, Path.GetDirectoryName(prefix) ?? "");
        if (!Directory.Exists(folder))
        {
            yield break;
        }
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            ct.ThrowIfCancellationRequested();
            var key = Path.GetRelativePath(_root, file).Replace(Path.DirectorySeparatorChar, '/');
            if (key.StartsWith(prefix, StringComparison.Ordinal))
            {
                yield return new ObjectEntry(key, new DateTimeOffset(File.GetLastWriteTimeUtc(file), TimeSpan.Zero));
            }
        }
    }

    public Task ProbeAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        try
        {
            CreateFolder(_root);
            var file = Path.Combine(_root, "probe-" + Guid.CreateVersion7().ToString("N"));
            try
            {
                File.WriteAllText(file, "parley");
            }
            finally
            {
                File.Delete(file); // a full disk makes it, but without content
            }
            return Task.CompletedTask;
        }
        catch (IOException e) when (ObjectStoreException.IsNoSpace(e))
        {
            return Task.FromException(new ObjectStoreException($"The disk of the objects is full: {_root}. Free or add space.", e));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Task.FromException(new ObjectStoreException($"The folder of the objects cannot be written: {_root} ({e.Message}). Give it to the account that runs Parley, or mount it.", e));
        }
    }

    public void Dispose()
    {
    }

    private static async Task<StoredObject> WriteAsync(string file, Stream content, long maxBytes, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
            long size = 0;
            for (int read; (read = await content.ReadAsync(buffer.AsMemory(0, BufferSize), ct)) > 0;)
            {
                size += read;
                if (size > maxBytes)
                {
                    throw new ObjectTooLargeException(maxBytes);
                }
                hash.AppendData(buffer, 0, read);
                await stream.WriteAsync(buffer.AsMemory(0, read), ct);
            }
            stream.Flush(flushToDisk: true);
            return new StoredObject(hash.GetHashAndReset(), size);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            // Customers' files: not for other accounts of the machine.
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private string FileOf(string key) => Path.Combine(_root, key.Replace('/', Path.DirectorySeparatorChar));
}
