namespace Parley.Knowledge.Analysis;

/// <summary>Tells a language by its script, where that decides.</summary>
public static class ScriptLanguage
{
    /// <summary>Told by the caller among the languages that share the script.</summary>
    public const string Latin = "latin";

    /// <returns>ISO 639-1, <see cref="Latin"/>, or null where there are no letters.</returns>
    public static string? Of(ReadOnlySpan<char> text)
    {
        int latin = 0, greek = 0, cyrillic = 0, arabic = 0, hebrew = 0, devanagari = 0, thai = 0, kana = 0, hangul = 0, han = 0;
        var (ukrainian, persian) = (false, false);
        foreach (var c in text)
        {
            if (!char.IsLetter(c))
                continue;
            switch (c)
            {
                case < '\u0300' or >= '\u1e00' and < '\u1f00': latin++; break;
                case < '\u0400' or >= '\u1f00' and < '\u2000': greek++; break;
                case < '\u0530': cyrillic++; ukrainian |= c is 'і' or 'ї' or 'є' or 'ґ' or 'І' or 'Ї' or 'Є'; break;
                case >= '\u0590' and < '\u0600': hebrew++; break;
                case >= '\u0600' and < '\u0780': arabic++; persian |= c is 'پ' or 'چ' or 'ژ' or 'گ' or 'ی' or 'ک'; break;
                case >= '\u0900' and < '\u0980': devanagari++; break;
                case >= '\u0e00' and < '\u0e80': thai++; break;
                case >= '\u3040' and < '\u3100': kana++; break;
                case >= '\u3400' and < '\ua000': han++; break;
                case >= '\uac00' and < '\ud7b0': hangul++; break;
            }
        }
        // A product's name in Latin letters inside another script does not make the text Latin.
        (string Language, int Letters)[] scripts =
        [
            ("el", greek), (ukrainian ? "uk" : "ru", cyrillic), ("he", hebrew), (persian ? "fa" : "ar", arabic), ("hi", devanagari), ("th", thai),
            ("ko", hangul), (kana > 0 ? "ja" : "zh", kana + han),
        ];
        var best = scripts.MaxBy(s => s.Letters);
        return best.Letters * 3 >= latin && best.Letters > 0 ? best.Language : latin > 0 ? Latin : null;
    }
}
