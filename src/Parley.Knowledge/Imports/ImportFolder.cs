namespace Parley.Knowledge.Imports;

/// <summary>A file to import: where it is, and its path inside the source.</summary>
internal sealed record FolderFile(string FullPath, string Path, long Size);

/// <summary>What a folder (or one file) holds for an import.</summary>
/// <param name="Canonical">Absolute path with links resolved: the same folder is the same source, however it was named.</param>
/// <param name="Name">A name for the source.</param>
/// <param name="Files">In the order of their paths.</param>
/// <param name="Skipped">Files that by their name are no documents.</param>
internal sealed record ImportFolder(string Canonical, string Name, IReadOnlyList<FolderFile> Files, int Skipped)
{
    private static readonly string[] PoorNames = ["md", "docs", "doc", "content", "src", "pages", "guides", "documentation"];

    /// <summary>Hidden files and folders are left out; links are followed only to files that stay inside the folder.</summary>
    /// <returns>Null where there is no such file or folder.</returns>
    internal static ImportFolder? Read(string path)
    {
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (File.Exists(full))
        {
            var file = new FileInfo(RealPath(full));
            return new ImportFolder(file.FullName, file.Name, [new FolderFile(file.FullName, file.Name, file.Length)], 0);
        }
        if (!Directory.Exists(full))
            return null;
        var root = RealPath(full);
        var files = new List<FolderFile>();
        var skipped = Walk(new DirectoryInfo(root), root, files);
        files.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return new ImportFolder(root, NameOf(root), files, skipped);
    }

    private static int Walk(DirectoryInfo folder, string root, List<FolderFile> files)
    {
        var skipped = 0;
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if (entry.Name.StartsWith('.') || entry.Name == "node_modules")
                continue;
            if (entry is DirectoryInfo inner)
            {
                // A linked folder inside the folder is walked where it really is; one outside does not belong to it.
                skipped += inner.LinkTarget is null ? Walk(inner, root, files) : 0;
                continue;
            }
            var target = entry.LinkTarget is null ? entry.FullName : entry.ResolveLinkTarget(returnFinalTarget: true)?.FullName;
            if (target is null || !File.Exists(target) || !IsInside(root, RealPath(target)))
                continue;
            var path = System.IO.Path.GetRelativePath(root, entry.FullName).Replace(System.IO.Path.DirectorySeparatorChar, '/');
            if (ImportPath.MayBeDocument(path))
                files.Add(new FolderFile(target, path, new FileInfo(target).Length));
            else
                skipped++;
        }
        return skipped;
    }

    private static bool IsInside(string root, string path) => path.StartsWith(root + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Resolves links in every part of a path.</summary>
    private static string RealPath(string path)
    {
        var real = System.IO.Path.GetPathRoot(path)!;
        foreach (var part in path[real.Length..].Split(System.IO.Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = System.IO.Path.Combine(real, part);
            FileSystemInfo info = Directory.Exists(real) ? new DirectoryInfo(real) : new FileInfo(real);
            if (info.LinkTarget is not null && info.ResolveLinkTarget(returnFinalTarget: true) is { } target)
                real = RealPath(target.FullName);
        }
        return real;
    }

    /// <summary>"docs" says little about whose: its parent is named too.</summary>
    private static string NameOf(string root)
    {
        var name = System.IO.Path.GetFileName(root);
        var parent = System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(root) ?? "");
        var full = PoorNames.Contains(name.ToLowerInvariant()) && parent.Length > 0 ? parent + "/" + name : name;
        return full.Length is > 0 and <= Sources.SourceFields.MaxName ? full : "Folder";
    }
}
