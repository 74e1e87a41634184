using System.Text;

namespace Parley.Knowledge.Readers;

/// <summary>Reads tables of comma, semicolon, tab or bar separated values.</summary>
internal static class CsvReader
{
    /// <summary>One value; a quotation mark that is never closed makes the rest of the file one.</summary>
    private const int MaxFieldLength = 200_000;

    private const int SampleLength = 64 * 1024;
    private const int SampleRows = 30;
    private static readonly char[] Delimiters = [',', ';', '\t', '|'];

    internal static ReadDocument Read(string text, string path)
    {
        var document = new DocumentBuilder();
        new TableDocument(document, 2).Add(Rows(text, DelimiterOf(text)));
        return document.Build(DocumentTitle.FromPath(path));
    }

    /// <summary>A text whose first line names questions and answers is such a table, whatever its name.</summary>
    internal static bool IsPairs(string text)
    {
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var line = end < 0 ? text : text[..end];
        return line.Length < 1000 && Delimiters.Any(d => line.Contains(d, StringComparison.Ordinal) && TableDocument.PairOf([.. line.Split(d).Select(v => v.Trim().Trim('"'))]) is not null);
    }

    /// <summary>All records of a small table.</summary>
    internal static List<List<string>> Records(string text, char delimiter) => [.. Rows(text, delimiter).Select(r => r.Select(v => v.Trim()).ToList())];

    /// <summary>The one that parts the first lines most evenly.</summary>
    internal static char DelimiterOf(string text)
    {
        var sample = text[..Math.Min(text.Length, SampleLength)];
        var (best, bestScore) = (',', 0d);
        foreach (var delimiter in Delimiters)
        {
            var counts = new List<int>();
            try
            {
                foreach (var row in Rows(sample, delimiter).Take(SampleRows))
                    counts.Add(row.Count);
            }
            catch (ReaderLimitException)
            {
                // The sample ends inside a value.
            }
            if (counts.Count == 0)
                continue;
            var most = counts.GroupBy(c => c).MaxBy(g => g.Count())!;
            var score = most.Key < 2 ? 0 : (double)most.Count() / counts.Count * Math.Min(most.Key, 20);
            if (score > bestScore)
                (best, bestScore) = (delimiter, score);
        }
        return best;
    }

    /// <summary>RFC 4180, and what programs make of it: quotation marks inside a value that began without one are characters like any other.</summary>
    private static IEnumerable<IReadOnlyList<string>> Rows(string text, char delimiter)
    {
        var (row, line) = (new List<string>(), 1);
        for (var at = 0; at < text.Length;)
        {
            var (value, end) = text[at] == '"' ? Quoted(text, at, delimiter, line) : Bare(text, at, delimiter);
            line += text.AsSpan(at, end - at).Count('\n');
            row.Add(value);
            at = end + 1;
            if (end < text.Length && text[end] == delimiter)
            {
                // A delimiter at the very end is followed by an empty value.
                if (at == text.Length)
                    row.Add("");
                continue;
            }
            line++;
            yield return row;
            row = [];
        }
        if (row.Count > 0)
            yield return row;
    }

    private static (string Value, int End) Bare(string text, int start, char delimiter)
    {
        var length = text.AsSpan(start).IndexOfAny(delimiter, '\n');
        return length < 0 ? (text[start..], text.Length) : (text.Substring(start, length), start + length);
    }

    private static (string Value, int End) Quoted(string text, int start, char delimiter, int line)
    {
        var value = new StringBuilder();
        for (var at = start + 1; ; )
        {
            var length = text.AsSpan(at).IndexOf('"');
            if (length < 0 || value.Length + length > MaxFieldLength)
                throw new ReaderLimitException($"A quotation mark in line {line} of the table is not closed within {MaxFieldLength} characters. Close it, or write \"\" for one that belongs to the text.");
            value.Append(text, at, length);
            at += length + 1;
            if (at < text.Length && text[at] == '"')
            {
                value.Append('"');
                at++;
                continue;
            }
            // What stands between the mark and the delimiter belongs to the value all the same.
            var (rest, end) = Bare(text, at, delimiter);
            return (value.Append(rest).ToString(), end);
        }
    }
}
