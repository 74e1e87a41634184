using Parley.Knowledge.Retrieval;
using Shouldly;
using Xunit;
using static Parley.Tests.Unit.Knowledge.IndexFixtures;

namespace Parley.Tests.Unit.Knowledge;

public sealed class PhraseListTests
{
    private static readonly IndexDocument[] Intents =
    [
        Intent(1, "card arrival", "where is my new card?", "my card has not arrived yet", "when will the card come?", "how long until my card is here",
            "i still wait for my card", "track the delivery of my card", "my card did not come in the post", "has the card been sent?"),
        Intent(2, "lost card", "i lost my card", "my card was stolen", "somebody took my card", "i cannot find my card any more", "my card is missing, block it",
            "please block my lost card", "i dropped my card somewhere", "the card was stolen from my bag"),
        Intent(3, "top up failed", "my top up failed", "why did the top up not work?", "the top up was declined", "i cannot top up", "top up does not go through",
            "my top up was reverted", "topping up failed again", "the app declines my top up"),
    ];

    private static readonly IndexDocument Article = Document(Id(100), "Delivery of parcels", "A parcel takes about three days within the country. Abroad it may take up to two weeks, depending on the customs of the land it goes to.") with { SourceId = Id(900) };

    [Fact]
    public void Lists_of_phrasings_are_told_from_prose_and_from_structured_text()
    {
        Intents.ShouldAllBe(d => PhraseList.Of(d) != null);
        PhraseList.Of(Article).ShouldBeNull();
        PhraseList.Of(Text("# Cards\n\n" + Intents[0].Chunks[0].Text)).ShouldBeNull();
        PhraseList.Of(Text("| card | days |\n|---|---|\n" + string.Join('\n', Enumerable.Range(1, 12).Select(i => $"| my card {i} | {i} |")))).ShouldBeNull();
        PhraseList.Of(Text(string.Join('\n', "apples grow", "trains run", "dogs bark", "rain falls", "bells ring", "cooks bake", "ships sail", "birds sing", "kings rule"))).ShouldBeNull();
    }

    [Fact]
    public void Lines_that_an_import_joined_are_still_phrases()
    {
        var joined = Text(string.Join(' ', "where is my card?", "when will my card come?", "has my card been sent?", "is my card late?", "did my card get lost?", "who delivers my card?", "can i track my card?", "my card is not here."));
        PhraseList.Of(joined)!.Length.ShouldBe(8);
    }

    [Fact]
    public void A_new_phrasing_finds_its_list_and_the_legs_tell_why()
    {
        var result = Build([.. Intents, Article]).Search(new RetrievalQuery { Text = "somebody took my card, it is missing", Explain = true });
        result.Documents[0].Title.ShouldBe("lost card");
        result.Documents[0].Legs!.Phrasings.ShouldBeGreaterThan(0);
        foreach (var document in result.Documents)
            document.Legs!.Sum.ShouldBe(document.Score, 1e-5);
        result.Documents.Where(d => d.Id == Article.Id).ShouldAllBe(d => d.Legs!.Phrasings == 0);
    }

    [Fact]
    public void An_article_beside_lists_is_found_as_before()
    {
        var query = new RetrievalQuery { Text = "how many days does a parcel take abroad?", Explain = true };
        var found = Build([.. Intents, Article]).Search(query).Documents[0];
        found.Id.ShouldBe(Article.Id);
        found.Score.ShouldBe(KnowledgeIndex.Build([.. Intents, Article], 1, FusionWeights.Shipped with { Phrasings = 0 }).Search(query).Documents[0].Score);
    }

    [Fact]
    public void The_classifier_of_a_changed_index_is_that_of_a_clean_build()
    {
        var query = new RetrievalQuery { Text = "my card is gone" };
        var changed = Intent(3, "top up failed", [.. Enumerable.Range(0, 9).Select(i => $"top up number {i} failed")]);
        var index = Build([.. Intents[..2], Article]).With([changed], [], 2).With([Intents[2]], [], 3);
        Describe(index.Search(query)).ShouldBe(Describe(Build([.. Intents, Article]).Search(query)));
        Describe(Build([.. Intents.Reverse(), Article]).Search(query)).ShouldBe(Describe(Build([.. Intents, Article]).Search(query)));
    }

    [Fact]
    public void Lists_that_are_few_among_other_documents_of_their_source_are_not_trained()
    {
        var mixed = Intents.Select(d => d with { SourceId = Article.SourceId }).Append(Article);
        Build([.. mixed]).Search(new RetrievalQuery { Text = "i lost my card", Explain = true }).Documents.ShouldAllBe(d => d.Legs!.Phrasings == 0);
    }

    [Fact]
    public void A_classifier_beyond_its_bounds_is_not_made() =>
        PhraseClassifier.Train([.. Enumerable.Range(0, 4_000).Select(c => Enumerable.Range(0, 2).Select(_ => PhraseFeatures.Of($"word{c} thing{c * 7919}")).ToArray())], default).ShouldBeNull();

    private static KnowledgeIndex Build(IndexDocument[] documents) => KnowledgeIndex.Build(documents, 1);

    private static IndexDocument Intent(int id, string title, params string[] phrases) => Document(Id(id), title, string.Join('\n', phrases)) with { SourceId = Id(901) };

    private static IndexDocument Text(string text) => Document("", text);
}
