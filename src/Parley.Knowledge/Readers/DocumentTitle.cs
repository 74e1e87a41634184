namespace Parley.Knowledge.Readers;

/// <summary>The title of a document that has none of its own: its file's name, read as words.</summary>
internal static class DocumentTitle
{
    internal const int MaxLength = 300;

    internal static string FromPath(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var name = parts.Length == 0 ? "" : Path.GetFileNameWithoutExtension(parts[^1]);
        if (parts.Length > 1 && name.ToLowerInvariant() is "index" or "readme")
            name = parts[^2];
        var words = TextNormal.OneLine(name.Replace('-', ' ').Replace('_', ' '));
        return words.Length == 0 ? "Untitled" : TextNormal.Truncate(char.ToUpperInvariant(words[0]) + words[1..], MaxLength);
    }
}
