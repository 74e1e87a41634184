using System.Globalization;
using System.Text;

namespace Parley.Testkit.Faults;

/// <summary>A folder of documents to import.</summary>
/// <param name="Files">What is imported.</param>
/// <param name="Questions">What is asked of it, to compare rankings.</param>
public sealed record FaultCorpus(IReadOnlyList<(string Path, byte[] Content)> Files, IReadOnlyList<string> Questions)
{
    /// <summary>Markdown with headings, a list, a table and code, each document of its own words and length.</summary>
    public static FaultCorpus Made(int documents, int seed)
    {
        var random = new Random(seed);
        return new FaultCorpus([.. Enumerable.Range(1, documents).Select(n => ($"chapter-{n % 7}/page-{n}.md", Encoding.UTF8.GetBytes(Page(n, random))))],
            [.. Enumerable.Range(1, 12).Select(n => $"Which lamp is lit when screw {random.Next(1000)} of part {1 + (n * 13 % documents)} is turned?")]);
    }

    /// <summary>The files of a folder, with the questions of a data set about them.</summary>
    public static FaultCorpus Of(string folder, IReadOnlyList<string> questions) => new(
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => (Path.GetRelativePath(folder, f).Replace('\\', '/'), File.ReadAllBytes(f)))], questions);

    private static string Page(int number, Random random)
    {
        var text = new StringBuilder($"# Page {number}\n\nThis page describes part {number} of the machine.\n\n");
        for (var section = 0; section < 2 + random.Next(6); section++)
        {
            text.Append(CultureInfo.InvariantCulture, $"## Step {section} of part {number}\n\n");
            for (var sentence = 0; sentence < 3 + random.Next(20); sentence++)
            {
                text.Append(CultureInfo.InvariantCulture, $"Turn screw {random.Next(1000)} until lamp {random.Next(1000)} of part {number} is lit. ");
            }
            text.Append(CultureInfo.InvariantCulture, $"\n\n- lamp {random.Next(1000)}\n- screw {random.Next(1000)}\n\n```\nset part{number} {random.Next(1000)}\n```\n\n| lamp | screw |\n|---|---|\n| {random.Next(1000)} | {random.Next(1000)} |\n\n");
        }
        return text.ToString();
    }
}
