namespace Parley.Knowledge.Analysis;

/// <summary>Turns text into the terms of the retrieval legs. One analyser for all languages; see docs/adr/0020-lexical-fusion.md.</summary>
public static class TextAnalyzer
{
    /// <summary>Stems in reading order without stop words: the terms of the body and pair legs.</summary>
    public static List<string> Stems(ReadOnlySpan<char> text)
    {
        var stems = new List<string>();
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        while (reader.Read())
        {
            if (!StopWords.IsStopWord(reader.Word))
                stems.Add(buffer[..StemInPlace(buffer[..reader.Word.Length])].ToString());
        }
        return stems;
    }

    /// <summary>Four-character grams inside words, unstemmed, without stop words; short words, pairs and lone ideographs whole.</summary>
    public static List<string> Grams(ReadOnlySpan<char> text)
    {
        var grams = new List<string>();
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        Span<char> padded = stackalloc char[WordReader.MaxWordLength + 2];
        var reader = new WordReader(text, buffer);
        while (reader.Read())
        {
            if (StopWords.IsStopWord(reader.Word))
                continue;
            var word = new GramReader(reader, padded);
            while (word.Read())
                grams.Add(word.Gram.ToString());
        }
        return grams;
    }

    /// <summary>About how many words a reader counts: two ideographs or four letters of Thai and its like make one.</summary>
    public static int CountWords(ReadOnlySpan<char> text)
    {
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        var quarters = 0;
        while (reader.Read())
            quarters += !reader.IsPair ? 4 : reader.Word[0] < '\u3040' ? 1 : 2;
        return (quarters + 3) / 4;
    }

    /// <summary>The stem of one word as <see cref="WordReader"/> gives it. Words with letters beyond ASCII stay whole.</summary>
    public static int StemInPlace(Span<char> word) =>
        System.Text.Ascii.IsValid(word) ? PorterStemmer.Stem(word) : word.Length;
}

/// <summary>Cuts one word into its grams: "_word_" in overlapping fours; a pair as it is, and each ideograph of a run alone as well.</summary>
internal ref struct GramReader
{
    private readonly ReadOnlySpan<char> _characters;
    private readonly int _size;
    private readonly bool _endsRun;
    private readonly bool _isPair;
    private int _next;

    /// <param name="reader">Stands on the word.</param>
    /// <param name="padded">Two characters longer than the longest word.</param>
    internal GramReader(in WordReader reader, Span<char> padded)
    {
        var word = reader.Word;
        _endsRun = reader.EndsRun;
        _isPair = reader.IsPair && word.Length == 2;
        if (word.Length <= 2 && !System.Text.Ascii.IsValid(word))
        {
            _characters = word;
            _size = word.Length;
            return;
        }
        padded[0] = '_';
        word.CopyTo(padded[1..]);
        padded[word.Length + 1] = '_';
        _characters = padded[..(word.Length + 2)];
        _size = Math.Min(TermKey.GramLength, _characters.Length);
    }

    internal ReadOnlySpan<char> Gram { get; private set; }

    internal bool Read()
    {
        while (true)
        {
            var step = _next++;
            if (_isPair && step is 1 or 2)
            {
                // Each ideograph once: a run's last character has no pair of its own that starts with it.
                if ((step == 2 && !_endsRun) || !CharacterForm.IsIdeograph(_characters[step - 1]))
                    continue;
                Gram = _characters.Slice(step - 1, 1);
                return true;
            }
            if (step + _size > _characters.Length)
                return false;
            Gram = _characters.Slice(step, _size);
            return true;
        }
    }
}
