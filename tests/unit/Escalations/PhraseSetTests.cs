using System.Text.Json;
using Parley.Escalations;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Escalations;

public sealed class PhraseSetTests
{
    [Theory]
    [InlineData("(talk|speak)(ing|) (to|with) (a|) (human|person)", "please speaking to person now", true)]
    [InlineData("(talk|speak)(ing|) (to|with) (a|) (human|person)", "talk a person", false)]
    [InlineData("^ person $", "person", true)]
    [InlineData("^ person $", "a person", false)]
    [InlineData("get .. person", "get me somebody a real person", true)]
    [InlineData("get .. person", "get one two three four five person", false)]
    [InlineData("refund*", "two refunds", true)]
    [InlineData("(please|)", "anything", false)]
    [InlineData("(a b|c) d", "a b d", true)]
    [InlineData("(a b|c) d", "a d", false)]
    public void Finds_what_a_phrase_means(string phrase, string text, bool found) => new PhraseSet([phrase]).IsIn(PhraseSet.Words(text)).ShouldBe(found);

    /// <summary>The same as every phrase with every alternative written out, for all phrases that are in use.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Alternatives_mean_what_they_mean_written_out(int seed)
    {
        var random = new Random(seed);
        foreach (var phrases in InUse())
        {
            // What has tens of thousands of forms is tried with some of its phrases.
            var some = phrases.OrderBy(_ => random.Next()).Take(8).ToList();
            var (set, writtenOut) = (new PhraseSet(some), some.SelectMany(PhraseSet.Expand).Take(20_000).ToList());
            var naive = new PhraseSet(writtenOut);
            var complete = writtenOut.Count < 20_000;
            var vocabulary = some.SelectMany(p => PhraseSet.Words(p.Replace('|', ' ').Replace('(', ' ').Replace(')', ' '))).Append("other").Distinct().ToList();
            for (var i = 0; i < 60; i++)
            {
                var words = i % 3 == 0 ? Of(writtenOut[random.Next(writtenOut.Count)], random) : [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => vocabulary[random.Next(vocabulary.Count)])];
                var expected = naive.IsIn(words);
                if (complete || expected)
                {
                    set.IsIn(words).ShouldBe(expected, $"{string.Join(' ', words)} in {string.Join(" ; ", some)}");
                }
            }
        }
    }

    /// <summary>Words that match a phrase without alternatives, with others around them.</summary>
    private static List<string> Of(string phrase, Random random)
    {
        var words = PhraseSet.Words(phrase.Replace("..", " x y ", StringComparison.Ordinal).Replace("*", "s", StringComparison.Ordinal));
        if (random.Next(2) == 0) words.Insert(random.Next(words.Count + 1), "other");
        return words;
    }

    private static IEnumerable<List<string>> InUse() =>
        from folder in (string[])["Parley.Assistant/Analysis/Lexicon", "Parley.Escalations/Lexicon"]
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", folder), "*.json")
        from list in Lists(JsonDocument.Parse(File.ReadAllBytes(file)).RootElement)
        where list.Count > 0
        select list;

    private static IEnumerable<List<string>> Lists(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Lists(p.Value)),
        JsonValueKind.Array when element.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String) => [[.. element.EnumerateArray().Select(e => e.GetString()!)]],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Lists),
        _ => [],
    };
}
