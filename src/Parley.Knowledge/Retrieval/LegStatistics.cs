namespace Parley.Knowledge.Retrieval;

/// <summary>What BM25 needs besides postings, for one leg.</summary>
/// <remarks>
/// S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, with Lucene's never-negative
/// idf(w) = ln(1 + (N − df + .5) / (df + .5)) and without the constant factor k1 + 1.
/// </remarks>
internal sealed class LegStatistics
{
    private readonly int _documents;

    internal LegStatistics(PostingList list, (float K1, float B) shape)
    {
        List = list;
        _documents = list.Lengths.Length;
        MeanLength = _documents == 0 || list.TotalLength == 0 ? 1d : (double)list.TotalLength / _documents;
        Norms = new float[_documents];
        for (var i = 0; i < _documents; i++)
            Norms[i] = (float)(shape.K1 * (1 - shape.B + (shape.B * list.Lengths[i] / MeanLength)));
    }

    internal PostingList List { get; }

    /// <summary>k1·(1 − b + b·length / mean length) of each document.</summary>
    internal float[] Norms { get; }

    internal double MeanLength { get; }

    internal static float Idf(int documents, int frequency) => (float)Math.Log(1 + ((documents - frequency + .5) / (frequency + .5)));

    /// <summary>idf of a term of this leg, or the greatest possible for a term that no document has.</summary>
    internal float Idf(int term) => Idf(_documents, term < 0 ? 0 : List.DocumentFrequency(term));

    /// <summary>Adds weight·tf/(tf + norm) to every document that has the term.</summary>
    internal void Accumulate(int term, float weight, Span<float> scores)
    {
        var norms = Norms;
        foreach (var posting in List.Postings(term))
        {
            var document = (int)(posting >> PostingList.FrequencyBits);
            float frequency = (int)(posting & PostingList.FrequencyMask);
            scores[document] += weight * frequency / (frequency + norms[document]);
        }
    }

    /// <summary>The same for one document.</summary>
    internal float Impact(int term, int document)
    {
        float frequency = List.Frequency(term, document);
        return frequency == 0 ? 0 : frequency / (frequency + Norms[document]);
    }
}
