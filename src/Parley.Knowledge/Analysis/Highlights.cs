namespace Parley.Knowledge.Analysis;

/// <summary>Finds the words of a question in a text, for showing why a passage was chosen.</summary>
public static class Highlights
{
    /// <summary>Spans of the text whose stem the question has, in reading order; touching pairs of a spaceless script are joined.</summary>
    public static IReadOnlyList<(int Start, int Length)> Find(ReadOnlySpan<char> text, string question)
    {
        var wanted = TextAnalyzer.Stems(question).ToHashSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        var spans = new List<(int Start, int Length)>();
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        while (reader.Read())
        {
            if (StopWords.IsStopWord(reader.Word) || !wanted.Contains(buffer[..TextAnalyzer.StemInPlace(buffer[..reader.Word.Length])]))
                continue;
            if (reader.IsPair && spans.Count > 0 && spans[^1].Start + spans[^1].Length >= reader.Start)
                spans[^1] = (spans[^1].Start, reader.End - spans[^1].Start);
            else
                spans.Add((reader.Start, reader.End - reader.Start));
        }
        return spans;
    }
}
