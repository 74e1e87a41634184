using System.Text;
using System.Text.RegularExpressions;

namespace Parley.Knowledge.Readers.Pdf;

/// <summary>Turns the lines of PDF pages into paragraphs and lists: joins wrapped lines, mends words cut by hyphens, drops running heads and page numbers. Pure.</summary>
internal static partial class PdfPages
{
    private const int LeastPages = 3;
    private const double LeastShare = .5;

    /// <summary>Lines that stand on at least half of the pages at the same end are the book's, not the page's.</summary>
    internal static List<string> WithoutRunningLines(List<string> pages)
    {
        var lines = pages.ConvertAll(p => p.Split('\n').ToList());
        // pdftotext ends the last page with a form feed as well.
        if (lines.Count > 0 && lines[^1].TrueForAll(string.IsNullOrWhiteSpace))
            lines.RemoveAt(lines.Count - 1);
        // Page numbers differ, so at the very edge digits do not count; the line behind it must be the same to the letter.
        DropEdge(lines, Key);
        DropEdge(lines, l => l.Trim());
        return lines.ConvertAll(l => string.Join('\n', l));
    }

    /// <summary>Adds a page's paragraphs and lists.</summary>
    internal static void Add(DocumentBuilder document, string page)
    {
        var paragraph = new StringBuilder();
        var items = new List<StringBuilder>();
        foreach (var line in page.Split('\n'))
        {
            var text = line.Trim();
            if (Bullet().Match(text) is { Success: true } bullet)
            {
                Flush(document, paragraph, []);
                items.Add(new StringBuilder(bullet.Groups["number"].Success ? bullet.Groups["number"].Value + ". " : "- ").Append(text[bullet.Length..]));
            }
            else if (text.Length == 0)
            {
                Flush(document, paragraph, items);
            }
            else
            {
                Join(items.Count > 0 ? items[^1] : paragraph, text);
            }
        }
        Flush(document, paragraph, items);
    }

    private static void Flush(DocumentBuilder document, StringBuilder paragraph, List<StringBuilder> items)
    {
        document.Text(paragraph.ToString());
        paragraph.Clear();
        if (items.Count > 0)
            document.Add(BlockKind.List, items.ConvertAll(i => new BlockUnit(i.ToString())));
        items.Clear();
    }

    /// <summary>A word cut at the line's end is one word again where both its parts are in small letters.</summary>
    private static void Join(StringBuilder text, string line)
    {
        if (text.Length > 1 && text[^1] is '-' or '\u2010' && char.IsLower(text[^2]) && char.IsLower(line[0]))
            text.Length--;
        else if (text.Length > 0)
            text.Append(' ');
        text.Append(line);
    }

    /// <summary>Removes the outermost line at both ends where it is a page number or stands there on most pages.</summary>
    private static void DropEdge(List<List<string>> pages, Func<string, string> key)
    {
        foreach (var fromTop in new[] { true, false })
        {
            var edges = pages.ConvertAll(p => fromTop ? p.FindIndex(l => !string.IsNullOrWhiteSpace(l)) : p.FindLastIndex(l => !string.IsNullOrWhiteSpace(l)));
            var counts = pages.Zip(edges).Where(p => p.Second >= 0).CountBy(p => key(p.First[p.Second])).ToDictionary(StringComparer.Ordinal);
            for (var i = 0; i < pages.Count; i++)
            {
                if (edges[i] < 0)
                    continue;
                var line = pages[i][edges[i]];
                if (PageNumber().IsMatch(line) || (pages.Count >= LeastPages && counts[key(line)] >= Math.Max(LeastPages, LeastShare * pages.Count)))
                    pages[i].RemoveAt(edges[i]);
            }
        }
    }

    /// <summary>Numbers differ from page to page.</summary>
    private static string Key(string line) => Digits().Replace(line.Trim(), "#");

    [GeneratedRegex(@"\d+", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();

    [GeneratedRegex(@"\A\s*(?:[-–—]\s*)?(?:(?:page|seite|página|pagina|σελίδα|стр\.?|sayfa|trang|หน้า)\s*)?\d{1,4}(?:\s*(?:/|of|von|de|di|из)\s*\d{1,4})?(?:\s*[-–—])?\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PageNumber();

    [GeneratedRegex(@"\A(?:[•‣◦▪■●○–·\uf0b7\u2022]\s+|[-*]\s+|(?<number>\d{1,3})[.)]\s+)(?=\S)", RegexOptions.CultureInvariant)]
    private static partial Regex Bullet();
}
