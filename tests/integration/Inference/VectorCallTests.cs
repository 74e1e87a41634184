using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Inference.Embeddings;
using Parley.Inference.Pipeline;
using Parley.Inference.Reranking;
using Parley.Platform;
using Parley.Platform.Configuration;
using Parley.Platform.RateLimits;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>Vectors and scores through the stack that chat goes through: the same budget, failover, limits and bill.</summary>
public sealed class VectorCallTests(PostgresFixture postgres, ModelWorld world) : IClassFixture<ModelWorld>, IAsyncLifetime
{
    private const int Dimensions = 64;

    private static readonly string[] Texts = ["A cron run waits.", "Volumes can be resized.", "The plan costs five dollars."];

    private TestDatabase _database = null!;
    private Guid _tenant;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync(Ct);
        _tenant = await _database.CreateTenantAsync(ct: Ct);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Vectors_are_those_of_the_model_and_cost_what_it_bills()
    {
        var (pipeline, seat) = (Pipeline(), Embedder());
        var call = Call([seat]);
        var vectors = await Embed(pipeline).EmbedAsync(call, Texts, EmbeddingUse.Document, Ct);
        vectors.Count.ShouldBe(3);
        vectors.ShouldAllBe(vector => vector.Length == Dimensions);
        (await Embed(pipeline).EmbedAsync(Call([seat]), [Texts[1]], EmbeddingUse.Query, Ct))[0].ToArray().ShouldBe(vectors[1].ToArray());
        var billed = world.Double.BilledTo(seat.Account.Key);
        call.Usage!.InputTokens.ShouldBeLessThan(billed.Input);
        call.Decisions.Select(each => each.Step).ShouldBe(["budget", "answered"]);
        var row = await RowAsync();
        (row.Calls, row.Service, row.Feature, row.Input, row.Unknown, row.Held).ShouldBe((2, "embedding", "embed", billed.Input, 0, 0));
        row.Cost.ShouldBe(billed.Input * 20m / 1_000_000);
    }

    [Theory]
    [InlineData("401", 0)]
    [InlineData("529", 0)]
    [InlineData("wrong-dimension", 1)]
    [InlineData("nan", 1)]
    [InlineData("fewer", 1)]
    [InlineData("cut", 1)]
    public async Task Another_account_of_the_model_makes_them_where_one_does_not_and_only_what_may_be_billed_is_booked(string fault, int booked)
    {
        var (first, second) = (Embedder(fault), Embedder());
        var call = Call([first, second]);
        (await Embed(Pipeline()).EmbedAsync(call, Texts, EmbeddingUse.Document, Ct)).Count.ShouldBe(3);
        call.Seat.ShouldBe(second);
        var row = await RowAsync();
        (row.Calls, row.Unknown, row.Held).ShouldBe((1 + booked, booked, 0));
    }

    [Fact]
    public async Task A_deadline_ends_a_call_that_hangs_and_the_reserve_is_paid()
    {
        var call = Call([Embedder("slow")], TimeSpan.FromMilliseconds(300));
        (await Should.ThrowAsync<ModelException>(Embed(Pipeline()).EmbedAsync(call, Texts, EmbeddingUse.Document, Ct))).Fault.ShouldBe(ModelFault.Timeout);
        var row = await RowAsync();
        (row.Calls, row.Unknown, row.Held).ShouldBe((1, 1, 0));
        row.Cost.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_used_up_budget_refuses_before_anything_is_sent()
    {
        await SetAsync(new BudgetSettings { Month = .000001m, Day = null, Conversation = null, EndUser = null, Anonymous = null, HardCap = true });
        var seat = Embedder();
        var refused = await Should.ThrowAsync<BudgetRefusedException>(Embed(Pipeline()).EmbedAsync(Call([seat]), Texts, EmbeddingUse.Document, Ct));
        refused.Reason.ShouldBe(BudgetScope.Month);
        world.Double.BilledTo(seat.Account.Key).Input.ShouldBe(0);
    }

    [Fact]
    public async Task Models_whose_vectors_do_not_fit_each_other_are_never_asked_together()
    {
        var other = Embedder() with { Info = Embedder().Info with { Model = "another" } };
        await Should.ThrowAsync<ArgumentException>(Embed(Pipeline()).EmbedAsync(Call([Embedder(), other]), Texts, EmbeddingUse.Document, Ct));
    }

    [Fact]
    public async Task A_text_longer_than_the_model_takes_is_cut_not_refused()
    {
        EmbedCalls.Fitting(Texts[0], 2048).ShouldBe(Texts[0]);
        var longText = string.Join(' ', Enumerable.Repeat("resize 😀", 5000));
        Parley.Inference.TokenEstimate.UpperBound(EmbedCalls.Fitting(longText, 500)).ShouldBeInRange(250, 500);
        (await Embed(Pipeline()).EmbedAsync(Call([Embedder()]), [longText], EmbeddingUse.Document, Ct)).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(ModelProviderKinds.Voyage, "/voyage/v1", false)]
    [InlineData(ModelProviderKinds.Cohere, "/cohere", true)]
    public async Task Scores_come_in_the_documents_order_and_cost_tokens_or_searches(string provider, string path, bool searches)
    {
        var seat = Seat(provider, path, ModelKind.Rerank, searches ? new ModelPrices { Searches = 2 } : new ModelPrices { Input = 20 }, fault: null);
        var call = Call([seat], feature: ModelFeature.Rerank, service: "rerank");
        var scores = await new RerankCalls(Pipeline(), world.Providers, ModelWorld.Patient).RerankAsync(call, "how are volumes resized", Texts, Ct);
        scores.Count.ShouldBe(3);
        scores[1].ShouldBe(scores.Max());
        var (row, billed) = (await RowAsync(), world.Double.BilledTo(seat.Account.Key));
        (row.Calls, row.Service, row.Feature, row.Unknown, row.Held).ShouldBe((1, "rerank", "rerank", 0, 0));
        row.Cost.ShouldBe(searches ? billed.Searches * 2m / 1000 : billed.Input * 20m / 1_000_000);
        row.Cost.ShouldBeGreaterThan(0);
    }

    private ModelPipeline Pipeline()
    {
        var time = TimeProvider.System;
        var budgets = new Budgets(_database.Tenants, new ConfigurationStore(time), new NodeIdentity("test", "1"), time, NullLogger<Budgets>.Instance);
        return new ModelPipeline(world.Providers, budgets, new LateDecisions(budgets, NullLogger<LateDecisions>.Instance), new RateLimiter(_database.System, _database.Key, new ManualTime()), new Circuits(time), ModelWorld.Patient, time, NullLogger<BudgetChat>.Instance);
    }

    private EmbedCalls Embed(ModelPipeline pipeline) => new(pipeline, world.Providers, ModelWorld.Patient);

    private ModelSeat Embedder(string? fault = null) => Seat(ModelProviderKinds.OpenAiCompatible, "/openai/v1", ModelKind.Embedding, new ModelPrices { Input = 20 }, fault);

    private ModelSeat Seat(string provider, string path, ModelKind kind, ModelPrices prices, string? fault) => new(ModelTier.Small,
        new ModelAccount { Id = Guid.CreateVersion7(), Provider = provider, BaseUrl = world.Double.At(path, fault), Key = "key-" + Guid.CreateVersion7().ToString("N") },
        new ModelInfo
        {
            Provider = provider, Model = "vectors", Name = "Double", Kind = kind, AsOf = new(2026, 1, 1), Source = new("https://example.org"), Prices = prices,
            Capabilities = new() { Dimensions = Dimensions, ChoosesDimensions = true, MaxInputTokens = 1000 },
        });

    private ModelCall Call(IReadOnlyList<ModelSeat> seats, TimeSpan? patience = null, string feature = ModelFeature.Embed, string service = "embedding") => new()
    {
        Who = new Spender { TenantId = _tenant, Feature = feature, Service = service }, Seats = seats, Wanted = ModelTier.Small, Extractive = true,
        Deadline = TimeProvider.System.GetUtcNow() + (patience ?? TimeSpan.FromMinutes(1)),
    };

    private Task SetAsync(BudgetSettings settings) => _database.Tenants.InTransactionAsync(_tenant,
        session => new ConfigurationStore(TimeProvider.System).SaveAndPublishAsync(session, BudgetSettings.Kind, _tenant, settings, null), Ct);

    private async Task<Row> RowAsync()
    {
        await using var everything = await _database.Everything.OpenConnectionAsync(Ct);
        return await everything.QuerySingleAsync<Row>("""
            select count(*)::int as calls, min(service) as service, min(feature) as feature, sum(input_tokens)::bigint as input, sum(cost) as cost, (count(*) filter (where not settled))::int as unknown,
                   (select held from budget_scopes where kind = 'tenant_month') as held from usage
            """);
    }

    private sealed record Row
    {
        public int Calls { get; init; }

        public string Service { get; init; } = "";

        public string Feature { get; init; } = "";

        public long Input { get; init; }

        public decimal Cost { get; init; }

        public int Unknown { get; init; }

        public decimal Held { get; init; }
    }
}
