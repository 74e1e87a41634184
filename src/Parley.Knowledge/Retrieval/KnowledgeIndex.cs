using Parley.Knowledge.Vectors;

namespace Parley.Knowledge.Retrieval;

/// <summary>
/// The in-process index of one tenant: immutable, so any number of threads search it without locks while a successor is made.
/// </summary>
/// <remarks>
/// A change (<see cref="With"/>) analyses only the changed documents and merges their postings into new arrays; what depends on the
/// whole corpus (mean lengths, idf, impacts) is computed afresh, so the result equals a clean build bit by bit.
/// </remarks>
public sealed class KnowledgeIndex
{
    /// <summary>Passages are chosen inside this many of the best documents.</summary>
    public const int PassageDocuments = 10;

    private readonly IndexedDocument[] _documents;
    private readonly FusionRanker _ranker;
    private readonly FusionWeights _weights;
    private readonly PhraseLeg? _phrases;
    private readonly (int Document, Guid Id)[] _lists;
    private readonly float _fieldIdeal;
    private readonly Acronyms _acronyms;

    private KnowledgeIndex(IndexedDocument[] documents, FusionRanker ranker, PhraseLeg? phrases, FusionWeights weights, long changeNumber, RetrievalPlan? plan = null, VectorRows? vectors = null)
    {
        (_documents, _ranker, _phrases, _weights, ChangeNumber) = (documents, ranker, phrases, weights, changeNumber);
        (Plan, Vectors) = (plan ?? RetrievalPlan.Shipped, vectors is null ? null : VectorLeg.Bind(vectors, documents));
        _lists = phrases is null ? [] : [.. documents.Index().Where(d => phrases.Covers(d.Item.Id)).Select(d => (d.Index, d.Item.Id))];
        _fieldIdeal = ranker.FieldIdeal;
        _acronyms = new Acronyms(documents);
        ChunkCount = documents.Sum(d => d.Chunks.Length);
        Languages = LanguagesOf(documents);
    }

    /// <summary>An index of nothing.</summary>
    public static KnowledgeIndex Empty { get; } = Build([], 0);

    /// <summary>The state of the tenant's knowledge that this index holds.</summary>
    public long ChangeNumber { get; }

    /// <summary>How models take part.</summary>
    internal RetrievalPlan Plan { get; }

    /// <summary>The vectors of the set that serves; null: there are none.</summary>
    internal VectorLeg? Vectors { get; }

    public int DocumentCount => _documents.Length;

    public int ChunkCount { get; }

    /// <summary>Documents that are lists of phrasings, which the classifier tells apart; 0: there is none.</summary>
    public int PhraseLists => _lists.Length;

    /// <summary>Base languages of the documents, the commonest first; empty where many do not say theirs.</summary>
    public IReadOnlyList<string> Languages { get; }

    /// <summary>The passages of a document in reading order, with their headings; empty where it is not there.</summary>
    public IReadOnlyList<DocumentPassage> PassagesOf(Guid documentId) =>
        Array.Find(_documents, d => d.Id == documentId) is { } document ? [.. document.Chunks.Select(c => new DocumentPassage(c.Id, c.Version, c.HeadingPath))] : [];

    /// <summary>Memory of the arrays, without passages' ids and headings; for the eviction budget.</summary>
    public long ApproximateBytes => _ranker.Bytes + (_phrases?.Bytes ?? 0) + (Vectors?.Bytes ?? 0)
        + _documents.Sum(d => 200L + d.Chunks.Sum(c => 160L + (c.Terms.Length * 5L)) + (d.Phrases?.Sum(p => 24 + (p.Length * 4L)) ?? 0));

    /// <summary>Analyses documents one by one; a streamed sequence is never held as a whole.</summary>
    public static KnowledgeIndex Build(IEnumerable<IndexDocument> documents, long changeNumber) =>
        Build(documents, changeNumber, CancellationToken.None);

    /// <inheritdoc cref="Build(IEnumerable{IndexDocument}, long)"/>
    public static KnowledgeIndex Build(IEnumerable<IndexDocument> documents, long changeNumber, CancellationToken ct) =>
        Build(documents, changeNumber, FusionWeights.Shipped, ct);

    /// <summary>With other weights: to see what a leg is worth.</summary>
    internal static KnowledgeIndex Build(IEnumerable<IndexDocument> documents, long changeNumber, FusionWeights weights, CancellationToken ct = default)
    {
        var analyzer = Analyze(documents, ct);
        var lists = analyzer.Build();
        return new KnowledgeIndex(
            [.. analyzer.Documents], new FusionRanker(lists.Stems, lists.Grams, lists.Pairs, lists.Titles, lists.Headings, weights),
            weights.Phrasings > 0 ? PhraseLeg.Make(analyzer.Documents, earlier: null, ct) : null, weights, changeNumber);
    }

    /// <summary>The index after a change: documents added or replaced (by id) and removed.</summary>
    public KnowledgeIndex With(IReadOnlyCollection<IndexDocument> changed, IReadOnlyCollection<Guid> removed, long changeNumber, CancellationToken ct = default)
    {
        var gone = new HashSet<Guid>(removed);
        gone.UnionWith(changed.Select(d => d.Id));
        var remap = new int[_documents.Length];
        var documents = new List<IndexedDocument>(_documents.Length + changed.Count);
        for (var i = 0; i < _documents.Length; i++)
        {
            remap[i] = gone.Contains(_documents[i].Id) ? -1 : documents.Count;
            if (remap[i] >= 0)
                documents.Add(_documents[i]);
        }
        var kept = documents.Count;
        if (kept == _documents.Length && changed.Count == 0)
            return new KnowledgeIndex(_documents, _ranker, _phrases, _weights, changeNumber, Plan, Vectors?.Rows);

        var analyzer = Analyze(changed, ct);
        documents.AddRange(analyzer.Documents);
        var added = analyzer.Build();
        return new KnowledgeIndex(
            [.. documents], _ranker.Merge(remap, kept, added), _weights.Phrasings > 0 ? PhraseLeg.Make(documents, _phrases, ct) : null, _weights, changeNumber, Plan, Vectors?.Rows);
    }

    /// <summary>The same passages, looked up otherwise.</summary>
    internal KnowledgeIndex With(RetrievalPlan plan, VectorRows? vectors) => new(_documents, _ranker, _phrases, _weights, ChangeNumber, plan, vectors);

    private static DocumentAnalyzer Analyze(IEnumerable<IndexDocument> documents, CancellationToken ct)
    {
        var analyzer = new DocumentAnalyzer();
        var ids = new HashSet<Guid>();
        foreach (var document in documents)
        {
            ct.ThrowIfCancellationRequested();
            if (!ids.Add(document.Id))
                throw new ArgumentException($"Document {document.Id} is given twice.", nameof(documents));
            analyzer.Add(document);
        }
        return analyzer;
    }

    /// <summary>Ranks documents by their words, then passages inside the best of them. Deterministic.</summary>
    public RetrievalResult Search(RetrievalQuery query) => Widened(Finish(Begin(query), meant: null));

    /// <summary>What is looked up by words, before anything is known of its meaning.</summary>
    internal WordSearch Begin(RetrievalQuery query)
    {
        var asWritten = query.Text;
        query = query with { Text = Spelling.Correct(asWritten, _ranker) };
        var terms = Asked(query);
        var asked = Terms(terms);
        _acronyms.Extend(terms, query.Text);
        FollowUpRule.Extend(terms, query, _ranker);
        var factors = query.Phrasings ? Phrasings(query.Text) : [];
        return new WordSearch(query, asWritten, terms, asked, factors, _ranker.Rank(terms, factors, _documents, query.Filter, query.Documents));
    }

    /// <summary>The ranking by words, or by words and meaning.</summary>
    internal RetrievalResult Finish(WordSearch search, QuantizedVector? meant)
    {
        var (query, ranked) = (search.Query, search.Ranked);
        var hybrid = meant is { } question && Vectors is { } leg ? HybridRanking.Of(search, question, leg, _documents, Plan.Settings, Score) : null;
        var first = hybrid is null ? ranked is [var best, ..] ? best : (Document: -1, Score: 0) : hybrid.Documents is [var head, ..] ? (head.Document, Score: (float)head.Words) : (-1, 0);
        var ideal = _fieldIdeal * ScriptLevel.Of(search.Asked);
        var confidence = Math.Clamp(first.Score / ideal, 0, 1);
        return new RetrievalResult
        {
            ChangeNumber = ChangeNumber,
            Documents = hybrid is null ? ranked.ConvertAll(r => ToDocument(r.Document, r.Score, search)) : [.. hybrid.Documents.Select(d => ToDocument(d.Document, d.Words, search) with { Vector = d.Meaning, Fused = d.Fused })],
            Chunks = PassageRanker.Rank(search.Terms, hybrid?.Ladder ?? ranked, _documents, _ranker, query.Chunks, hybrid?.Passages),
            IdealScore = ideal,
            Confidence = confidence,
            OwnConfidence = query.History.Count == 0 || search.Asked.Count == 0 || first.Document < 0 ? confidence : Math.Clamp(Own(query, search.Factors, first.Document) / ideal, 0, 1),
            Terms = search.Asked,
            Languages = Languages,
            UnknownShare = (query.Text == search.AsWritten ? search.Asked : Terms(QueryTerms.Of(search.AsWritten))).Where(t => !t.Known).Sum(t => t.Weight),
            ReadAs = query.Text == search.AsWritten ? null : query.Text,
        };

        double Score(int document) => _ranker.Explain(search.Terms, document, FactorOf(search.Factors, document)).Sum;
    }

    /// <summary>What a question means: with the customer's turn before it where it says little by itself.</summary>
    internal string Meant(RetrievalQuery query) =>
        query.History.LastOrDefault(t => t.Author == TurnAuthor.Customer) is { } before && FollowUpRule.NeedsHistory(query.Text, _ranker) ? before.Text + "\n" + query.Text : query.Text;

    /// <summary>Whole sections around the best passages, where the tenant has chosen it.</summary>
    internal RetrievalResult Widened(RetrievalResult found)
    {
        if (Plan.Settings.Mode != RetrievalMode.SmallToBig)
            return found;
        var documents = found.Documents.Select(d => d.Id).ToHashSet();
        return found with { Chunks = SmallToBig.Widen(found.Chunks, _documents.Where(d => documents.Contains(d.Id)).ToDictionary(d => d.Id)) };
    }

    private static List<string> LanguagesOf(IndexedDocument[] documents)
    {
        var known = documents.Where(d => d.Language is not null).ToList();
        return known.Count * 4 < documents.Length * 3 ? []
            : [.. known.CountBy(d => d.Language!.Split('-', '_')[0].ToLowerInvariant()).OrderByDescending(l => l.Value).ThenBy(l => l.Key, StringComparer.Ordinal).Select(l => l.Key)];
    }

    private static QueryTerms Asked(RetrievalQuery query)
    {
        var terms = QueryTerms.Of(query.Text);
        if (query.Emphasis is not null)
            terms.Add(query.Emphasis, 1);
        return terms;
    }

    /// <summary>A document's score for the question without what its history lends.</summary>
    private double Own(RetrievalQuery query, (int Document, float Factor)[] factors, int document) =>
        _ranker.Explain(Asked(query), document, FactorOf(factors, document)).Sum;

    /// <summary>(1 + 2·P)/2 for every list of phrasings: as likely as not leaves a score as it is, also beside documents of other kinds.</summary>
    private (int Document, float Factor)[] Phrasings(string question)
    {
        if (_phrases is null)
            return [];
        var probabilities = _phrases.Probabilities(question);
        return Array.ConvertAll(_lists, l => (l.Document, (1 + (_weights.Phrasings * probabilities.GetValueOrDefault(l.Id))) / (1 + (_weights.Phrasings / 2))));
    }

    private static float FactorOf((int Document, float Factor)[] factors, int document)
    {
        foreach (var (listed, factor) in factors)
        {
            if (listed == document)
                return factor;
        }
        return 1;
    }

    private List<QueryTerm> Terms(QueryTerms terms)
    {
        var ideal = _ranker.Ideal(terms.Stems);
        return terms.Stems.Zip(terms.Words, (stem, word) => new QueryTerm(
            word.Word, word.Stem, stem.Weight * _ranker.Idf(stem.Key) / ideal, _ranker.Knows(stem.Key))).ToList();
    }

    private RankedDocument ToDocument(int document, double score, WordSearch search)
    {
        var d = _documents[document];
        return new RankedDocument(d.Id, d.Version, d.SourceId, d.Title, d.Url, d.Language, score, search.Query.Explain ? _ranker.Explain(search.Terms, document, FactorOf(search.Factors, document)) : null);
    }
}
