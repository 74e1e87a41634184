using Parley.Quality.Evaluation;

namespace Parley.Bench;

/// <summary>Finds the test sets, which stay beside the project and are not part of it.</summary>
internal static class Datasets
{
    internal static System.Text.Json.JsonSerializerOptions Indented { get; } = new() { WriteIndented = true };

    /// <summary>PARLEY_DATASETS, or ../shared/data beside the repository.</summary>
    internal static string Root() =>
        Environment.GetEnvironmentVariable("PARLEY_DATASETS") is { Length: > 0 } root ? root : Path.Combine(Repository(), "..", "shared", "data");

    /// <summary>Loads a set, or says on standard error that it is skipped.</summary>
    internal static Dataset? Find(string name, string? queriesFile = null)
    {
        var folder = Path.Combine(Root(), name);
        if (File.Exists(Path.Combine(folder, "corpus.jsonl")))
            return Dataset.Load(folder, queriesFile);
        Console.Error.WriteLine($"SKIPPED {name}: not found under {Root()} (set PARLEY_DATASETS)");
        return null;
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Parley.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? Directory.GetCurrentDirectory();
    }
}
