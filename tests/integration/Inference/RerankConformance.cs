using Parley.Inference.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>What every reranker must do, and what must happen when it does not. One subclass a provider.</summary>
public abstract class RerankConformance(ModelWorld world, Subject subject)
{
    private const string Query = "How long are Zanzibar exports kept?";

    private static readonly string[] Documents = ["Invoices come monthly.", "Zanzibar exports are kept for ninety days.", "The office in Zanzibar is closed."];

    public static TheoryData<string, ModelFault, bool> Statuses => ModelFaults.OfStatus;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected Subject Subject => subject;

    [Fact]
    public void Real_service() => subject.LiveOnly();

    [Fact]
    public async Task Scores_come_in_the_documents_order()
    {
        var response = await Reranker().RerankAsync(Query, Documents, Ct);
        response.Scores.Count.ShouldBe(3);
        response.Scores[1].ShouldBe(response.Scores.Max());
        response.Scores[0].ShouldBe(response.Scores.Min());
        CheckBill(response.Usage);
    }

    [Fact]
    public async Task One_document_has_a_score_too() => (await Reranker().RerankAsync(Query, [Documents[1]], Ct)).Scores.ShouldHaveSingleItem();

    [Fact]
    public async Task Nothing_to_rank_is_not_asked()
    {
        var account = subject.Account(world);
        (await ModelFaults.OfAsync(() => Reranker(account).RerankAsync(Query, [], Ct), account)).Fault.ShouldBe(ModelFault.Invalid);
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task Says_what_a_status_means(string fault, ModelFault meaning, bool retryable)
    {
        subject.DoubleOnly();
        var account = subject.Account(world, fault);
        (await ModelFaults.OfAsync(() => Reranker(account).RerankAsync(Query, Documents, Ct), account)).ShouldMean(fault, meaning, retryable);
    }

    [Theory]
    [InlineData("nan", ModelFault.NotANumber)]
    [InlineData("fewer", ModelFault.TooFewVectors)]
    [InlineData("empty", ModelFault.Empty)]
    [InlineData("malformed", ModelFault.Malformed)]
    [InlineData("html", ModelFault.Malformed)]
    [InlineData("cut", ModelFault.Cut)]
    public async Task Takes_only_scores_that_can_be_used(string fault, ModelFault meaning)
    {
        subject.DoubleOnly();
        var account = subject.Account(world, fault);
        var e = await ModelFaults.OfAsync(() => Reranker(account).RerankAsync(Query, Documents, Ct), account);
        (e.Fault, e.IsRetryable).ShouldBe((meaning, true), e.Message);
    }

    [Fact]
    public async Task Waits_only_so_long()
    {
        subject.DoubleOnly();
        var account = subject.Account(world, "slow");
        var limit = TimeSpan.FromMilliseconds(150);
        var e = await ModelFaults.OfAsync(() => Reranker(account, new() { FirstToken = limit, BetweenTokens = limit, Whole = limit }).RerankAsync(Query, Documents, Ct), account);
        e.Fault.ShouldBe(ModelFault.Timeout);
    }

    [Fact]
    public async Task Stops_when_the_caller_has_enough()
    {
        subject.DoubleOnly();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var call = Reranker(subject.Account(world, "slow")).RerankAsync(Query, Documents, enough.Token);
        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => call);
    }

    /// <summary>How this provider bills.</summary>
    protected virtual void CheckBill(ModelUsage usage) => usage.InputTokens.ShouldBeGreaterThan(10);

    private IReranker Reranker(ModelAccount? account = null, ModelTimeouts? timeouts = null) =>
        world.Providers.Reranker(account ?? subject.Account(world), subject.AskedModel, subject.Capabilities, timeouts ?? ModelWorld.Patient);
}

public sealed class VoyageRerankTests(ModelWorld world)
    : RerankConformance(world, new Subject(ModelProviderKinds.Voyage, "/voyage/v1", "rerank-double", "rerank-2.5-lite")), IClassFixture<ModelWorld>;

public sealed class CohereRerankTests(ModelWorld world)
    : RerankConformance(world, new Subject(ModelProviderKinds.Cohere, "/cohere", "rerank-double", "rerank-v4.0-fast")), IClassFixture<ModelWorld>
{
    protected override void CheckBill(ModelUsage usage) => usage.SearchUnits.ShouldBe(1);
}

public sealed class JinaRerankTests(ModelWorld world)
    : RerankConformance(world, new Subject(ModelProviderKinds.Jina, "/jina/v1", "rerank-double", "jina-reranker-v3")), IClassFixture<ModelWorld>;

public sealed class TeiRerankTests(ModelWorld world)
    : RerankConformance(world, new Subject(ModelProviderKinds.Tei, "/tei", "any", "any")), IClassFixture<ModelWorld>
{
    protected override void CheckBill(ModelUsage usage) => usage.ShouldBe(new ModelUsage());
}
