using System.Globalization;
using Parley.Assistant.Analysis;

namespace Parley.Bench;

/// <summary>How often the language of a single question is told, on questions of twelve languages.</summary>
internal static class LanguagesBench
{
    internal static int Run(string[] args)
    {
        foreach (var language in "en es de el ro ru tr ar vi th zh hi".Split(' '))
        {
            if (Datasets.Find("xquad_" + language) is not { } data)
                continue;
            var told = data.Questions.Select(q => (q.Text, Language: LanguageDetector.Detect(q.Text, "xx"))).ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{language} {told.Count(t => t.Language == language) / (double)told.Count:p1}"));
            if (args.Contains("--misses"))
                told.Where(t => t.Language != language).Take(8).ToList().ForEach(t => Console.WriteLine($"   {t.Language}: {t.Text}"));
        }
        return 0;
    }
}
