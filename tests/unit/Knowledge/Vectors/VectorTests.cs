using System.Numerics.Tensors;
using Parley.Inference.Contracts;
using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Vectors;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge.Vectors;

/// <summary>Vectors in bytes, and the order of words and meaning.</summary>
public sealed class VectorTests
{
    private static readonly Guid Set = Guid.CreateVersion7();

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(64)]
    [InlineData(1000)]
    public void Every_way_to_multiply_gives_the_same_sum(int dimensions)
    {
        var random = new Random(dimensions);
        for (var i = 0; i < 20; i++)
        {
            var (a, b) = (Bytes(random, dimensions), Bytes(random, dimensions));
            if (i == 0)
            {
                Array.Fill(a, (sbyte)-127);
                Array.Fill(b, (sbyte)-127);
            }
            var exact = a.Zip(b, (x, y) => x * y).Sum();
            QuantizedVector.Dot(a, b).ShouldBe(exact);
            var portable = QuantizedVector.DotPortable(a, b, out var done);
            (portable + a.Skip(done).Zip(b.Skip(done), (x, y) => x * y).Sum()).ShouldBe(exact);
        }
    }

    [Fact]
    public void Similarity_is_the_cosine_to_a_few_thousandths_and_the_stored_form_loses_nothing_more()
    {
        var random = new Random(7);
        for (var i = 0; i < 100; i++)
        {
            var (a, b) = (Floats(random, 256), Floats(random, 256));
            var (left, right) = (QuantizedVector.Of(a), QuantizedVector.Of(b));
            var cosine = QuantizedVector.Dot(left.Values, right.Values) * left.Scale * right.Scale;
            cosine.ShouldBe(TensorPrimitives.CosineSimilarity(a, b), .004f);
            var stored = QuantizedVector.Read(left.ToBytes(), 256)!.Value;
            (stored.Scale, stored.Values).ShouldBe((left.Scale, stored.Values));
            stored.Values.ShouldBe(left.Values);
        }
        QuantizedVector.Read(QuantizedVector.Of(Floats(random, 64)).ToBytes(), 65).ShouldBeNull();
        QuantizedVector.Of(new float[8]).Scale.ShouldBe(0);
    }

    [Fact]
    public void Rounding_keeps_the_best_passages()
    {
        var random = new Random(3);
        var vectors = Enumerable.Range(0, 3000).Select(_ => Floats(random, 128)).ToList();
        var rounded = vectors.ConvertAll(vector => QuantizedVector.Of(vector));
        var kept = 0;
        for (var q = 0; q < 20; q++)
        {
            var question = Floats(random, 128);
            var asked = QuantizedVector.Of(question);
            var exact = Enumerable.Range(0, vectors.Count).OrderByDescending(i => TensorPrimitives.CosineSimilarity(question, vectors[i])).Take(25).ToHashSet();
            kept += Enumerable.Range(0, vectors.Count).OrderByDescending(i => QuantizedVector.Dot(asked.Values, rounded[i].Values) * rounded[i].Scale).Take(25).Count(exact.Contains);
        }
        // Random vectors lie closer together than any text: the worst case.
        (kept / 500d).ShouldBeGreaterThan(.95);
    }

    [Fact]
    public void Places_add_up_and_a_document_without_a_vector_is_not_punished_for_it()
    {
        var settings = new RetrievalSettings();
        List<(int, float)> words = [(1, 3f), (2, 2f), (3, 1f)], meaning = [(2, .9f), (4, .8f), (1, .7f)];
        var fused = Fusion.Fuse(words, meaning, document => document != 3, settings, QuestionKind.Conceptual);
        fused.Select(each => each.Document).ShouldBe([2, 1, 3, 4]);
        fused[0].Score.ShouldBe((.5 / 62) + (.5 / 61), 1e-12);
        fused[2].Score.ShouldBe(1d / 63, 1e-12);
    }

    [Fact]
    public void By_scores_the_kind_of_question_decides_what_meaning_weighs()
    {
        var settings = new RetrievalSettings { Fusion = FusionKind.Convex };
        List<(int, float)> words = [(1, 4f), (2, 2f)], meaning = [(2, .8f), (1, .2f)];
        Fusion.Fuse(words, meaning, _ => true, settings, QuestionKind.Conversational)[0].ShouldBe((2, (.2 * .5) + .8));
        Fusion.Fuse(words, meaning, _ => true, settings, QuestionKind.Exact)[0].Document.ShouldBe(1);
        Fusion.Fuse(words, meaning, _ => true, settings with { Mode = RetrievalMode.Semantic }, QuestionKind.Exact).Select(each => each.Document).ShouldBe([2, 1]);
        Fusion.Fuse(words, [], _ => false, settings with { Mode = RetrievalMode.Semantic }, QuestionKind.Exact).Select(each => each.Document).ShouldBe([1, 2]);
    }

    [Fact]
    public void Meaning_finds_what_shares_no_word_and_confidence_stays_that_of_words()
    {
        var (index, ids) = Index();
        var query = new RetrievalQuery { Text = "How do I get my money back?" };
        var words = index.Begin(query);
        var plain = index.Finish(words, null);
        plain.Documents.ShouldNotContain(document => document.Id == ids[0], "the test is about a document that shares no word");
        var found = index.Finish(words, QuantizedVector.Of([1, 0, .1f, 0]));
        found.Documents[0].Id.ShouldBe(ids[0]);
        found.Documents[0].Vector!.Value.ShouldBeGreaterThan(.9);
        found.Chunks[0].DocumentId.ShouldBe(ids[0]);
        found.Confidence.ShouldBe(0);
        found.Terms.ShouldBe(plain.Terms);
    }

    [Fact]
    public void Without_a_vector_of_the_question_nothing_differs_from_words_alone()
    {
        var (index, _) = Index();
        var bare = KnowledgeIndex.Build(Documents(Ids()), 1);
        var query = new RetrievalQuery { Text = "When does a cron run wait for a volume?", Explain = true };
        string Of(KnowledgeIndex of) => System.Text.Json.JsonSerializer.Serialize(of.Search(query) with { ChangeNumber = 0 });
        Of(index).ShouldBe(Of(bare));
    }

    [Fact]
    public void What_may_not_be_seen_is_not_found_by_its_meaning_either_and_what_is_gone_is_gone()
    {
        var (index, ids) = Index();
        var query = new RetrievalQuery { Text = "money", Filter = new RetrievalFilter { Audiences = new HashSet<string> { "public" } } };
        index.Finish(index.Begin(query), QuantizedVector.Of([0, 1, 0, 0])).Documents.ShouldNotContain(document => document.Id == ids[1]);
        var less = index.With([], [ids[0]], 2);
        less.Finish(less.Begin(query), QuantizedVector.Of([1, 0, 0, 0])).Documents.ShouldNotContain(document => document.Id == ids[0]);
        less.Vectors!.Count.ShouldBe(1);
    }

    [Fact]
    public void Later_vectors_go_behind_the_earlier_ones_and_an_older_index_does_not_see_them()
    {
        var (index, ids) = Index();
        var chunk = index.PassagesOf(ids[2])[0];
        var later = index.With(index.Plan with { Number = 2 }, index.Vectors!.Rows.With([new StoredVector(chunk.Id, chunk.Version, QuantizedVector.Of([0, 0, 1, 0]))], 2));
        (index.Vectors.Count, later.Vectors!.Count).ShouldBe((2, 3));
        var query = new RetrievalQuery { Text = "unheard" };
        later.Finish(later.Begin(query), QuantizedVector.Of([0, 0, 1, 0])).Documents[0].Id.ShouldBe(ids[2]);
        index.Finish(index.Begin(query), QuantizedVector.Of([0, 0, 1, 0])).Documents.ShouldNotContain(document => document.Id == ids[2]);
        later.ApproximateBytes.ShouldBeGreaterThan(KnowledgeIndex.Build(Documents(Ids()), 1).ApproximateBytes);
    }

    [Fact]
    public void Sections_are_read_whole_around_the_best_passages_and_no_more_than_five()
    {
        var (document, source) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var parents = Enumerable.Range(0, 7).Select(_ => Guid.CreateVersion7()).ToList();
        var chunks = parents.SelectMany(parent => Enumerable.Range(0, 2).Select(_ => new IndexChunk { Id = Guid.CreateVersion7(), Version = 1, ParentId = parent, Text = "A volume grows." })).ToList();
        var index = KnowledgeIndex.Build([new IndexDocument { Id = document, Version = 1, SourceId = source, Title = "Volumes", Chunks = chunks }], 1)
            .With(RetrievalPlan.Shipped with { Settings = new RetrievalSettings { Mode = RetrievalMode.SmallToBig } }, null);
        var found = index.Search(new RetrievalQuery { Text = "volume" });
        found.Chunks.Count.ShouldBe(10);
        found.Chunks.Select(chunk => chunk.ParentId).Distinct().Count().ShouldBe(5);
        foreach (var section in found.Chunks.GroupBy(chunk => chunk.ParentId))
        {
            section.Select(chunk => chunk.Id).ShouldBe(chunks.Where(chunk => chunk.ParentId == section.Key).Select(chunk => chunk.Id));
        }
    }

    [Fact]
    public void A_reranker_orders_and_the_places_keep_their_scores()
    {
        var chunks = Enumerable.Range(0, 6).Select(i => new RankedChunk(Guid.CreateVersion7(), 1, Guid.Empty, null, [], null, 10 - i)).ToList();
        var scores = chunks.Skip(1).ToDictionary(chunk => chunk.Id, chunk => -chunk.Score);
        var ordered = PassageReranker.Order(chunks, scores, 3);
        ordered.Select(chunk => chunk.Id).ShouldBe([chunks[5].Id, chunks[4].Id, chunks[3].Id]);
        ordered.Select(chunk => chunk.Score).ShouldBe([10, 9, 8]);
        ordered[0].Rerank.ShouldBe(-5);
    }

    [Fact]
    public void The_set_that_serves_stays_until_the_chosen_one_is_complete()
    {
        EmbeddingSet old = Of("old", "serving"), half = Of("half", "building"), chosen = Of("new", "building");
        string[] Gone(IReadOnlyList<EmbeddingSet> sets, ModelSeat? seat) => [.. EmbeddingSets.Superfluous(sets, seat).Select(set => set.Model)];
        Gone([old], Seat("new")).ShouldBeEmpty();
        Gone([old, half], Seat("new")).ShouldBe(["half"]);
        Gone([old, chosen], Seat("new")).ShouldBeEmpty();
        Gone([chosen with { State = "serving" }, half], Seat("new")).ShouldBe(["half"]);
        Gone([old, chosen], Seat("old")).ShouldBe(["new"]);
        Gone([old, chosen], null).ShouldBe(["old", "new"]);
    }

    [Fact]
    public void Settings_name_what_is_wrong_with_them()
    {
        new RetrievalSettings().Problems().ShouldBeEmpty();
        new RetrievalSettings { RrfK = 0, Exact = 2, PatienceMs = 1, RerankPassages = 9, Conceptual = double.NaN, Mode = (RetrievalMode)7 }.Problems().Keys.Order()
            .ShouldBe(["conceptual", "exact", "mode", "patienceMs", "rerankPassages", "rrfK"]);
    }

    private static EmbeddingSet Of(string model, string state) => new() { Id = Guid.CreateVersion7(), Provider = "voyage", Model = model, Dimensions = 8, State = state };

    private static ModelSeat Seat(string model) => new(ModelTier.Small, new ModelAccount { Id = Guid.CreateVersion7(), Provider = "voyage" }, new ModelInfo
    {
        Provider = "voyage", Model = model, Name = model, Kind = ModelKind.Embedding, AsOf = new(2026, 1, 1), Source = new("https://example.org"), Capabilities = new() { Dimensions = 8 },
    });

    private static Guid[] Ids() => [.. Enumerable.Range(1, 3).Select(i => new Guid(i, 0, 0, new byte[8]))];

    private static IndexDocument[] Documents(Guid[] ids) =>
    [
        Document(ids[0], "Refunds", "Whoever cancels within two weeks is reimbursed.", null),
        Document(ids[1], "Margins", "What we earn on each plan.", "internal"),
        Document(ids[2], "Cron", "A cron run waits for the one before.", null),
    ];

    private static IndexDocument Document(Guid id, string title, string text, string? audience) => new()
    {
        Id = id, Version = 1, SourceId = Guid.Empty, Title = title, Audience = audience, Chunks = [new IndexChunk { Id = new Guid(id.ToByteArray()[0] + 100, 0, 0, new byte[8]), Version = 1, Text = text }],
    };

    /// <summary>Two of three documents have a vector.</summary>
    private static (KnowledgeIndex Index, Guid[] Ids) Index()
    {
        var ids = Ids();
        var index = KnowledgeIndex.Build(Documents(ids), 1);
        var set = Of("model", "serving") with { Id = Set, Dimensions = 4 };
        var rows = VectorRows.None(Set, 4).With(
        [
            new StoredVector(index.PassagesOf(ids[0])[0].Id, 1, QuantizedVector.Of([1, 0, 0, 0])), new StoredVector(index.PassagesOf(ids[1])[0].Id, 1, QuantizedVector.Of([0, 1, 0, 0])),
            new StoredVector(index.PassagesOf(ids[2])[0].Id, 99, QuantizedVector.Of([1, 0, 0, 0])), // of another version
        ], 1);
        return (index.With(new RetrievalPlan(1, new RetrievalSettings(), 1, set, false), rows), ids);
    }

    private static sbyte[] Bytes(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-127, 128))];

    private static float[] Floats(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
}
