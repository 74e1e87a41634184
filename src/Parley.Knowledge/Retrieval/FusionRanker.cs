using System.Buffers;

namespace Parley.Knowledge.Retrieval;

/// <summary>Scores documents by the fusion of <see cref="FusionWeights"/>, term at a time, into one array of scores.</summary>
internal sealed class FusionRanker
{
    private readonly FusionWeights _weights;
    private readonly LegStatistics _stems;
    private readonly LegStatistics _grams;
    private readonly LegStatistics _pairs;
    private readonly LegStatistics _titles;
    private readonly LegStatistics _headings;

    /// <summary>A + .4·SPL + H of every stem posting: these legs share terms, idf and ideal, so a question walks them once.</summary>
    private readonly float[] _stemImpacts;

    /// <summary>Σ idf of each title's distinct words: what a question must cover.</summary>
    private readonly float[] _titleIdeals;

    internal FusionRanker(PostingList stems, PostingList grams, PostingList pairs, PostingList titles, PostingList headings, FusionWeights weights)
    {
        _weights = weights;
        _stems = new LegStatistics(stems, FusionWeights.BodyShape);
        _grams = new LegStatistics(grams, FusionWeights.GramShape);
        _pairs = new LegStatistics(pairs, FusionWeights.PairShape);
        _titles = new LegStatistics(titles, FusionWeights.TitleShape);
        _headings = new LegStatistics(headings, FusionWeights.HeadingShape);
        _stemImpacts = StemImpacts();
        _titleIdeals = TitleIdeals();
    }

    /// <summary>The highest score that documents with these fields can reach.</summary>
    internal float FieldIdeal => _weights.Ideal(Filled(_titles), Filled(_headings));

    internal long Bytes =>
        _stems.List.Bytes + _grams.List.Bytes + _pairs.List.Bytes + _titles.List.Bytes + _headings.List.Bytes + (4L * _stemImpacts.Length);

    internal FusionRanker Merge(
        int[] remap, int kept, (PostingList Stems, PostingList Grams, PostingList Pairs, PostingList Titles, PostingList Headings) added) =>
        new(_stems.List.Merge(remap, kept, added.Stems), _grams.List.Merge(remap, kept, added.Grams), _pairs.List.Merge(remap, kept, added.Pairs),
            _titles.List.Merge(remap, kept, added.Titles), _headings.List.Merge(remap, kept, added.Headings), _weights);

    internal bool Knows(ulong stem) => _stems.List.Find(stem) >= 0;

    /// <summary>Documents that hold a stem.</summary>
    internal int DocumentFrequency(ulong stem) => _stems.List.Find(stem) is var term and >= 0 ? _stems.List.DocumentFrequency(term) : 0;

    /// <summary>idf of a stem in the whole corpus; the greatest possible for an unknown one.</summary>
    internal float Idf(ulong stem) => _stems.Idf(_stems.List.Find(stem));

    /// <summary>The question's ideal score I = Σ weight·idf, or 1 for a question without terms.</summary>
    internal float Ideal(List<(ulong Key, float Weight)> terms) => Ideal(terms, Idf);

    /// <summary>The best documents that pass the filter, best first, equal scores by id.</summary>
    /// <param name="terms">The question.</param>
    /// <param name="phrasings">What each list of phrasings is multiplied by, by ordinal.</param>
    /// <param name="documents">All.</param>
    /// <param name="filter">What may be seen.</param>
    /// <param name="count">How many.</param>
    internal List<(int Document, float Score)> Rank(
        QueryTerms terms, IReadOnlyList<(int Document, float Factor)> phrasings, IndexedDocument[] documents, RetrievalFilter filter, int count)
    {
        var scores = ArrayPool<float>.Shared.Rent(documents.Length);
        try
        {
            var span = scores.AsSpan(0, documents.Length);
            span.Clear();
            Score(terms, span);
            foreach (var (document, factor) in phrasings)
                span[document] *= factor;
            return TopDocuments.Select(span, documents, filter, count);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scores);
        }
    }

    /// <summary>The weighted share of each leg in one document's score.</summary>
    internal LegScores Explain(QueryTerms terms, int document, float factor)
    {
        var ideal = Ideal(terms.Stems);
        double body = 0, law = 0, headings = 0;
        foreach (var (key, weight) in terms.Stems)
        {
            var term = _stems.List.Find(key);
            if (term < 0)
                continue;
            var scale = weight / ideal;
            body += scale * _weights.Body * _stems.Idf(term) * _stems.Impact(term, document);
            var frequency = _stems.List.Frequency(term, document);
            law += frequency == 0 ? 0 : scale * _weights.PowerLaw * PowerLaw(term, frequency, document);
            headings += scale * _weights.Headings * HeadingImpact(key, _stems.Idf(term), document);
        }
        var gramIdeal = Ideal(terms.Grams, key => _grams.Idf(_grams.List.Find(key)));
        var legs = new LegScores(
            body,
            Sum(_grams, terms.Grams, _weights.Grams / gramIdeal, document),
            TitleCover(terms, document),
            Sum(_pairs, terms.Pairs, _weights.Pairs / ideal, document),
            law,
            Sum(_titles, terms.TitleStems, _weights.Title / TitleIdeal(terms), document),
            headings,
            terms.Identifiers.Count == 0 ? 0 : _weights.Identifiers * terms.Identifiers.Count(key => Holds(key, document)) / terms.Identifiers.Count,
            Phrasings: 0);
        return legs with { Phrasings = legs.Sum * (factor - 1) };
    }

    private bool Holds(ulong key, int document) => _stems.List.Find(key) is var name and >= 0 && _stems.List.Frequency(name, document) > 0;

    private void Score(QueryTerms terms, Span<float> scores)
    {
        var ideal = Ideal(terms.Stems);
        foreach (var (key, weight) in terms.Stems)
            AccumulateStem(_stems.List.Find(key), weight / ideal, scores);
        var gramIdeal = Ideal(terms.Grams, key => _grams.Idf(_grams.List.Find(key)));
        Accumulate(_grams, terms.Grams, _weights.Grams / gramIdeal, scores);
        Accumulate(_pairs, terms.Pairs, _weights.Pairs / ideal, scores);
        Accumulate(_titles, terms.TitleStems, _weights.Title / TitleIdeal(terms), scores);
        AccumulateTitleCover(terms, scores);
        foreach (var key in terms.Identifiers)
        {
            if (_stems.List.Find(key) is var name and >= 0)
            {
                foreach (var posting in _stems.List.Postings(name))
                    scores[(int)(posting >> PostingList.FrequencyBits)] += _weights.Identifiers / terms.Identifiers.Count;
            }
        }
    }

    private void AccumulateStem(int term, float weight, Span<float> scores)
    {
        if (term < 0)
            return;
        var postings = _stems.List.Postings(term);
        var impacts = _stemImpacts.AsSpan(_stems.List.Start(term), postings.Length);
        for (var i = 0; i < postings.Length; i++)
            scores[(int)(postings[i] >> PostingList.FrequencyBits)] += weight * impacts[i];
    }

    private static void Accumulate(LegStatistics leg, List<(ulong Key, float Weight)> terms, float scale, Span<float> scores)
    {
        foreach (var (key, weight) in terms)
        {
            var term = leg.List.Find(key);
            if (term >= 0)
                leg.Accumulate(term, scale * weight * leg.Idf(term), scores);
        }
    }

    private static double Sum(LegStatistics leg, List<(ulong Key, float Weight)> terms, float scale, int document)
    {
        var sum = 0d;
        foreach (var (key, weight) in terms)
        {
            var term = leg.List.Find(key);
            if (term >= 0)
                sum += scale * weight * leg.Idf(term) * leg.Impact(term, document);
        }
        return sum;
    }

    /// <summary>Tcos² = (Σ idf of shared words)² / (I(question)·I(title)): 1 when title and question have the same words.</summary>
    private void AccumulateTitleCover(QueryTerms terms, Span<float> scores)
    {
        var shared = ArrayPool<float>.Shared.Rent(scores.Length);
        var span = shared.AsSpan(0, scores.Length);
        span.Clear();
        foreach (var (key, weight) in terms.TitleStems)
        {
            var term = _titles.List.Find(key);
            if (term < 0)
                continue;
            var idf = TitleIdf(key) * Math.Min(weight, 1);
            foreach (var posting in _titles.List.Postings(term))
                span[(int)(posting >> PostingList.FrequencyBits)] += idf;
        }
        var ideal = TitleIdeal(terms);
        for (var i = 0; i < span.Length; i++)
        {
            if (span[i] > 0)
                scores[i] += _weights.TitleCover * span[i] * span[i] / (ideal * _titleIdeals[i]);
        }
        ArrayPool<float>.Shared.Return(shared);
    }

    private double TitleCover(QueryTerms terms, int document)
    {
        var shared = 0f;
        foreach (var (key, weight) in terms.TitleStems)
        {
            var term = _titles.List.Find(key);
            if (term >= 0 && _titles.List.Frequency(term, document) > 0)
                shared += TitleIdf(key) * Math.Min(weight, 1);
        }
        return shared == 0 ? 0 : _weights.TitleCover * shared * shared / (TitleIdeal(terms) * _titleIdeals[document]);
    }

    private float TitleIdeal(QueryTerms terms) => Ideal(terms.TitleStems, TitleIdf);

    /// <summary>A title's word weighs what it weighs in the whole text; question words, which only titles keep, what they weigh in titles.</summary>
    private float TitleIdf(ulong key)
    {
        var term = _stems.List.Find(key);
        if (term >= 0)
            return _stems.Idf(term);
        return _titles.Idf(_titles.List.Find(key));
    }

    private static float Ideal(List<(ulong Key, float Weight)> terms, Func<ulong, float> idf)
    {
        var sum = 0f;
        foreach (var (key, weight) in terms)
            sum += weight * idf(key);
        return sum > 0 ? sum : 1;
    }

    private static float Filled(LegStatistics leg) =>
        leg.List.Lengths.Length == 0 ? 1 : (float)leg.List.Lengths.Count(l => l > 0) / leg.List.Lengths.Length;

    private float[] TitleIdeals()
    {
        var ideals = new float[_titles.Norms.Length];
        for (var term = 0; term < _titles.List.TermCount; term++)
        {
            var idf = TitleIdf(_titles.List.Key(term));
            foreach (var posting in _titles.List.Postings(term))
                ideals[posting >> PostingList.FrequencyBits] += idf;
        }
        return ideals;
    }

    private float[] StemImpacts()
    {
        var list = _stems.List;
        var impacts = new float[list.PostingCount];
        for (var term = 0; term < list.TermCount; term++)
        {
            var idf = _stems.Idf(term);
            var heading = _headings.List.Find(list.Key(term));
            var start = list.Start(term);
            var postings = list.Postings(term);
            for (var i = 0; i < postings.Length; i++)
            {
                var document = (int)(postings[i] >> PostingList.FrequencyBits);
                float frequency = (int)(postings[i] & PostingList.FrequencyMask);
                impacts[start + i] = (_weights.Body * idf * frequency / (frequency + _stems.Norms[document]))
                    + (_weights.PowerLaw * PowerLaw(term, frequency, document))
                    + (heading < 0 ? 0 : _weights.Headings * idf * _headings.Impact(heading, document));
            }
        }
        return impacts;
    }

    private float HeadingImpact(ulong key, float idf, int document)
    {
        var term = _headings.List.Find(key);
        return term < 0 ? 0 : idf * _headings.Impact(term, document);
    }

    /// <summary>
    /// −ln((λ^x − λ)/(1 − λ)) with x = t/(t + 1), t = tf·ln(1 + mean length / length), λ = df/N, not below 0.
    /// S. Clinchant, E. Gaussier, "Information-based models for ad hoc IR", SIGIR 2010.
    /// </summary>
    private float PowerLaw(int term, float frequency, int document)
    {
        var lambda = (double)_stems.List.DocumentFrequency(term) / _stems.Norms.Length;
        var t = frequency * Math.Log(1 + (_stems.MeanLength / Math.Max(_stems.List.Lengths[document], 1)));
        var x = t / (t + 1);
        // A word that every document has takes the formula's limit; computed, it would be 0/0 and weigh more than any rare word.
        var probability = lambda > .9999 ? 1 - x : (Math.Pow(lambda, x) - lambda) / (1 - lambda);
        return (float)Math.Max(-Math.Log(Math.Max(probability, 1e-9)), 0);
    }
}
