using Parley.Knowledge.Vectors;

namespace Parley.Knowledge.Retrieval;

/// <summary>The ranking for one question, from one state of the index.</summary>
public sealed record RetrievalResult
{
    /// <summary>The state of the tenant's knowledge that was searched.</summary>
    public required long ChangeNumber { get; init; }

    /// <summary>Best first; equal scores by id.</summary>
    public required IReadOnlyList<RankedDocument> Documents { get; init; }

    /// <summary>Passages of the best documents, best first.</summary>
    public required IReadOnlyList<RankedChunk> Chunks { get; init; }

    /// <summary>The score of a document that matched the question wholly, in the question's script and the fields that documents have.</summary>
    public required double IdealScore { get; init; }

    /// <summary>Best score divided by <see cref="IdealScore"/>, in [0, 1]; 0 without a hit. Comparable between tenants, not a probability.</summary>
    public required double Confidence { get; init; }

    /// <summary>
    /// What of <see cref="Confidence"/> the question's own words bring: the best document's score for them alone. The same without history,
    /// and for a question that has no words of its own ("why?").
    /// </summary>
    public required double OwnConfidence { get; init; }

    /// <summary>The question's words without stop words, in order, each once.</summary>
    public required IReadOnlyList<QueryTerm> Terms { get; init; }

    /// <summary>See <see cref="KnowledgeIndex.Languages"/>.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>Share of the question's weight in words that no document holds as they were written: one that was read otherwise is among them.</summary>
    public double UnknownShare { get; init; }

    /// <summary>The question with slips of the finger undone; null: as it was written.</summary>
    public string? ReadAs { get; init; }

    /// <summary>How models took part; null: none was to.</summary>
    public RetrievalModels? Models { get; init; }

    /// <summary>Those of <see cref="Terms"/> that no document of the tenant holds, as the customer wrote them.</summary>
    public IEnumerable<string> MissingTerms => Terms.Where(t => !t.Known).Select(t => t.Word);
}

/// <summary>A word of the question.</summary>
/// <param name="Word">As the customer wrote it.</param>
/// <param name="Stem">As it is searched.</param>
/// <param name="Weight">Its share of the question's ideal score (idf); shares add up to 1.</param>
/// <param name="Known">Some document of the tenant holds it.</param>
public sealed record QueryTerm(string Word, string Stem, double Weight, bool Known);

public sealed record RankedDocument(
    Guid Id, int Version, Guid SourceId, string Title, string Url, string? Language, double Score, LegScores? Legs)
{
    /// <summary>Cosine of the question and the nearest passage; null: not compared, or the document has no vector.</summary>
    public double? Vector { get; init; }

    /// <summary>By what it was placed where words and meaning were fused; comparable within one result only. <see cref="Score"/> is then still that of its words.</summary>
    public double? Fused { get; init; }
}

/// <summary>A passage. Its text is re-read by (<paramref name="Id"/>, <paramref name="Version"/>) before it is used.</summary>
/// <param name="Score">Comparable within one result only.</param>
public sealed record RankedChunk(
    Guid Id, int Version, Guid DocumentId, Guid? ParentId, IReadOnlyList<string> HeadingPath, string? Anchor, double Score)
{
    /// <summary>What a reranker gave it; null: none did.</summary>
    public double? Rerank { get; init; }
}

/// <summary>Where a passage is in its document.</summary>
/// <param name="HeadingPath">Headings above it, outermost first, the document's title left out.</param>
public sealed record DocumentPassage(Guid Id, int Version, IReadOnlyList<string> HeadingPath);

/// <summary>The weighted share of every leg; they add up to the document's score.</summary>
/// <param name="Phrasings">What the classifier adds to a list of phrasings or takes from it; 0 for any other document.</param>
public sealed record LegScores(
    double Body, double Grams, double TitleCover, double Pairs, double PowerLaw, double Title, double Headings, double Identifiers, double Phrasings)
{
    public double Sum => Body + Grams + TitleCover + Pairs + PowerLaw + Title + Headings + Identifiers + Phrasings;
}
