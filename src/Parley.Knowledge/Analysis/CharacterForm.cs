using System.Globalization;

namespace Parley.Knowledge.Analysis;

/// <summary>What the tokeniser makes of one character: a separator, a mark to drop, a letter of a spaceless script, or a folded letter.</summary>
internal static class CharacterForm
{
    /// <summary>Ends a word.</summary>
    internal const char Separator = '\0';

    /// <summary>Belongs to the letter before it and is dropped: a non-spacing mark, a soft hyphen.</summary>
    internal const char Mark = '\uffff';

    /// <summary>A letter of a script that is written without spaces between words; runs of these are cut into pairs.</summary>
    internal const char Spaceless = '\ufffe';

    private const int TableSize = 0x2000;

    /// <summary>Letters that Unicode does not decompose, but that people type without their stroke or dot.</summary>
    private static readonly (char Written, char Typed)[] StrokeLetters =
    [
        ('ı', 'i'), ('đ', 'd'), ('Đ', 'd'), ('ł', 'l'), ('Ł', 'l'), ('ø', 'o'), ('Ø', 'o'), ('ħ', 'h'), ('Ħ', 'h'), ('ŧ', 't'), ('Ŧ', 't'),
    ];

    private static readonly char[] Table = Build();

    /// <summary>The folded letter, or one of the three constants.</summary>
    internal static char Of(char c) => c < TableSize ? Table[c] : Beyond(c);

    /// <summary>The two letters that a folded ligature is typed as, or nothing.</summary>
    internal static ReadOnlySpan<char> Expand(char folded) => folded switch
    {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        _ => default,
    };

    internal static bool IsSpaceless(char c) => c switch
    {
        < '\u0e00' => false,
        < '\u0f00' => true,                          // Thai, Lao
        >= '\u1000' and < '\u10a0' => true,          // Burmese
        >= '\u1780' and < '\u1800' => true,          // Khmer
        >= '\u3040' and <= '\u30ff' => true,         // Hiragana, Katakana
        >= '\u3400' and <= '\u9fff' => true,         // Ideographs
        >= '\uac00' and <= '\ud7af' => true,         // Hangul syllables
        _ => false,
    };

    /// <summary>An ideograph carries meaning by itself, so the gram leg also counts it alone.</summary>
    internal static bool IsIdeograph(char c) => c is >= '\u3400' and <= '\u9fff';

    private static char[] Build()
    {
        var table = new char[TableSize];
        for (var c = 0; c < TableSize; c++)
            table[c] = Classify((char)c);
        CanonicalBase.ForEach((composed, letter) =>
        {
            if (composed < TableSize)
                table[composed] = table[letter];
        });
        table['\u00ad'] = Mark;
        table['ς'] = 'σ';
        foreach (var (written, typed) in StrokeLetters)
            table[written] = typed;
        return table;
    }

    private static char Beyond(char c) => c is >= '\uff01' and <= '\uff5e' ? Of((char)(c - 0xfee0)) : Classify(c);

    private static char Classify(char c) =>
        IsSpaceless(c) ? Spaceless
        : char.IsLetter(c) || char.IsNumber(c) ? char.ToLowerInvariant(c)
        : ClassifyMark(c);

    /// <summary>
    /// Vowel signs of the Indic scripts are letters of their words (without them a Hindi word falls to pieces: +.011 nDCG@10 on xquad_hi);
    /// everywhere else a non-spacing mark is an accent. A nukta is an accent too: the table of precomposed letters drops it.
    /// </summary>
    private static char ClassifyMark(char c) => char.GetUnicodeCategory(c) switch
    {
        UnicodeCategory.SpacingCombiningMark => c,
        UnicodeCategory.NonSpacingMark => c is >= '\u0900' and < '\u0e00' && (c & 0x7f) != 0x3c ? c : Mark,
        UnicodeCategory.Format when c is '\u200c' or '\u200d' => Mark,
        _ => Separator,
    };
}
