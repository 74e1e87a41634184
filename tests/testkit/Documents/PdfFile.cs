using System.Globalization;
using System.Text;

namespace Parley.Testkit.Documents;

/// <summary>PDF files made by hand: pages of text lines in a standard font, or pages without text.</summary>
public static class PdfFile
{
    public static byte[] Of(params string[] pages) => Of(null, pages);

    /// <param name="title">In the file's properties.</param>
    /// <param name="pages">Lines are parted by \n; letters of WinAnsi only. An empty page shows a drawing, as a scan does.</param>
    public static byte[] Of(string? title, IReadOnlyList<string> pages)
    {
        var objects = new List<string> { "", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>", $"<< /Title ({Escaped(title ?? "")}) >>" };
        var kids = new StringBuilder();
        foreach (var page in pages)
        {
            var content = Content(page);
            objects.Add($"<< /Length {content.Length} >>\nstream\n{content}\nendstream");
            objects.Add(string.Create(CultureInfo.InvariantCulture, $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {objects.Count} 0 R >>"));
            kids.Append(CultureInfo.InvariantCulture, $"{objects.Count} 0 R ");
        }
        objects[0] = "<< /Type /Catalog /Pages 2 0 R >>";
        objects[1] = string.Create(CultureInfo.InvariantCulture, $"<< /Type /Pages /Kids [{kids}] /Count {pages.Count} >>");
        return Written(objects, "");
    }

    /// <summary>Pages that are pictures, as a scanner makes them: each a JPEG in colours.</summary>
    public static byte[] Scanned(int width, int height, params byte[][] pictures)
    {
        var objects = new List<string> { "<< /Type /Catalog /Pages 2 0 R >>", "" };
        var kids = new StringBuilder();
        foreach (var picture in pictures)
        {
            objects.Add(string.Create(CultureInfo.InvariantCulture,
                $"<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length {picture.Length} >>\nstream\n{Encoding.Latin1.GetString(picture)}\nendstream"));
            objects.Add("<< /Length 33 >>\nstream\nq 595 0 0 842 0 0 cm /Picture Do Q\nendstream");
            objects.Add(string.Create(CultureInfo.InvariantCulture,
                $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /Picture {objects.Count - 1} 0 R >> >> /Contents {objects.Count} 0 R >>"));
            kids.Append(CultureInfo.InvariantCulture, $"{objects.Count} 0 R ");
        }
        objects[1] = string.Create(CultureInfo.InvariantCulture, $"<< /Type /Pages /Kids [{kids}] /Count {pictures.Length} >>");
        return Written(objects, "");
    }

    /// <summary>A file that asks for a password: its text is of no use without.</summary>
    public static byte[] Encrypted()
    {
        const string Key = "4142434445464748494a4b4c4d4e4f505152535455565758595a303132333435";
        var objects = new List<string>
        {
            "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>",
            $"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -64 /O <{Key}> /U <{Key}> >>",
        };
        return Written(objects, " /Encrypt 3 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]");
    }

    private static string Content(string page)
    {
        if (page.Length == 0)
            return "0.5 g 72 72 200 300 re f";
        var text = new StringBuilder("BT /F1 11 Tf 14 TL 72 780 Td");
        foreach (var line in page.Split('\n'))
            text.Append(line.Length == 0 ? " T*" : $" ({Escaped(line)}) Tj T*");
        return text.Append(" ET").ToString();
    }

    private static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("(", "\\(", StringComparison.Ordinal).Replace(")", "\\)", StringComparison.Ordinal);

    private static byte[] Written(List<string> objects, string trailer)
    {
        using var file = new MemoryStream();
        var offsets = new List<long>();
        Write("%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n");
        for (var i = 0; i < objects.Count; i++)
        {
            offsets.Add(file.Length);
            Write(string.Create(CultureInfo.InvariantCulture, $"{i + 1} 0 obj\n{objects[i]}\nendobj\n"));
        }
        var start = file.Length;
        Write(string.Create(CultureInfo.InvariantCulture, $"xref\n0 {objects.Count + 1}\n0000000000 65535 f \n"));
        foreach (var offset in offsets)
            Write(string.Create(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n"));
        var info = objects.Count > 3 && objects[3].StartsWith("<< /Title", StringComparison.Ordinal) ? " /Info 4 0 R" : "";
        Write(string.Create(CultureInfo.InvariantCulture, $"trailer\n<< /Size {objects.Count + 1} /Root 1 0 R{info}{trailer} >>\nstartxref\n{start}\n%%EOF\n"));
        return file.ToArray();

        void Write(string text) => file.Write(Encoding.Latin1.GetBytes(text));
    }
}
