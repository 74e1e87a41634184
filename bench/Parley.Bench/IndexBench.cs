using System.Diagnostics;
using System.Globalization;
using Parley.Knowledge.Retrieval;

namespace Parley.Bench;

/// <summary>What a change costs: a clean build, one document replaced, memory.</summary>
internal static class IndexBench
{
    internal static int Run(string[] args)
    {
        Console.WriteLine("| corpus | documents | clean build ms | one document replaced ms, median of 21 | postings and passages MB |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var name in args.Length > 0 ? args : ["stackfaq", "railway_faq", "scifact"])
        {
            if (Datasets.Find(name) is not { } data)
                continue;
            var documents = RetrievalBench.ToIndexDocuments(data.Documents).ToList();
            KnowledgeIndex.Build(documents, 0);
            var build = Milliseconds(() => KnowledgeIndex.Build(documents, 1));
            var index = KnowledgeIndex.Build(documents, 1);
            var changes = Enumerable.Range(0, 21).Select(i => Milliseconds(() => index = index.With([documents[i]], [], i))).Order().ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {documents.Count} | {build:f0} | {changes[10]:f1} | {index.ApproximateBytes / 1e6:f1} |"));
        }
        return 0;
    }

    private static double Milliseconds(Action work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
