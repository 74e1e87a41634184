using System.Globalization;
using Parley.Knowledge.Retrieval;

namespace Parley.Bench;

/// <summary>Reads a folder and answers questions from it, for reading answers with one's own eyes.</summary>
internal static class AskBench
{
    internal static int Run(string[] args)
    {
        if (args.Length < 2)
        {
            Console.Error.WriteLine("usage: Parley.Bench ask FOLDER QUESTION|@FILE …");
            return 2;
        }
        var corpus = ChunkedCorpus.Of(args[0]);
        foreach (var question in args[1..].SelectMany(a => a.StartsWith('@') ? File.ReadAllLines(a[1..]) : [a]))
        {
            var (retrieval, answer) = corpus.Answer(new RetrievalQuery { Text = question });
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"\n## {question}\n{(answer.Abstained is { } reason ? $"ABSTAINED ({reason})" : "ANSWERED")} p {answer.Confidence:f2} retrieval {retrieval.Confidence:f3} coverage {answer.Coverage:f2}"));
            Console.WriteLine(answer.Text);
            foreach (var quote in answer.Quotes)
                Console.WriteLine($"  [{corpus.NameOf(quote.DocumentId)} # {string.Join(" > ", quote.HeadingPath)}]");
        }
        return 0;
    }
}
