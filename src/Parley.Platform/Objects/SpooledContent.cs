using System.Buffers;
using System.Security.Cryptography;

namespace Parley.Platform.Objects;

/// <summary>A content that was read to its end: small in memory, else in a file that goes with it, also when the process is killed.</summary>
internal sealed class SpooledContent : IAsyncDisposable
{
    private const int InMemory = 1 << 20;
    private const int BufferSize = 128 * 1024;

    private SpooledContent(Stream content, byte[] hash, long size) => (Content, Hash, Size) = (content, hash, size);

    /// <summary>From the start, seekable.</summary>
    internal Stream Content { get; }

    internal byte[] Hash { get; }

    internal long Size { get; }

    /// <exception cref="ObjectTooLargeException">More than allowed.</exception>
    internal static async Task<SpooledContent> ReadAsync(Stream content, long maxBytes, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        Stream spool = new MemoryStream();
        try
        {
            long size = 0;
            for (int read; (read = await content.ReadAsync(buffer.AsMemory(0, BufferSize), ct)) > 0;)
            {
                size += read;
                if (size > maxBytes)
                {
                    throw new ObjectTooLargeException(maxBytes);
                }
                if (size > InMemory && spool is MemoryStream memory)
                {
                    spool = TemporaryFile();
                    memory.Position = 0;
                    await memory.CopyToAsync(spool, ct);
                }
                hash.AppendData(buffer, 0, read);
                await spool.WriteAsync(buffer.AsMemory(0, read), ct);
            }
            spool.Position = 0;
            return new SpooledContent(spool, hash.GetHashAndReset(), size);
        }
        catch
        {
            await spool.DisposeAsync();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public ValueTask DisposeAsync() => Content.DisposeAsync();

    private static FileStream TemporaryFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        var name = Path.Combine(Path.GetTempPath(), "parley-object-" + Guid.CreateVersion7().ToString("N"));
        var file = new FileStream(name, options);
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(name); // only the open file remains, and goes with the process
        }
        return file;
    }
}
