namespace Parley.Knowledge.Retrieval;

/// <summary>
/// The classifier of a tenant's lists of phrasings, as one leg of the score. It belongs to one state of the knowledge like the index around
/// it; a change that leaves the lists and the titles of the other documents as they are keeps it.
/// </summary>
internal sealed class PhraseLeg
{
    /// <summary>A source is one of lists when so many of its documents are.</summary>
    private const double ListShare = .8;

    /// <summary>Titles and headings of other documents that stand for "none of the lists".</summary>
    private const int MostOthers = 1000;

    private readonly PhraseClassifier _classifier;
    private readonly Guid[] _classes;
    private readonly HashSet<Guid> _covered;
    private readonly ulong _fingerprint;

    private PhraseLeg(PhraseClassifier classifier, Guid[] classes, ulong fingerprint) =>
        (_classifier, _classes, _covered, _fingerprint) = (classifier, classes, [.. classes], fingerprint);

    internal long Bytes => _classifier.Bytes + (_classes.Length * 16L);

    /// <summary>Trains, or keeps what an earlier state trained on the same. Null: the tenant has no such lists, or more than is worth it.</summary>
    internal static PhraseLeg? Make(IReadOnlyList<IndexedDocument> documents, PhraseLeg? earlier, CancellationToken ct)
    {
        var lists = ListSources(documents).SelectMany(source => source).Where(d => d.Phrases is not null).OrderBy(d => d.Id).ToList();
        if (lists.Count < 2)
            return null;
        var known = lists.Select(d => d.Id).ToHashSet();
        var others = documents.Where(d => !known.Contains(d.Id)).OrderBy(d => d.Id).SelectMany(Headlines).Take(MostOthers).ToList();
        var fingerprint = Fingerprint(lists, others);
        if (earlier?._fingerprint == fingerprint)
            return earlier;
        List<uint[][]> classes = [.. lists.Select(d => d.Phrases!)];
        if (others.Count > 0)
            classes.Add([.. others.Select(o => PhraseFeatures.Of(o))]);
        return PhraseClassifier.Train(classes, ct) is { } classifier ? new PhraseLeg(classifier, [.. lists.Select(d => d.Id)], fingerprint) : null;
    }

    internal bool Covers(Guid document) => _covered.Contains(document);

    /// <summary>The probability, by document, that the question is one more of its phrasings.</summary>
    internal Dictionary<Guid, float> Probabilities(string question)
    {
        var probabilities = _classifier.Classify(PhraseFeatures.Of(question));
        var byDocument = new Dictionary<Guid, float>(_classes.Length);
        for (var i = 0; i < _classes.Length; i++)
            byDocument[_classes[i]] = probabilities[i];
        return byDocument;
    }

    private static IEnumerable<IGrouping<Guid, IndexedDocument>> ListSources(IReadOnlyList<IndexedDocument> documents) =>
        documents.GroupBy(d => d.SourceId).Where(source => source.Count(d => d.Phrases is not null) >= ListShare * source.Count());

    private static IEnumerable<string> Headlines(IndexedDocument document) =>
        document.Chunks.SelectMany(c => c.HeadingPath).Prepend(document.Title).Where(h => h.Length > 0).Distinct(StringComparer.Ordinal);

    private static ulong Fingerprint(List<IndexedDocument> lists, List<string> others)
    {
        var hash = (ulong)others.Count;
        void Add(ulong value) => hash = Analysis.TermKey.OfPair(hash, value);
        foreach (var list in lists)
        {
            foreach (var phrase in list.Phrases!)
            {
                Add((ulong)phrase.Length);
                foreach (var feature in phrase)
                    Add(feature);
            }
        }
        foreach (var other in others)
            Add(Analysis.TermKey.OfStem(other));
        return hash;
    }
}
