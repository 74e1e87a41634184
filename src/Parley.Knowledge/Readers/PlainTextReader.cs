namespace Parley.Knowledge.Readers;

/// <summary>Reads plain text: paragraphs are what blank lines part. A first short line alone is the title.</summary>
internal static class PlainTextReader
{
    private const int MaxTitle = 120;

    internal static ReadDocument Read(string text, string path)
    {
        var paragraphs = new List<string>();
        var lines = new List<string>();
        foreach (var line in text.Split('\n'))
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                lines.Add(line.TrimEnd());
                continue;
            }
            Flush(lines, paragraphs);
        }
        Flush(lines, paragraphs);

        var document = new DocumentBuilder();
        string? title = null;
        foreach (var paragraph in paragraphs)
        {
            if (title is null && paragraphs.Count > 1 && IsTitle(paragraph))
                title = paragraph.Trim();
            else
                document.Text(paragraph);
            title ??= DocumentTitle.FromPath(path);
        }
        return document.Build(title ?? DocumentTitle.FromPath(path));
    }

    private static bool IsTitle(string paragraph) =>
        paragraph.Length <= MaxTitle && !paragraph.Contains('\n', StringComparison.Ordinal) && paragraph[^1] is not ('.' or ':' or ',' or ';' or '!');

    private static void Flush(List<string> lines, List<string> paragraphs)
    {
        if (lines.Count > 0)
            paragraphs.Add(string.Join('\n', lines));
        lines.Clear();
    }
}
