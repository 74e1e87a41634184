using System.IO.Compression;
using Parley.Knowledge.Imports;

namespace Parley.Knowledge.Readers.Archives;

/// <summary>A file inside an archive.</summary>
/// <param name="Path">In its one form, inside the archive.</param>
/// <param name="Content">Null where there is a reason.</param>
/// <param name="Reason">Why it is left out.</param>
internal sealed record ArchiveFile(string Path, byte[]? Content, string? Reason);

/// <summary>Unpacks ZIP archives file by file. Nothing is ever written to a path that an archive names.</summary>
internal static class ArchiveReader
{
    internal const int MaxEntries = 20_000;

    /// <summary>Archives inside archives.</summary>
    internal const int MaxDepth = 2;

    /// <summary>A ZIP archive that is no office document.</summary>
    internal static bool IsArchive(byte[] bytes)
    {
        if (!ContentSniffer.IsZip(bytes))
            return false;
        try
        {
            using var zip = new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read);
            return OfficeKinds.Of(zip.Entries.Select(e => e.FullName)) is null;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }

    /// <summary>Its documents in order; what by its name is none (pictures, programs, hidden files) is passed over.</summary>
    /// <exception cref="ReaderLimitException">The archive as a whole is refused.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    internal static IEnumerable<ArchiveFile> Files(byte[] bytes, int depth)
    {
        if (depth >= MaxDepth)
            throw new ReaderLimitException($"Archives inside archives are unpacked {MaxDepth - 1} deep. Unpack it first.");
        using var zip = new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read);
        if (zip.Entries.Count > MaxEntries)
            throw new ReaderLimitException($"The archive has {zip.Entries.Count} entries; at most {MaxEntries} are unpacked. Split it.");
        var budget = new ExpansionBudget(bytes.Length);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in zip.Entries)
        {
            if (entry.FullName.EndsWith('/') || entry.FullName.EndsWith('\\') || IsHidden(entry.FullName))
                continue;
            var (path, reason) = ImportPath.Normalize(entry.FullName);
            if (path is not null && !ImportPath.MayBeDocument(path))
                continue;
            if (path is not null && !seen.Add(path))
                (path, reason) = (path + " (again)", "The archive holds this path twice; the first one is read.");
            yield return reason is null ? Unpacked(entry, path!, budget) : new ArchiveFile(ImportPath.Shown(path ?? entry.FullName), null, reason);
        }
    }

    private static ArchiveFile Unpacked(ZipArchiveEntry entry, string path, ExpansionBudget budget)
    {
        if (entry.IsEncrypted)
            return new ArchiveFile(path, null, "The file is protected by a password inside the archive.");
        try
        {
            using var stream = new CappedStream(entry.Open(), budget);
            using var content = new MemoryStream();
            var buffer = new byte[64 * 1024];
            int read;
            while ((read = stream.Read(buffer)) > 0)
            {
                if (content.Length + read > DocumentReader.MaxBytes)
                    return new ArchiveFile(path, null, $"The file is larger than {DocumentReader.MaxBytes >> 20} MB. Split it.");
                content.Write(buffer, 0, read);
            }
            return content.Length == 0 ? new ArchiveFile(path, null, "The file is empty.") : new ArchiveFile(path, content.ToArray(), null);
        }
        catch (InvalidDataException)
        {
            return new ArchiveFile(path, null, "The file is damaged inside the archive.");
        }
    }

    /// <summary>What systems and tools leave in archives.</summary>
    private static bool IsHidden(string path) => path.Split('/', '\\').Any(p => p is "__MACOSX" or "node_modules" || (p.StartsWith('.') && p is not ("." or "..")));
}
