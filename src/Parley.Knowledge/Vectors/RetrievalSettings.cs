using Parley.Knowledge.Retrieval;

namespace Parley.Knowledge.Vectors;

/// <summary>By what passages are found.</summary>
public enum RetrievalMode
{
    /// <summary>By their words and by their meaning; without vectors by their words.</summary>
    Hybrid,

    /// <summary>By their meaning; what has no vector yet by its words.</summary>
    Semantic,

    /// <summary>By their words alone: nothing paid is done for a question.</summary>
    Keyword,

    /// <summary>As hybrid; then whole sections are read around the best passages.</summary>
    SmallToBig,
}

/// <summary>How the two rankings become one.</summary>
internal enum FusionKind
{
    /// <summary>By places: Σ 1 / (k + place).</summary>
    Rrf,

    /// <summary>By scores: α · meaning + (1 − α) · words, each as a share of its best; α by the kind of question.</summary>
    Convex,
}

/// <summary>How a tenant's questions are looked up. Configuration of the kind <see cref="ConfigurationKind"/>, its subject is the tenant.</summary>
internal sealed record RetrievalSettings
{
    /// <summary>The configuration's kind.</summary>
    public const string ConfigurationKind = "retrieval";

    /// <summary>Documents that each leg contributes.</summary>
    internal const int LegDocuments = 25;

    /// <summary>Passages that a reranker is shown.</summary>
    internal const int RerankCandidates = 25;

    /// <summary>Of <see cref="RetrievalMode.SmallToBig"/>: the best passages, and the sections around them.</summary>
    internal const int SmallPassages = 10, BigSections = 5;

    private const int LeastPatience = 50, MostPatience = 5000, MostK = 1000;

    /// <summary>By what passages are found.</summary>
    public RetrievalMode Mode { get; init; }

    /// <summary>How the two rankings become one.</summary>
    public FusionKind Fusion { get; init; }

    /// <summary>k of <see cref="FusionKind.Rrf"/>: the greater, the less the first places stand out. 1 to 1,000.</summary>
    public int RrfK { get; init; } = 60;

    /// <summary>α of <see cref="FusionKind.Convex"/> for questions of what something is, 0 (words) to 1 (meaning).</summary>
    public double Conceptual { get; init; } = .7;

    /// <summary>α for questions about code, commands, settings.</summary>
    public double Technical { get; init; } = .5;

    /// <summary>α for questions as people talk.</summary>
    public double Conversational { get; init; } = .8;

    /// <summary>α for codes, errors and names.</summary>
    public double Exact { get; init; } = .3;

    /// <summary>How long a question waits for its vector before it is looked up by words alone. 50 to 5,000 ms.</summary>
    public int PatienceMs { get; init; } = 400;

    /// <summary>A reranker, where one is chosen, orders the passages that were found.</summary>
    public bool Rerank { get; init; } = true;

    /// <summary>How long a question waits for the reranker before it goes on in the order found. 50 to 5,000 ms.</summary>
    public int RerankPatienceMs { get; init; } = 800;

    /// <summary>Passages that are left after reranking, 3 to 5.</summary>
    public int RerankPassages { get; init; } = 5;

    /// <summary>Also for customers: their questions, and what is found for them, go to the providers of the chosen models. Without it only the playground and the command line do this.</summary>
    public bool ForCustomers { get; init; }

    /// <summary>By field, what is wrong and how to mend it; empty: nothing.</summary>
    internal IReadOnlyDictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>();
        void Check(bool holds, string field, string message)
        {
            if (!holds)
            {
                problems[field] = [message];
            }
        }
        Check(Enum.IsDefined(Mode), "mode", "Choose hybrid, semantic, keyword or small_to_big.");
        Check(Enum.IsDefined(Fusion), "fusion", "Choose rrf or convex.");
        Check(RrfK is >= 1 and <= MostK, "rrfK", $"rrfK must be between 1 and {MostK}; 60 is usual.");
        foreach (var (field, value) in new[] { ("conceptual", Conceptual), ("technical", Technical), ("conversational", Conversational), ("exact", Exact) })
        {
            Check(value is >= 0 and <= 1, field, $"{field} must be between 0 (words alone) and 1 (meaning alone).");
        }
        Check(PatienceMs is >= LeastPatience and <= MostPatience, "patienceMs", $"patienceMs must be between {LeastPatience} and {MostPatience} milliseconds.");
        Check(RerankPatienceMs is >= LeastPatience and <= MostPatience, "rerankPatienceMs", $"rerankPatienceMs must be between {LeastPatience} and {MostPatience} milliseconds.");
        Check(RerankPassages is >= 3 and <= 5, "rerankPassages", "rerankPassages must be 3, 4 or 5.");
        return problems;
    }

    internal double Alpha(QuestionKind kind) => kind switch
    {
        QuestionKind.Technical => Technical,
        QuestionKind.Conversational => Conversational,
        QuestionKind.Exact => Exact,
        _ => Conceptual,
    };
}
