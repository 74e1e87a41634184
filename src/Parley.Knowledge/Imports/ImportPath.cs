using System.Collections.Frozen;

namespace Parley.Knowledge.Imports;

/// <summary>Paths of documents inside a source: relative, with '/', without '.' and '..', printable.</summary>
internal static class ImportPath
{
    internal const int MaxLength = 500;

    private static readonly FrozenSet<string> Read = new[]
    {
        "", ".md", ".mdx", ".markdown", ".mdown", ".html", ".htm", ".xhtml", ".txt", ".text", ".pdf", ".docx", ".docm", ".pptx", ".pptm", ".xlsx", ".xlsm", ".csv", ".tsv",
        ".adoc", ".asciidoc", ".asc", ".ad", ".rst", ".rest", ".zip",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The path in its one form, or why it is refused.</summary>
    internal static (string? Path, string? Reason) Normalize(string? given)
    {
        if (string.IsNullOrWhiteSpace(given))
            return (null, "The file has no name. Give its path as the part's filename.");
        if (given.Length > MaxLength)
            return (null, $"The path is longer than {MaxLength} characters.");
        foreach (var c in given)
        {
            if (char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' or '\uFEFF')
                return (null, "The path holds a control character.");
        }
        var path = given.Replace('\\', '/').Trim();
        if (path[0] == '/' || (path.Length > 1 && path[1] == ':' && char.IsAsciiLetter(path[0])))
            return (null, "The path is absolute. Give it relative to the folder.");
        var parts = path.Split('/').Where(p => p is not ("" or ".")).ToList();
        if (parts.Contains(".."))
            return (null, "The path leaves its folder ('..').");
        return parts.Count == 0 ? (null, "The file has no name. Give its path as the part's filename.") : (string.Join('/', parts), null);
    }

    /// <summary>By its name alone, may it be a document? What it really is, its content says.</summary>
    internal static bool MayBeDocument(string path) => Read.Contains(System.IO.Path.GetExtension(path));

    /// <summary>Why not.</summary>
    internal static string NotRead(string path) =>
        $"Files of type {System.IO.Path.GetExtension(path).ToLowerInvariant()} are not read. Parley reads {Readers.DocumentReader.Formats}.";

    /// <summary>A refused path in a form that can be shown and stored.</summary>
    internal static string Shown(string? path)
    {
        var shown = string.Concat((path ?? "").Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return shown.Length == 0 ? "(no name)" : shown.Length <= MaxLength ? shown : shown[..MaxLength];
    }
}
