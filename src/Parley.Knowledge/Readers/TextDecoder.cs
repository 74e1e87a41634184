using System.Text;
using System.Text.RegularExpressions;

namespace Parley.Knowledge.Readers;

/// <summary>Finds the encoding of a text by its bytes.</summary>
internal static partial class TextDecoder
{
    private const int DeclarationWindow = 2048;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    static TextDecoder() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>
    /// A byte order mark decides; then UTF-8 where it is valid (or all but valid: one broken byte must not spoil the rest);
    /// then what the text declares about itself; then Latin-1 as browsers read it (windows-1252).
    /// </summary>
    internal static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            return Encoding.UTF8.GetString(bytes[3..]);
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
            return Encoding.Unicode.GetString(bytes[2..]);
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return Encoding.BigEndianUnicode.GetString(bytes[2..]);
        if (IsUtf8(bytes))
            return Encoding.UTF8.GetString(bytes);
        return (Declared(bytes) ?? Encoding.GetEncoding(1252)).GetString(bytes);
    }

    private static bool IsUtf8(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Strict.GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return IsNearlyUtf8(bytes);
        }
    }

    private static bool IsNearlyUtf8(ReadOnlySpan<byte> bytes)
    {
        var (valid, broken) = (0, 0);
        while (!bytes.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(bytes, out _, out var consumed);
            if (status != System.Buffers.OperationStatus.Done)
                broken++;
            else if (consumed > 1)
                valid++;
            bytes = bytes[Math.Max(1, consumed)..];
        }
        return valid >= 10 * broken;
    }

    /// <summary>What <c>&lt;meta charset&gt;</c> or an XML declaration says. UTF-8 has been tried and UTF-16 would have had a mark.</summary>
    private static Encoding? Declared(ReadOnlySpan<byte> bytes)
    {
        var head = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, DeclarationWindow)]);
        if (Declaration().Match(head) is not { Success: true } match)
            return null;
        try
        {
            var declared = Encoding.GetEncoding(match.Groups[1].Value);
            return declared.IsSingleByte || declared.CodePage is 932 or 936 or 949 or 950 or 51932 or 54936 ? declared : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    [GeneratedRegex("""(?:<meta[^>]{0,200}charset|<\?xml[^>]{0,100}encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Declaration();
}
