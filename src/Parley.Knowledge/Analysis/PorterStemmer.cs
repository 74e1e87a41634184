namespace Parley.Knowledge.Analysis;

/// <summary>
/// M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, in its original form (without the later bli/logi revisions).
/// It runs on every word of ASCII letters and digits, whatever the language: measured over twelve languages this costs nothing, because
/// question and document are cut alike and the gram leg sees the whole word.
/// </summary>
internal static class PorterStemmer
{
    private static readonly (string Suffix, string Replacement)[] Step2 =
    [
        ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("abli", "able"), ("alli", "al"),
        ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"),
        ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"),
    ];

    private static readonly (string Suffix, string Replacement)[] Step3 =
    [
        ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", ""),
    ];

    private static readonly string[] Step4 =
    [
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "sion", "tion", "ou", "ism", "ate", "iti", "ous", "ive", "ize",
    ];

    /// <summary>Stems a word in place and returns the length of its stem, which is never longer than the word. The word must be lower case.</summary>
    public static int Stem(Span<char> word)
    {
        var n = word.Length;
        if (n < 3)
            return n;
        n = Plural(word, n);
        n = PastAndGerund(word, n);
        if (word[n - 1] == 'y' && HasVowel(word[..(n - 1)]))
            word[n - 1] = 'i';
        n = Replace(word, n, Step2);
        n = Replace(word, n, Step3);
        n = RemoveSuffix(word, n);
        return FinalE(word, n);
    }

    private static int Plural(ReadOnlySpan<char> w, int n) =>
        w[..n].EndsWith("sses") || w[..n].EndsWith("ies") ? n - 2
        : w[n - 1] == 's' && w[n - 2] != 's' ? n - 1
        : n;

    private static int PastAndGerund(Span<char> w, int n)
    {
        var word = w[..n];
        if (word.EndsWith("eed"))
            return Measure(word[..^3]) > 0 ? n - 1 : n;
        if (word.EndsWith("ed") && HasVowel(word[..^2]))
            n -= 2;
        else if (word.EndsWith("ing") && HasVowel(word[..^3]))
            n -= 3;
        else
            return n;
        word = w[..n];
        if (word.EndsWith("at") || word.EndsWith("bl") || word.EndsWith("iz"))
            w[n++] = 'e';
        else if (EndsInDouble(word) && word[^1] is not ('l' or 's' or 'z'))
            n--;
        else if (Measure(word) == 1 && EndsInShortSyllable(word))
            w[n++] = 'e';
        return n;
    }

    private static int Replace(Span<char> w, int n, (string Suffix, string Replacement)[] rules)
    {
        foreach (var (suffix, replacement) in rules)
        {
            if (!w[..n].EndsWith(suffix))
                continue;
            var stem = n - suffix.Length;
            if (Measure(w[..stem]) == 0)
                return n;
            replacement.CopyTo(w[stem..]);
            return stem + replacement.Length;
        }
        return n;
    }

    private static int RemoveSuffix(ReadOnlySpan<char> w, int n)
    {
        foreach (var suffix in Step4)
        {
            if (!w[..n].EndsWith(suffix))
                continue;
            var stem = n - (suffix is "sion" or "tion" ? 3 : suffix.Length);
            return Measure(w[..stem]) > 1 ? stem : n;
        }
        return n;
    }

    private static int FinalE(ReadOnlySpan<char> w, int n)
    {
        if (n > 0 && w[n - 1] == 'e')
        {
            var m = Measure(w[..(n - 1)]);
            if (m > 1 || (m == 1 && !EndsInShortSyllable(w[..(n - 1)])))
                n--;
        }
        return Measure(w[..n]) > 1 && EndsInDouble(w[..n]) && w[n - 1] == 'l' ? n - 1 : n;
    }

    /// <summary>A letter other than a, e, i, o, u, and other than a y that follows a consonant.</summary>
    private static bool IsConsonant(ReadOnlySpan<char> w, int i)
    {
        if (w[i] != 'y')
            return w[i] is not ('a' or 'e' or 'i' or 'o' or 'u');
        // In a run of y the first is a consonant (at the start of the word, or after a vowel), then they alternate.
        var first = i;
        while (first > 0 && w[first - 1] == 'y')
            first--;
        var consonantBefore = first > 0 && IsConsonant(w, first - 1);
        return consonantBefore == ((i - first) % 2 == 1);
    }

    /// <summary>The m of [C](VC)^m[V].</summary>
    private static int Measure(ReadOnlySpan<char> w)
    {
        var m = 0;
        var previous = true;
        for (var i = 0; i < w.Length; i++)
        {
            var consonant = IsConsonant(w, i);
            if (consonant && !previous)
                m++;
            previous = consonant;
        }
        return m;
    }

    private static bool HasVowel(ReadOnlySpan<char> w)
    {
        for (var i = 0; i < w.Length; i++)
        {
            if (!IsConsonant(w, i))
                return true;
        }
        return false;
    }

    private static bool EndsInDouble(ReadOnlySpan<char> w) => w.Length > 1 && w[^1] == w[^2] && IsConsonant(w, w.Length - 1);

    /// <summary>*o of the paper: consonant, vowel, consonant, where the last is not w, x or y.</summary>
    private static bool EndsInShortSyllable(ReadOnlySpan<char> w) =>
        w.Length > 2 && IsConsonant(w, w.Length - 1) && !IsConsonant(w, w.Length - 2) && IsConsonant(w, w.Length - 3)
        && w[^1] is not ('w' or 'x' or 'y');
}
