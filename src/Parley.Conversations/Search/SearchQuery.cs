using Parley.Knowledge.Analysis;

namespace Parley.Conversations.Search;

/// <summary>
/// What somebody typed into a search field: every word must be there, in any order, whatever its case, accents and English endings; the
/// last one may be only begun. Pure.
/// </summary>
internal sealed class SearchQuery
{
    /// <summary>Words beyond these are not looked for: nobody types them, and each costs.</summary>
    internal const int MaxWords = 16;

    private readonly List<Wanted> _words = [];

    /// <summary>Nothing in it can be looked for: signs alone.</summary>
    internal bool IsEmpty => _words.Count == 0;

    internal static SearchQuery Parse(string text)
    {
        var query = new SearchQuery();
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        string? stopWord = null;
        while (reader.Read() && query._words.Count < MaxWords)
        {
            var word = reader.Word.ToString();
            var last = reader.End == text.Length;
            if (reader.IsPair)
            {
                // One character alone stands for every word that it begins; the pairs of a run are all there or it is not.
                query.Add(new Wanted(word, word, Begun: word.Length == 1, IsPair: true));
            }
            else if (StopWords.IsStopWord(word) || (last && query._words.Count > 0 && StopWords.IsBegun(word)))
            {
                // Not indexed. The one being typed may become one: until then it must not empty the list.
                stopWord = word;
            }
            else
            {
                query.Add(new Wanted(word, Stem(word), Begun: last, IsPair: false));
            }
        }
        if (query.IsEmpty && stopWord is not null)
        {
            query.Add(new Wanted(stopWord, stopWord, Begun: true, IsPair: false));
        }
        return query;
    }

    /// <summary>As PostgreSQL's <c>tsquery</c>, for the terms of <see cref="SearchTerms"/>.</summary>
    internal string ToTsQuery(Guid tenantId)
    {
        var mark = SearchTerms.MarkOf(tenantId);
        return string.Join(" & ", _words.Select(w => w switch
        {
            { Begun: true } when w.Stem == w.Word => Quoted(w.Word) + ":*",
            { Begun: true } => $"({Quoted(w.Word)}:* | {Quoted(w.Stem)})",
            _ => Quoted(w.Stem),
        }));

        string Quoted(string term) => $"'{mark}{term.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";
    }

    /// <summary>Where a text has the words, in reading order; touching pairs of a spaceless script are one.</summary>
    internal IReadOnlyList<(int Start, int Length)> Find(ReadOnlySpan<char> text)
    {
        var spans = new List<(int Start, int Length)>();
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        while (reader.Read())
        {
            var (start, end) = (reader.Start, reader.End);
            if (reader.IsPair)
            {
                if (!IsPairWanted(reader, ref start, ref end))
                    continue;
            }
            else if (!IsWordWanted(reader.Word.ToString()))
            {
                continue;
            }
            if (reader.IsPair && spans.Count > 0 && spans[^1].Start + spans[^1].Length >= start)
                spans[^1] = (spans[^1].Start, Math.Max(end, spans[^1].Start + spans[^1].Length) - spans[^1].Start);
            else
                spans.Add((start, end - start));
        }
        return spans;
    }

    private bool IsPairWanted(in WordReader reader, ref int start, ref int end)
    {
        foreach (var wanted in _words)
        {
            if (!wanted.IsPair)
                continue;
            if (reader.Word.SequenceEqual(wanted.Word))
                return true;
            if (wanted.Word.Length == 1 && reader.Word[0] == wanted.Word[0])
            {
                end = start + 1;
                return true;
            }
            if (wanted.Word.Length == 1 && reader.EndsRun && reader.Word[^1] == wanted.Word[0])
            {
                start = end - 1;
                return true;
            }
        }
        return false;
    }

    private bool IsWordWanted(string word)
    {
        var stem = Stem(word);
        return _words.Exists(w => !w.IsPair && (stem == w.Stem || word == w.Stem || (w.Begun && (word.StartsWith(w.Word, StringComparison.Ordinal) || stem.StartsWith(w.Word, StringComparison.Ordinal)))));
    }

    private void Add(Wanted wanted)
    {
        if (!_words.Contains(wanted))
            _words.Add(wanted);
    }

    private static string Stem(string word)
    {
        Span<char> letters = stackalloc char[word.Length];
        word.CopyTo(letters);
        return letters[..TextAnalyzer.StemInPlace(letters)].ToString();
    }

    /// <param name="Word">As typed, in its indexed form.</param>
    /// <param name="Stem">Its stem; the word itself where it has none.</param>
    /// <param name="Begun">It may go on.</param>
    /// <param name="IsPair">Of a script without spaces.</param>
    private sealed record Wanted(string Word, string Stem, bool Begun, bool IsPair);
}
