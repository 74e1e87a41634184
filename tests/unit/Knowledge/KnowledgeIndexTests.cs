using FsCheck;
using FsCheck.Fluent;
using Parley.Knowledge.Retrieval;
using Shouldly;
using Xunit;
using static Parley.Tests.Unit.Knowledge.IndexFixtures;

namespace Parley.Tests.Unit.Knowledge;

public sealed class KnowledgeIndexTests
{
    private static readonly IndexDocument[] HelpCentre =
    [
        Document("Cron jobs", "Start a service on a schedule.", "A job that still runs is skipped: the next execution starts only when the process has ended."),
        Document("Deployments", "Every push builds an image and deploys it.", "Roll back to an earlier deployment with one click."),
        Document("Database backups", "Backups run daily.", "Restore a backup from the backups tab. A restore replaces the database."),
        Document("What is a workspace?", "A workspace holds projects."),
        Document("How do I delete a workspace?", "Open the settings and confirm."),
    ];

    [Fact]
    public void The_article_that_answers_comes_first_with_its_passage()
    {
        var result = KnowledgeIndex.Build(HelpCentre, 7).Search(new RetrievalQuery { Text = "Why was my scheduled job skipped?" });
        result.ChangeNumber.ShouldBe(7);
        result.Documents[0].Title.ShouldBe("Cron jobs");
        result.Chunks[0].Id.ShouldBe(HelpCentre[0].Chunks[1].Id);
        result.Confidence.ShouldBeInRange(.05, 1);
    }

    [Fact]
    public void Question_words_tell_titles_apart() =>
        KnowledgeIndex.Build(HelpCentre, 1).Search(new RetrievalQuery { Text = "what is a workspace" }).Documents[0].Title.ShouldBe("What is a workspace?");

    [Fact]
    public void A_misspelt_word_still_finds_its_article() =>
        KnowledgeIndex.Build(HelpCentre, 1).Search(new RetrievalQuery { Text = "databse bakups" }).Documents[0].Title.ShouldBe("Database backups");

    [Theory]
    [InlineData("how do i delte a worksapce", "how do i delet a workspace")] // two swapped; a stem is a word here
    [InlineData("databasee BACKPUS", "database backups")] // one too many; in capitals
    [InlineData("restorx a bckup", "restor a bckup")] // another letter; too short for one left out
    [InlineData("Deployments", null)]
    [InlineData("job ojb jbo", null)] // too short: the neighbours are too many
    [InlineData("bake sourdough bread", null)] // about something else
    [InlineData("Fehler 4711 xyzzy", null)]
    public void A_slip_of_the_finger_is_undone_and_said(string text, string? readAs) =>
        KnowledgeIndex.Build(HelpCentre, 1).Search(new RetrievalQuery { Text = text }).ReadAs.ShouldBe(readAs);

    [Theory]
    [InlineData("what does ERR-1042 mean", "Errors")]
    [InlineData("err_1042", "Errors")] // whatever joins it
    [InlineData("MAX_POOL_SIZE", "Settings")]
    public void A_name_of_joined_words_is_asked_for_as_such(string question, string title)
    {
        IndexDocument[] documents =
        [
            Document("Connections", "How many there are.", "A pool has a size and never holds more at max."),
            Document("Settings", "", "MAX_POOL_SIZE: at most so many connections."),
            Document("Numbers", "", "1042 is a number, and err is a word: err 1042 err 1042."),
            Document("Errors", "", "ERR-1042: the disk is full."),
        ];
        var result = KnowledgeIndex.Build(documents, 1).Search(new RetrievalQuery { Text = question, Explain = true });
        result.Documents[0].Title.ShouldBe(title);
        result.Documents[0].Legs!.Identifiers.ShouldBe(.6, .001);
        result.Documents[0].Legs!.Sum.ShouldBe(result.Documents[0].Score, .001);
    }

    [Theory]
    [InlineData("how do I set max replicas", "Scaling")]
    [InlineData("maxReplicas", "Scaling")]
    [InlineData("what is numReplicas", "Copies")] // written apart there
    [InlineData("PITR", "Recovery")]
    [InlineData("how does point in time recovery work", "Recovery short")]
    public void Words_inside_names_and_acronyms_are_understood_as_the_documents_use_them(string question, string title)
    {
        IndexDocument[] documents =
        [
            Document("Scaling", "", "Set maxReplicas in the file."),
            Document("Copies", "", "The num of replicas is how many run."),
            Document("Recovery", "", "A point-in-time recovery brings a database back to any minute."),
            Document("Introduction", "", "We also have Point-in-Time Recovery (PITR), see (XYZ)."),
            Document("Recovery short", "", "PITR: choose a minute. PITR takes a while. How PITR works: it recovers."),
        ];
        KnowledgeIndex.Build(documents, 1).Search(new RetrievalQuery { Text = question }).Documents.Take(3).ShouldContain(d => d.Title == title);
    }

    [Fact]
    public void Only_what_changed_since_then_is_found_where_that_is_asked_for()
    {
        var then = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var index = KnowledgeIndex.Build([HelpCentre[0] with { UpdatedAt = then.AddDays(-1) }, HelpCentre[1] with { UpdatedAt = then }, HelpCentre[2]], 1);
        index.Search(new RetrievalQuery { Text = "job deploy backup", Filter = new RetrievalFilter { UpdatedSince = then } }).Documents.Select(d => d.Title).ShouldBe(["Deployments", "Database backups"], ignoreOrder: true);
    }

    [Fact]
    public void What_how_measures_is_not_what_is_asked_about()
    {
        var index = KnowledgeIndex.Build(HelpCentre, 1);
        index.Search(new RetrievalQuery { Text = "How long does a restore take?" }).Terms.Select(t => t.Word).ShouldBe(["restore", "take"]);
        index.Search(new RetrievalQuery { Text = "A long restore" }).Terms.Select(t => t.Word).ShouldBe(["long", "restore"]);
    }

    [Fact]
    public void Words_that_nobody_wrote_are_reported()
    {
        var result = KnowledgeIndex.Build(HelpCentre, 1).Search(new RetrievalQuery { Text = "Can I restore Sourdough backups?" });
        result.Terms.Select(t => t.Word).ShouldBe(["restore", "Sourdough", "backups"]);
        result.Terms.Sum(t => t.Weight).ShouldBe(1, 1e-6);
        result.MissingTerms.ShouldBe(["Sourdough"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("the of and")]
    [InlineData("??? 😀")]
    [InlineData("zzzzqqqq")]
    public void A_question_without_known_words_finds_nothing(string question)
    {
        var result = KnowledgeIndex.Build(HelpCentre, 1).Search(new RetrievalQuery { Text = question });
        result.Documents.ShouldBeEmpty();
        result.Chunks.ShouldBeEmpty();
        result.Confidence.ShouldBe(0);
    }

    [Fact]
    public void An_empty_index_answers_nothing() =>
        KnowledgeIndex.Empty.Search(new RetrievalQuery { Text = "anything" }).Documents.ShouldBeEmpty();

    [Fact]
    public void A_megabyte_of_question_is_read_only_so_far()
    {
        var question = string.Concat(Enumerable.Repeat("restore the backup of my database ", 30_000));
        KnowledgeIndex.Build(HelpCentre, 1).Search(new RetrievalQuery { Text = question }).Documents[0].Title.ShouldBe("Database backups");
    }

    [Fact]
    public void A_follow_up_is_understood_from_the_turn_before()
    {
        var index = KnowledgeIndex.Build(HelpCentre, 1);
        var alone = new RetrievalQuery { Text = "And how do I restore it?" };
        var inContext = alone with { History = [new(TurnAuthor.Customer, "Can I delete a workspace?"), new(TurnAuthor.Assistant, "Yes, in the settings.")] };
        index.Search(alone).Documents[0].Title.ShouldBe("Database backups");
        var scores = index.Search(inContext).Documents.ToDictionary(d => d.Title, d => d.Score);
        scores["How do I delete a workspace?"].ShouldBeGreaterThan(
            index.Search(alone).Documents.FirstOrDefault(d => d.Title == "How do I delete a workspace?")?.Score ?? 0);
    }

    [Fact]
    public void A_word_that_every_document_has_weighs_next_to_nothing()
    {
        var index = KnowledgeIndex.Build([Document("One", "Parley answers."), Document("Two", "Parley asks."), Document("Three", "Parley listens.")], 1);
        index.Search(new RetrievalQuery { Text = "parley", Explain = true }).Documents[0].Legs!.PowerLaw.ShouldBeLessThan(5);
        index.Search(new RetrievalQuery { Text = "does parley listen" }).Documents[0].Title.ShouldBe("Three");
    }

    [Fact]
    public void The_same_document_twice_is_refused() =>
        Should.Throw<ArgumentException>(() => KnowledgeIndex.Build([HelpCentre[0], HelpCentre[0]], 1)).Message.ShouldContain(HelpCentre[0].Id.ToString());

    [Fact]
    public void Scores_equal_the_formula_leg_by_leg() =>
        Prop.ForAll(Corpus(12).ToArbitrary(), Text(8).ToArbitrary(), (documents, question) =>
        {
            var expected = new NaiveFusion(documents).Score(question);
            var result = KnowledgeIndex.Build(documents, 1).Search(new RetrievalQuery { Text = question, Explain = true });
            result.Documents.Count.ShouldBe(expected.Count(s => s > 0), $"question '{question}', expected {string.Join(' ', expected)}");
            foreach (var document in result.Documents)
            {
                var of = $"question '{question}', document '{document.Title}', legs {document.Legs}";
                document.Score.ShouldBe(expected[Array.FindIndex(documents, d => d.Id == document.Id)], 1e-4 * Math.Max(1, document.Score), of);
                document.Legs!.Sum.ShouldBe(document.Score, 1e-4 * Math.Max(1, document.Score), of);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Rankings_are_ordered_and_repeatable() =>
        Prop.ForAll(Corpus(15).ToArbitrary(), Text(6).ToArbitrary(), (documents, question) =>
        {
            var query = new RetrievalQuery { Text = question };
            var result = KnowledgeIndex.Build(documents, 1).Search(query);
            result.Documents.Select(d => d.Score).ShouldBeInOrder(SortDirection.Descending);
            result.Chunks.Select(c => c.Score).ShouldBeInOrder(SortDirection.Descending);
            Describe(KnowledgeIndex.Build(documents.Reverse(), 1).Search(query)).ShouldBe(Describe(result));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Nothing_outside_the_filter_is_ever_returned() =>
        Prop.ForAll(Corpus(15).ToArbitrary(), Text(6).ToArbitrary(), Gen.Choose(0, 7).ToArbitrary(), (documents, question, kind) =>
        {
            var filter = new RetrievalFilter
            {
                Audiences = (kind & 1) == 0 ? null : new HashSet<string> { "customers" },
                Language = (kind & 2) == 0 ? null : "en",
                SourceIds = (kind & 4) == 0 ? null : new HashSet<Guid> { Id(1001) },
            };
            var result = KnowledgeIndex.Build(documents, 1).Search(new RetrievalQuery { Text = question, Filter = filter });
            var seen = result.Documents.Select(d => d.Id).Concat(result.Chunks.Select(c => c.DocumentId));
            foreach (var document in seen.Distinct().Select(id => documents.Single(d => d.Id == id)))
            {
                if (filter.Audiences is not null)
                    document.Audience.ShouldBeOneOf(null, "", "customers");
                if (filter.Language is not null)
                    document.Language.ShouldBeOneOf(null, "en", "en-GB");
                if (filter.SourceIds is not null)
                    document.SourceId.ShouldBe(Id(1001));
            }
            var unfiltered = KnowledgeIndex.Build(documents, 1).Search(new RetrievalQuery { Text = question });
            result.Documents.Select(d => (d.Id, d.Score)).ShouldBeSubsetOf(unfiltered.Documents.Select(d => (d.Id, d.Score)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_index_after_changes_equals_a_clean_build_bit_by_bit() =>
        Prop.ForAll(Corpus(12).ToArbitrary(), Corpus(12).ToArbitrary(), Text(8).ToArbitrary(), (before, after, question) =>
        {
            // Documents 0–3 stay, 4–7 are replaced, 8–9 removed, 10–11 added.
            var changed = after[4..8].Concat(after[10..12]).ToArray();
            var index = KnowledgeIndex.Build(before[..10], 1).With(changed, [Id(8), Id(9), Id(77)], 2);
            var clean = KnowledgeIndex.Build([.. before[..4], .. changed], 2);
            var query = new RetrievalQuery { Text = question };
            index.ChangeNumber.ShouldBe(2);
            index.DocumentCount.ShouldBe(clean.DocumentCount);
            index.ChunkCount.ShouldBe(clean.ChunkCount);
            index.ApproximateBytes.ShouldBe(clean.ApproximateBytes);
            Describe(index.Search(query)).ShouldBe(Describe(clean.Search(query)));
            Describe(index.With([], after.Select(d => d.Id).ToList(), 3).Search(query)).ShouldBe(Describe(KnowledgeIndex.Empty.Search(query)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task Many_threads_search_while_successors_are_made()
    {
        var index = KnowledgeIndex.Build(HelpCentre, 1);
        var query = new RetrievalQuery { Text = "restore a database backup" };
        var expected = Describe(index.Search(query));
        var searches = Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 200).All(_ => Describe(index.Search(query)) == expected)));
        for (var i = 0; i < 50; i++)
            index.With([Document($"Another {i}", "restore a database backup")], [HelpCentre[0].Id], i);
        (await Task.WhenAll(searches)).ShouldAllBe(same => same);
    }
}
