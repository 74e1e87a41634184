using Parley.Knowledge.Documents;
using Parley.Knowledge.Review;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge.Review;

public sealed class ReviewTests
{
    private const string Long =
        "To restore a database from a backup open the backups tab of the service, choose the backup by its date, press restore and wait until the new volume is mounted before you deploy again.";

    private static ReviewPassage Passage(int id, int document, string text) => new(new Guid(id, 0, 0, new byte[8]), new Guid(document, 0, 0, new byte[8]), text);

    [Fact]
    public void The_same_passage_with_a_word_changed_is_found_in_another_document_and_not_in_its_own()
    {
        var comparison = new PassageComparison();
        comparison.Add(Passage(1, 1, Long));
        comparison.Add(Passage(2, 2, "Note: " + Long));
        comparison.Add(Passage(3, 1, Long));
        comparison.Add(Passage(4, 3, "A webhook is sent to your address for every event of the project, signed with the secret that you gave, and tried again for a day where your server does not answer."));

        var pairs = comparison.Candidates().Select(p => (p.First, p.Second)).ToList();

        pairs.ShouldBe([(Passage(1, 1, "").Id, Passage(2, 2, "").Id), (Passage(2, 2, "").Id, Passage(3, 1, "").Id)], ignoreOrder: true);
        PassageComparison.Similarity(Long, "Note: " + Long).ShouldBeGreaterThan(PassageComparison.Duplicate);
    }

    [Fact]
    public void Signatures_find_every_near_duplicate_among_many_passages()
    {
        var random = new Random(7);
        var words = Enumerable.Range(0, 3000).Select(i => "word" + i).ToArray();
        var (comparison, planted) = (new PassageComparison(), 0);
        for (var i = 0; i < 2000; i++)
        {
            var text = Enumerable.Range(0, 80).Select(_ => words[random.Next(words.Length)]).ToArray();
            comparison.Add(Passage(2 * i, 2 * i, string.Join(' ', text)));
            if (i % 20 != 0)
                continue;
            text[random.Next(text.Length)] = "changed";
            comparison.Add(Passage((2 * i) + 1, (2 * i) + 1, string.Join(' ', text)));
            planted++;
        }
        comparison.Candidates().Count.ShouldBe(planted);
    }

    [Theory]
    [InlineData("Refunds are possible within 30 days of the purchase.", "Refunds are possible within 14 days of the purchase.", true)]
    [InlineData("The service restarts by itself after a failed health check.", "The service restarts not by itself after a failed health check.", true)]
    [InlineData("Der Tarif kann jeden Monat im Konto gekündigt werden.", "Der Tarif kann nicht jeden Monat im Konto gekündigt werden.", true)]
    [InlineData("Install version 2.1 of the command line before you begin.", "Install version 3.0 of the command line before you begin.", true)]
    [InlineData("Refunds are possible within 30 days of the purchase.", "Refunds are possible within 30 days of the purchase!", false)]
    [InlineData("Refunds are possible within 30 days of the purchase.", "Invoices are sent within 14 days of the purchase.", false)]
    [InlineData("Costs 5 dollars.", "Costs 9 dollars.", false)]
    public void Sentences_that_differ_only_in_a_number_or_a_negation_contradict_each_other(string first, string second, bool contradict)
    {
        var finder = new ContradictionFinder();
        finder.Add(Passage(1, 1, "Some words before. " + first));
        finder.Add(Passage(2, 2, second + " And some after it."));
        finder.Pairs().Count.ShouldBe(contradict ? 1 : 0);
    }

    [Fact]
    public void A_sentence_that_is_filled_in_again_and_again_is_a_form()
    {
        var finder = new ContradictionFinder();
        for (var i = 0; i < 8; i++)
            finder.Add(Passage(i, i, $"The plan number {i} includes {i * 10} seats for your team."));
        finder.Pairs().ShouldBeEmpty();
        var within = new ContradictionFinder();
        within.Add(Passage(1, 1, "The small plan includes up to 10 seats for your team."));
        within.Add(Passage(2, 1, "The small plan includes up to 20 seats for your team."));
        within.Pairs().ShouldBeEmpty();
    }

    [Fact]
    public void A_comparison_shows_what_changed_with_a_little_around_it()
    {
        var before = string.Join('\n', Enumerable.Range(0, 50).Select(i => "line " + i));
        var diff = DocumentVersions.Compare(1, 2, before, before.Replace("line 20\n", "line twenty\nand more\n", StringComparison.Ordinal));
        (diff.Added, diff.Removed).ShouldBe((2, 1));
        diff.Lines[0].ShouldBe(new DiffLine("gap", "", 17));
        diff.Lines.Where(l => l.Kind is "added" or "removed").Select(l => $"{l.Kind} {l.Text}").ShouldBe(["removed line 20", "added line twenty", "added and more"]);
        DocumentVersions.Compare(1, 1, before, before).Lines.ShouldBe([new DiffLine("gap", "", 50)]);
    }
}
