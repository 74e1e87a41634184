using System.Runtime.InteropServices;
using Parley.Knowledge.Analysis;

namespace Parley.Knowledge.Retrieval;

/// <summary>Feeds documents into the inverted lists of all legs.</summary>
internal sealed class DocumentAnalyzer
{
    private readonly PostingListBuilder _stems = new();
    private readonly PostingListBuilder _grams = new();
    private readonly PostingListBuilder _pairs = new();
    private readonly PostingListBuilder _titles = new();
    private readonly PostingListBuilder _headings = new();
    private readonly Dictionary<uint, byte> _chunkTerms = [];
    private readonly WordCache _words;
    private int _chunkLength;

    internal DocumentAnalyzer() => _words = new WordCache(_stems, _grams);

    private enum Field { Title, Body, Heading }

    internal List<IndexedDocument> Documents { get; } = [];

    internal void Add(IndexDocument document)
    {
        PostingListBuilder[] builders = [_stems, _grams, _pairs, _titles, _headings];
        foreach (var builder in builders)
            builder.BeginDocument();
        Read(document.Title, Field.Title);

        var chunks = new IndexedChunk[document.Chunks.Count];
        var seenHeadings = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < chunks.Length; i++)
            chunks[i] = Add(document.Chunks[i], seenHeadings);
        Documents.Add(new IndexedDocument(
            document.Id, document.Version, document.SourceId, document.Title, document.Url, document.Language, document.Audience, document.UpdatedAt, chunks, PhraseList.Of(document),
            [.. document.Chunks.SelectMany(c => Acronyms.In(c.Text)).Distinct()]));
    }

    internal (PostingList Stems, PostingList Grams, PostingList Pairs, PostingList Titles, PostingList Headings) Build() =>
        (_stems.Build(), _grams.Build(), _pairs.Build(), _titles.Build(), _headings.Build());

    private IndexedChunk Add(IndexChunk chunk, HashSet<string> seenHeadings)
    {
        _chunkTerms.Clear();
        _chunkLength = 0;
        var text = MarkdownText.WithoutMarkup(chunk.Text);
        foreach (var heading in MarkdownText.Headings(text))
            Read(heading, Field.Heading);

        // A heading path repeats its upper levels on every passage: each heading counts once for the document, always for the passage.
        var path = "";
        foreach (var heading in chunk.HeadingPath)
        {
            path += "\n" + heading;
            if (seenHeadings.Add(path))
            {
                Read(heading, Field.Heading);
                Read(heading, Field.Body);
            }
            else
            {
                CountInChunk(heading);
            }
        }
        Read(text, Field.Body);
        foreach (var name in Identifier.In(text))
        {
            _stems.Mark(name.Key);
            CountInChunk(name.Key);
            _chunkLength--;
        }
        foreach (var name in CamelCase.In(text))
            Mark(name);

        var terms = _chunkTerms.Keys.ToArray();
        Array.Sort(terms);
        return new IndexedChunk(
            chunk.Id, chunk.Version, chunk.ParentId, chunk.HeadingPath, chunk.Anchor, terms, Array.ConvertAll(terms, t => _chunkTerms[t]), _chunkLength);
    }

    private void Read(ReadOnlySpan<char> text, Field field)
    {
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        var previous = 0UL;
        while (reader.Read())
        {
            if (StopWords.IsFunctionWord(reader.Word))
                continue;
            var word = _words.Of(reader);
            if (field == Field.Title)
                _titles.Add(word.Stem);
            if (word.IsStopWord)
                continue;
            if (field == Field.Heading)
            {
                _headings.Add(word.Stem);
                continue;
            }
            _stems.Count(word.StemTerm);
            foreach (var gram in word.GramTerms)
                _grams.Count(gram);
            if (previous != 0)
                _pairs.Add(TermKey.OfPair(previous, word.Stem));
            previous = word.Stem;
            if (field == Field.Body)
                CountInChunk(word.Stem);
        }
    }

    /// <summary>Words that stand inside others: they can be found, and make nothing longer.</summary>
    private void Mark(string words)
    {
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(words, buffer);
        while (reader.Read())
        {
            if (StopWords.IsStopWord(reader.Word))
                continue;
            var stem = _words.Of(reader).Stem;
            _stems.Mark(stem);
            CountInChunk(stem);
            _chunkLength--;
        }
    }

    private void CountInChunk(string heading)
    {
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(heading, buffer);
        while (reader.Read())
        {
            if (!StopWords.IsStopWord(reader.Word))
                CountInChunk(_words.Of(reader).Stem);
        }
    }

    private void CountInChunk(ulong stem)
    {
        _chunkLength++;
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_chunkTerms, IndexedChunk.TermOf(stem), out _);
        if (count < byte.MaxValue)
            count++;
    }
}
