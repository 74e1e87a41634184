using FsCheck;
using FsCheck.Fluent;
using Parley.Assistant.Composer;
using Parley.Knowledge.Retrieval;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Assistant;

public sealed class ExtractiveComposerTests
{
    private static readonly (string Title, string[] Headings, string Text)[] HelpCentre =
    [
        ("Cron jobs", ["Requirements"], "A service that runs as a cron job must terminate. If the process does not exit, the next execution is skipped."),
        ("Cron jobs", ["Set up"], "To schedule a job:\n\n1. Open the service settings.\n2. Enter a crontab expression.\n3. Save.\n\nThe service then runs on schedule."),
        ("Limits", ["Plans"], "Every plan has its limits.\n\n| Plan | Seats | Storage |\n|---|---|---|\n| Free | 2 | 500 MB |\n| Team | 10 | 50 GB |"),
        ("Command line", ["Link a project"], "Link the folder to a project with one command:\n\n```bash\nparley link --project demo\nparley status\n```\n\nSee also: [commands](/commands)"),
        ("Regions", [], "---\ntitle: Regions\n---\n\nimport X from 'y'\n\nServices run in four regions. You can move a service at any time. This takes about 30 seconds.\n\n## See also\n\n- [Volumes](/volumes)"),
        ("Backups", [], "Backups of a volume are made each night. Backups are kept for 30 days. Volume backups cost nothing."),
        ("退款", [], "退款将在五个工作日内到账。请先取消订阅。"),
    ];

    [Fact]
    public void The_sentence_that_answers_is_quoted_with_its_citation()
    {
        var answer = Ask("Why was my cron job skipped?");
        answer.Abstained.ShouldBeNull();
        answer.Text.ShouldContain("If the process does not exit, the next execution is skipped.");
        answer.Quotes[0].Title.ShouldBe("Cron jobs");
        answer.Quotes[0].HeadingPath.ShouldBe(["Requirements"]);
    }

    [Theory]
    [InlineData("Is the hobby plan free?", "No. The hobby plan costs five dollars a month.")]
    [InlineData("What does the hobby plan cost a month?", "The hobby plan costs five dollars a month.")]
    public void Yes_and_no_are_said_where_they_were_asked_for(string question, string said)
    {
        (string, string[], string)[] corpus = [("Plans", ["Is the hobby plan free?"], "No. The hobby plan costs five dollars a month."), .. HelpCentre];
        Compose(question, KnowledgeIndex.Build(corpus.Select((d, i) => Document(i, d.Item1, d.Item2, d.Item3)), 1), corpus, threshold: 0).Blocks[0].Text.ShouldBe(said);
    }

    [Fact]
    public void A_length_of_time_is_looked_for_where_one_is_asked_for() =>
        Ask("How long does it take to move a service to a region?", threshold: 0).Text.ShouldContain("This takes about 30 seconds.");

    [Fact]
    public void Steps_stay_whole_with_the_line_that_introduces_them()
    {
        var answer = Ask("How do I schedule a job with a crontab expression?");
        answer.Text.ShouldContain("To schedule a job:");
        answer.Blocks.ShouldContain(b => b.Kind == BlockKind.List && b.Text == "1. Open the service settings.\n2. Enter a crontab expression.\n3. Save.");
    }

    [Fact]
    public void Code_stays_whole_with_its_sentence()
    {
        var answer = Ask("How do I link a folder to a project?");
        answer.Blocks.ShouldContain(b => b.Kind == BlockKind.Code && b.Text == "```bash\nparley link --project demo\nparley status\n```");
        answer.Text.ShouldContain("Link the folder to a project with one command:");
        answer.Text.ShouldNotContain("See also");
    }

    [Fact]
    public void A_table_row_comes_with_the_head_of_its_table()
    {
        var table = Ask("How many seats has the team plan?", threshold: 0).Blocks.Single(b => b.Kind == BlockKind.Table);
        table.Text.ShouldStartWith("| Plan | Seats | Storage |\n|---|---|---|\n");
        table.Text.ShouldContain("| Team | 10 | 50 GB |");
    }

    [Fact]
    public void Front_matter_imports_and_link_lists_are_never_quoted()
    {
        var answer = Ask("In which regions do services run?");
        answer.Text.ShouldStartWith("Services run in four regions.");
        answer.Text.ShouldNotContain("import");
        answer.Text.ShouldNotContain("Volumes");
    }

    [Fact]
    public void A_sentence_that_points_back_brings_the_one_before()
    {
        var answer = Ask("How many seconds does it take to move a service?", threshold: 0);
        answer.Text.ShouldContain("You can move a service at any time. This takes about 30 seconds.");
    }

    [Fact]
    public void The_sentence_that_says_a_value_leads_and_its_surroundings_follow()
    {
        var answer = Ask("How many days are backups of a volume kept?", threshold: 0);
        answer.Text.ShouldStartWith("Backups are kept for 30 days.");
        answer.Text.ShouldContain("\n\nBackups of a volume are made each night.");
        answer.Blocks.Count.ShouldBe(answer.Quotes.Count);
        // Who asks how it is done reads it in the order of the source.
        Ask("How are backups of a volume made and kept?", threshold: 0).Text.ShouldStartWith("Backups of a volume are made each night.");
    }

    [Fact]
    public void Other_scripts_are_answered_too() => Ask("退款多久到账？", threshold: 0).Text.ShouldContain("退款将在五个工作日内到账。");

    [Theory]
    [InlineData("How do I bake sourdough bread?")]
    [InlineData("What is the capital of France?")]
    public void A_question_that_the_sources_do_not_answer_is_declined(string question)
    {
        var answer = Ask(question);
        answer.Abstained.ShouldNotBeNull();
        answer.Blocks.ShouldBeEmpty();
        answer.Quotes.ShouldBeEmpty();
        answer.Confidence.ShouldBeLessThan(SupportModel.AnswerThreshold);
    }

    [Fact]
    public void The_conversation_lends_words_to_the_search_and_no_certainty_to_the_answer()
    {
        HistoryTurn[] history = [new(TurnAuthor.Customer, "Why was my cron job skipped?"), new(TurnAuthor.Assistant, "If the process does not exit, the next execution is skipped.")];
        Ask("And how often does high tide come?", history: history).Abstained.ShouldBe(AbstainReason.WeakSupport);
        // The question before makes no difference to a subject of its own …
        Ask("How do I link a folder to a project?", history: history).Text.ShouldContain("parley link --project demo");
        // … and all of it to a question that has none.
        Ask("Why is that?", history: history).Quotes[0].Title.ShouldBe("Cron jobs");
    }

    [Fact]
    public void Words_that_no_document_holds_count_where_the_stemmer_knows_the_language()
    {
        Ask("Which regions offer zeppelin moorings?", threshold: 0).Signals.Unknown.ShouldBeGreaterThan(.4);
        // "moev" is read as "move": it may be looked up, it is no support.
        Ask("Can zeppelins moev?", threshold: 0).Signals.Unknown.ShouldBe(1, tolerance: 1e-6);
        Ask("Welche Regionen haben Anlegeplätze?", threshold: 0).Signals.Unknown.ShouldBe(0);
    }

    [Fact]
    public void Without_evidence_there_is_no_answer() =>
        ExtractiveComposer.Compose("anything", KnowledgeIndex.Empty.Search(new RetrievalQuery { Text = "anything" }), []).Abstained.ShouldBe(AbstainReason.NoEvidence);

    [Fact]
    public void Evidence_of_headings_alone_holds_nothing_to_quote()
    {
        var index = KnowledgeIndex.Build([Document(0, "Regions", [], "## Regions\n\n![map](map.png)")], 1);
        Compose("regions", index, [("Regions", [], "## Regions\n\n![map](map.png)")]).Abstained.ShouldBe(AbstainReason.NothingToQuote);
    }

    [Fact]
    public void Quotes_are_always_unchanged_spans_of_their_passage() =>
        Prop.ForAll(Markdown().ArrayOf(4).ToArbitrary(), Gen.Elements("How do I restart the service?", "plan seats price", "为什么失败", "x").ToArbitrary(), (texts, question) =>
        {
            var corpus = texts.Select((t, i) => ($"Title {i}", Array.Empty<string>(), t)).ToArray();
            var index = KnowledgeIndex.Build(corpus.Select((d, i) => Document(i, d.Item1, [], d.Item3)), 1);
            var answer = Compose(question, index, corpus, threshold: 0);
            answer.Quotes.Count.ShouldBe(answer.Blocks.Count);
            for (var i = 0; i < answer.Quotes.Count; i++)
            {
                var quote = answer.Quotes[i];
                var passage = texts[quote.ChunkId.ToByteArray()[0]];
                passage.Substring(quote.Start, quote.Length).ShouldBe(quote.Text);
                answer.Blocks[i].Citation.ShouldBe(i);
                answer.Blocks[i].Text.ShouldEndWith(quote.Text);
                foreach (var line in answer.Blocks[i].Text.Split('\n'))
                    passage.ShouldContain(line);
            }
            Compose(question, index, corpus, threshold: 0).Text.ShouldBe(answer.Text);
        }).QuickCheckThrowOnFailure();

    private static Gen<string> Markdown() =>
        Gen.Elements(
            "The service restarts.", "Why?", "A plan has seats: ", "1. Open it.", "2. Save.", "- one", "  more", "| Plan | Seats |", "|---|---|", "| Free | 2 |", "```", "restart --now",
            "## Restart", "", "\n", "> quoted", "失败是因为超时。", "<Banner>", "See also: [x](/y)", "---", "It helps.").ArrayOf(12).Select(lines => string.Join('\n', lines));

    private static Composition Ask(string question, double? threshold = null, params HistoryTurn[] history) =>
        Compose(question, KnowledgeIndex.Build(HelpCentre.Select((d, i) => Document(i, d.Title, d.Headings, d.Text)), 1), HelpCentre, threshold, history);

    private static Composition Compose(string question, KnowledgeIndex index, (string Title, string[] Headings, string Text)[] corpus, double? threshold = null, params HistoryTurn[] history)
    {
        var retrieval = index.Search(new RetrievalQuery { Text = question, History = history });
        var evidence = retrieval.Chunks.Select(c => new Evidence
        {
            ChunkId = c.Id,
            Version = c.Version,
            DocumentId = c.DocumentId,
            Title = corpus[c.Id.ToByteArray()[0]].Title,
            HeadingPath = c.HeadingPath,
            Text = corpus[c.Id.ToByteArray()[0]].Text,
            Score = c.Score,
        });
        return ExtractiveComposer.Compose(question, retrieval, [.. evidence], threshold);
    }

    private static IndexDocument Document(int ordinal, string title, string[] headings, string text)
    {
        var id = new Guid(ordinal, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        return new IndexDocument
        {
            Id = id,
            Version = 1,
            SourceId = Guid.Empty,
            Title = title,
            Chunks = [new IndexChunk { Id = id, Version = 1, HeadingPath = headings, Text = text }],
        };
    }
}
