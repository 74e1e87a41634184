using System.Text.RegularExpressions;
using Parley.Knowledge.Analysis;

namespace Parley.Assistant.Analysis;

/// <summary>
/// Tells the questions of a message apart: several question marks, or two questions joined by "and". Whatever is in doubt stays one question.
/// Pure.
/// </summary>
internal static class QuestionParts
{
    /// <summary>Further questions stay with the last part.</summary>
    internal const int Most = 3;

    private const int FewestWords = 3;

    /// <summary>A long message tells a story; its question marks are not a list of questions.</summary>
    private const int LongestText = 600;

    private const string Marks = "?？؟";

    /// <summary>Greek asks with a semicolon.</summary>
    private const string GreekMarks = "?;\u037e";

    /// <param name="text">The message.</param>
    /// <param name="language">Its language.</param>
    /// <returns>The questions in the customer's words and order; one of them, the whole text, where there is nothing to take apart.</returns>
    internal static IReadOnlyList<string> Of(string text, string language)
    {
        if (text.Length > LongestText)
            return [text];
        var sentences = Sentences(text, language);
        var parts = sentences.Count == 1 ? Clauses(sentences[0], language, text) : [.. sentences.SelectMany(s => Clauses(s, language, s))];
        return parts.Count < 2 ? [text] : parts.Count <= Most ? parts : [.. parts.Take(Most - 1), string.Join(' ', parts.Skip(Most - 1))];
    }

    /// <summary>One for each question mark, with what introduces it; greetings, and tags that ask nothing by themselves, make no part.</summary>
    private static List<string> Sentences(string text, string language)
    {
        var found = new List<string>();
        var start = 0;
        var marks = language == "el" ? GreekMarks : Marks;
        while (text.AsSpan(start).IndexOfAny(marks) is >= 0 and var at)
        {
            var end = start + at + 1;
            while (end < text.Length && marks.Contains(text[end]))
                end++;
            var sentence = text[start..end].Trim();
            if (Words(sentence) >= 2 && QuestionAnalyzer.Analyze(sentence, language).Intent == Intent.Question)
                found.Add(sentence);
            else if (found.Count > 0)
                found[^1] += " " + sentence;
            start = end;
        }
        var tail = text[start..].Trim();
        if (found.Count > 0 && Words(tail) > 0 && QuestionAnalyzer.Analyze(tail, language).Intent == Intent.Question)
            found[^1] += " " + tail;
        // With at most one mark the message is a whole, statements and all.
        return found.Count > 1 ? found : [text];
    }

    private static List<string> Clauses(string sentence, string language, string whole)
    {
        if (PartsLexicon.For(language) is not { } lexicon || lexicon.Apart.IsMatch(sentence))
            return [whole];
        var isQuestion = sentence.AsSpan().TrimEnd() is [.., var last] && (Marks.Contains(last) || (language == "el" && GreekMarks.Contains(last)));
        foreach (Match joint in lexicon.Joint.Matches(sentence))
        {
            if (joint.Index == 0)
                continue;
            var (left, right) = (sentence[..joint.Index].Trim(), sentence[(joint.Index + joint.Length)..].Trim());
            var asked = lexicon.AsksFirst.IsMatch(left) || (isQuestion && lexicon.Asks.IsMatch(left));
            if (!lexicon.IsInitial && (lexicon.EndsAsking.IsMatch(left) || lexicon.Joint.Match(right) is { Success: true, Index: 0 }))
                continue;
            if (asked && lexicon.AsksFirst.IsMatch(right) && Words(left) >= FewestWords && (Words(right) >= FewestWords || (Words(right) == FewestWords - 1 && HasSubject(right))))
                return [left, .. Clauses(right, language, right)];
        }
        return [whole];
    }

    /// <summary>Has it a word that says what it is about?</summary>
    internal static bool HasSubject(string text)
    {
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        while (reader.Read())
        {
            if (!StopWords.IsStopWord(reader.Word))
                return true;
        }
        return false;
    }

    private static int Words(string text) => TextAnalyzer.CountWords(text);
}
