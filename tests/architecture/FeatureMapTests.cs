using System.Text.RegularExpressions;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Architecture;

/// <summary>The map from features to files must not drift.</summary>
public sealed partial class FeatureMapTests
{
    [Fact]
    public void Every_path_exists() =>
        Missing(File.ReadAllText(Path.Combine(Repository.Root, "docs", "feature-map.md"))).ShouldBeEmpty();

    [Fact]
    public void Every_module_is_on_the_map()
    {
        var map = File.ReadAllText(Path.Combine(Repository.Root, "docs", "feature-map.md"));
        Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src")).Select(Path.GetFileName)
            .Where(module => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", module!), "*.cs").Any() && !map.Contains($"`src/{module}", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    [Fact]
    public void A_path_that_does_not_exist_is_found() =>
        Missing("| Feature | Files |\n| --- | --- |\n| A | `parley`, `src/NoSuchFile.cs` |\n").ShouldBe(["src/NoSuchFile.cs"]);

    [Fact]
    public void A_map_without_paths_is_an_error() => Should.Throw<InvalidOperationException>(() => Missing("# Feature map\n"));

    private static List<string> Missing(string map)
    {
        var paths = map.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).SelectMany(line => Code().Matches(line)).Select(m => m.Groups[1].Value).ToList();
        if (paths.Count == 0) throw new InvalidOperationException("The feature map names no path.");
        return [.. paths.Where(path => !Path.Exists(Path.Combine(Repository.Root, path)))];
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
