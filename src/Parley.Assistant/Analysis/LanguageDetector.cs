using System.Buffers;
using Parley.Knowledge.Analysis;

namespace Parley.Assistant.Analysis;

/// <summary>
/// Tells the language of a short message: by its script where that decides, otherwise by frequent words and letters of the languages that
/// share the script.
/// </summary>
internal static class LanguageDetector
{
    /// <summary>Letters that speak for a language, and how much one occurrence does.</summary>
    private static readonly (string Language, SearchValues<char> Letters, double Weight)[] LetterCues =
    [
        ("vi", SearchValues.Create("đơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉĩịọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹ"), 1.5),
        ("tr", SearchValues.Create("ğışİ"), 1.5),
        ("ro", SearchValues.Create("ășțşţ"), 1.2),
        ("de", SearchValues.Create("ßä"), 1.2),
        ("es", SearchValues.Create("ñ¿¡"), 2),
        ("pt", SearchValues.Create("ãõ"), 1.5),
        ("fr", SearchValues.Create("œèêû"), .6),
        ("it", SearchValues.Create("ìò"), .8),
        ("de", SearchValues.Create("öü"), .4),
        ("tr", SearchValues.Create("öüç"), .3),
        ("pt", SearchValues.Create("çâ"), .4),
        ("fr", SearchValues.Create("çàé"), .3),
        ("es", SearchValues.Create("óíúá"), .3),
        ("ro", SearchValues.Create("âî"), .6),
    ];

    /// <param name="text">The message.</param>
    /// <param name="fallback">What to assume where the message does not show its language: the conversation's or the tenant's.</param>
    public static string Detect(ReadOnlySpan<char> text, string fallback = "en") => ScriptLanguage.Of(text) switch
    {
        null => fallback,
        ScriptLanguage.Latin => AmongLatin(text, fallback),
        var language => language,
    };

    private static string AmongLatin(ReadOnlySpan<char> text, string fallback)
    {
        var scores = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var range in Words(text))
        {
            var word = text[range].ToString().ToLowerInvariant();
            var known = AnalysisLexicon.All.Values.Where(l => l.FunctionWords.Contains(word)).ToList();
            foreach (var lexicon in known)
                Add(scores, lexicon.Language, 1d / known.Count);
            var courteous = AnalysisLexicon.All.Values.Where(l => l.TellTale.Contains(word)).ToList();
            foreach (var lexicon in courteous)
                Add(scores, lexicon.Language, .6 / courteous.Count);
        }
        var lower = text.ToString().ToLowerInvariant().AsSpan();
        foreach (var (language, letters, weight) in LetterCues)
        {
            for (var rest = lower; rest.IndexOfAny(letters) is >= 0 and var at; rest = rest[(at + 1)..])
                Add(scores, language, weight);
        }
        if (scores.Count == 0)
            return fallback;
        var best = scores.Values.Max();
        return scores.TryGetValue(fallback, out var own) && own >= best - 1e-9 ? fallback : scores.Where(s => s.Value >= best - 1e-9).Min(s => s.Key)!;
    }

    private static void Add(Dictionary<string, double> scores, string language, double weight) =>
        scores[language] = scores.GetValueOrDefault(language) + weight;

    private static List<Range> Words(ReadOnlySpan<char> text)
    {
        var words = new List<Range>();
        for (var i = 0; i < text.Length;)
        {
            var start = i;
            while (i < text.Length && char.IsLetter(text[i]))
                i++;
            if (i > start)
                words.Add(start..i);
            else
                i++;
        }
        return words;
    }
}
