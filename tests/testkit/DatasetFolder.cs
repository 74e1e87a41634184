namespace Parley.Testkit;

/// <summary>Data sets are no part of the repository: PARLEY_DATASETS, or ../shared/data beside it. What needs them is skipped aloud.</summary>
public static class DatasetFolder
{
    public static string? Find(string name)
    {
        if (Environment.GetEnvironmentVariable("PARLEY_DATASETS") is { Length: > 0 } root)
            return Existing(Path.Combine(root, name));
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Parley.slnx")))
                return Existing(Path.Combine(folder.FullName, "..", "shared", "data", name));
        }
        return null;
    }

    private static string? Existing(string folder) => Directory.Exists(folder) ? Path.GetFullPath(folder) : null;
}
