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

    private static readonly char[] Table = Build();

    /// <summary>The folded letter, or one of the three constants.</summary>
    internal static char Of(char c) => c < TableSize ? Table[c] : Beyond(c);

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
        return table;
    }

    private static char Beyond(char c) => c is >= '\uff01' and <= '\uff5e' ? Of((char)(c - 0xfee0)) : Classify(c);

    private static char Classify(char c) =>
        IsSpaceless(c) ? Spaceless
        : char.IsLetter(c) || char.IsNumber(c) ? char.ToLowerInvariant(c)
        : char.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark ? Mark
        : Separator;
}
