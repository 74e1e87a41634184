using System.Text;
using Parley.Knowledge.Analysis;

namespace Parley.Knowledge.Retrieval;

/// <summary>
/// Reads a word that no document holds as the one that the writer's finger slipped on: two letters swapped, one left out, one too many or
/// another (F. J. Damerau, CACM 1964). Of several the most frequent one.
/// </summary>
/// <remarks>
/// The index keeps no words, so the possible ones are made and their stems looked up: the ending may be another than was meant. Short
/// words have many neighbours, and a question about something else is made of words that no document holds: in short words only swapped
/// letters are undone.
/// </remarks>
internal static class Spelling
{
    /// <summary>In words from here on, swapped letters are undone.</summary>
    private const int ShortestSwap = 4;

    /// <summary>In words from here on, any single slip is undone.</summary>
    private const int ShortestSlip = 6;

    private static readonly string[] Alphabets =
        ["abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя", "αβγδεζηθικλμνξοπρστυφχψω", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"];

    /// <summary>The question as it was meant; the same where every word is known or nothing is near.</summary>
    internal static string Correct(string text, FusionRanker ranker)
    {
        StringBuilder? corrected = null;
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        var copied = 0;
        while (reader.Read())
        {
            if (reader.Word.Length < ShortestSwap || reader.IsPair || StopWords.IsStopWord(reader.Word) || ranker.DocumentFrequency(KeyOf(reader.Word)) > 0)
                continue;
            if (Nearest(reader.Word, ranker) is { } meant)
            {
                (corrected ??= new StringBuilder()).Append(text, copied, reader.Start - copied).Append(meant);
                copied = reader.End;
            }
        }
        return corrected is null ? text : corrected.Append(text, copied, text.Length - copied).ToString();
    }

    private static string? Nearest(ReadOnlySpan<char> word, FusionRanker ranker)
    {
        var letter = word[0];
        if (Array.Find(Alphabets, a => a.Contains(letter, StringComparison.Ordinal)) is not { } alphabet || word.ContainsAnyExcept(alphabet))
            return null;
        Span<char> candidate = stackalloc char[word.Length + 1];
        var (best, most) = ((string?)null, 0);
        // The first letter is seldom wrong.
        for (var i = 1; i < word.Length; i++)
        {
            if (i + 1 < word.Length && word[i] != word[i + 1])
            {
                word.CopyTo(candidate);
                (candidate[i], candidate[i + 1]) = (candidate[i + 1], candidate[i]);
                Try(candidate[..word.Length], ranker, ref best, ref most);
            }
            if (word.Length < ShortestSlip)
                continue;
            word[..i].CopyTo(candidate);
            word[(i + 1)..].CopyTo(candidate[i..]);
            Try(candidate[..(word.Length - 1)], ranker, ref best, ref most);
            foreach (var other in alphabet)
            {
                word.CopyTo(candidate);
                candidate[i] = other;
                Try(candidate[..word.Length], ranker, ref best, ref most);
                word[..i].CopyTo(candidate);
                candidate[i] = other;
                word[i..].CopyTo(candidate[(i + 1)..]);
                Try(candidate, ranker, ref best, ref most);
            }
        }
        return best;
    }

    private static void Try(ReadOnlySpan<char> candidate, FusionRanker ranker, ref string? best, ref int most)
    {
        var frequency = ranker.DocumentFrequency(KeyOf(candidate));
        if (frequency > most)
            (best, most) = (candidate.ToString(), frequency);
    }

    private static ulong KeyOf(ReadOnlySpan<char> word)
    {
        Span<char> stem = stackalloc char[WordReader.MaxWordLength];
        var length = Math.Min(word.Length, stem.Length);
        word[..length].CopyTo(stem);
        return TermKey.OfStem(stem[..TextAnalyzer.StemInPlace(stem[..length])]);
    }
}
