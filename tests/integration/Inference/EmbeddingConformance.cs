using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Parley.Inference.Providers;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>What every provider of embeddings must do, and what must happen when it does not. One subclass a provider.</summary>
public abstract class EmbeddingConformance(ModelWorld world, Subject subject)
{
    private static readonly string[] Texts = ["Exports from Zanzibar are kept for ninety days.", "How long are exports from Zanzibar kept?", "Invoices come monthly by mail."];

    public static TheoryData<string, ModelFault, bool> Statuses => ModelFaults.OfStatus;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected ModelWorld World => world;

    protected Subject Subject => subject;

    [Fact]
    public void Real_service() => subject.LiveOnly();

    [Fact]
    public async Task Texts_that_mean_the_same_are_near_each_other_whatever_order_they_come_in()
    {
        var vectors = await Embeddings().GenerateAsync(Texts, null, Ct);
        vectors.Count.ShouldBe(3);
        vectors.ShouldAllBe(vector => vector.Vector.Length == subject.Capabilities.Dimensions);
        Cosine(vectors[0], vectors[1]).ShouldBeGreaterThan(Cosine(vectors[0], vectors[2]));
        ModelUsage.From(vectors.Usage).ShouldNotBeNull().InputTokens.ShouldBeGreaterThan(10);
        var again = await Embeddings().GenerateAsync([Texts[1]], null, Ct);
        Cosine(again[0], vectors[1]).ShouldBeGreaterThan(.99);
    }

    [Fact]
    public async Task Shorter_vectors_can_be_asked_where_the_model_makes_them()
    {
        var vectors = await Embeddings(capabilities: subject.Capabilities with { ChoosesDimensions = true }).GenerateAsync(Texts, new EmbeddingGenerationOptions { Dimensions = 512 }, Ct);
        vectors.ShouldAllBe(vector => vector.Vector.Length == 512);
    }

    [Fact]
    public async Task Another_length_is_not_asked_of_a_model_that_has_one()
    {
        var account = subject.Account(world);
        var e = await ModelFaults.OfAsync(
            () => Embeddings(account, subject.Capabilities with { ChoosesDimensions = false }).GenerateAsync(Texts, new EmbeddingGenerationOptions { Dimensions = 77 }, Ct), account);
        e.Fault.ShouldBe(ModelFault.Invalid);
    }

    [Fact]
    public async Task Many_texts_are_sent_in_several_calls_and_billed_as_one()
    {
        subject.DoubleOnly();
        var account = subject.Account(world);
        var texts = Enumerable.Range(0, 7).Select(i => $"text number {i}").ToList();
        var vectors = await Embeddings(account, subject.Capabilities with { MaxInputs = 3 }).GenerateAsync(texts, null, Ct);
        vectors.Count.ShouldBe(7);
        world.Double.Requests.Count(request => request.Headers["Authorization"].EndsWith(account.Key, StringComparison.Ordinal)).ShouldBe(3);
        ModelUsage.From(vectors.Usage)!.InputTokens.ShouldBe(texts.Sum(text => (text.Length + 3) / 4));
        Cosine(vectors[5], (await Embeddings(account).GenerateAsync([texts[5]], null, Ct))[0]).ShouldBeGreaterThan(.999);
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task Says_what_a_status_means(string fault, ModelFault meaning, bool retryable)
    {
        subject.DoubleOnly();
        var account = subject.Account(world, fault);
        (await ModelFaults.OfAsync(() => Embeddings(account).GenerateAsync(Texts, null, Ct), account)).ShouldMean(fault, meaning, retryable);
    }

    [Theory]
    [InlineData("wrong-dimension", ModelFault.WrongDimension, false)]
    [InlineData("nan", ModelFault.NotANumber, true)]
    [InlineData("fewer", ModelFault.TooFewVectors, true)]
    [InlineData("empty", ModelFault.Empty, true)]
    [InlineData("malformed", ModelFault.Malformed, true)]
    [InlineData("html", ModelFault.Malformed, true)]
    [InlineData("cut", ModelFault.Cut, true)]
    public async Task Takes_only_vectors_that_can_be_used(string fault, ModelFault meaning, bool retryable)
    {
        subject.DoubleOnly();
        var account = subject.Account(world, fault);
        var e = await ModelFaults.OfAsync(() => Embeddings(account).GenerateAsync(Texts, null, Ct), account);
        (e.Fault, e.IsRetryable, e.MayBeBilled).ShouldBe((meaning, retryable, true), e.Message);
    }

    [Fact]
    public async Task Waits_only_so_long()
    {
        subject.DoubleOnly();
        var account = subject.Account(world, "slow");
        var limit = TimeSpan.FromMilliseconds(150);
        var e = await ModelFaults.OfAsync(() => Embeddings(account, timeouts: new() { FirstToken = limit, BetweenTokens = limit, Whole = limit }).GenerateAsync(Texts, null, Ct), account);
        e.Fault.ShouldBe(ModelFault.Timeout);
    }

    [Fact]
    public async Task Stops_when_the_caller_has_enough()
    {
        subject.DoubleOnly();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var call = Embeddings(subject.Account(world, "slow")).GenerateAsync(Texts, null, enough.Token);
        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => call);
    }

    internal IEmbeddingGenerator<string, Embedding<float>> Embeddings(ModelAccount? account = null, ModelCapabilities? capabilities = null, ModelTimeouts? timeouts = null, string? model = null) =>
        world.Providers.Embeddings(account ?? subject.Account(world), model ?? subject.AskedModel, capabilities ?? subject.Capabilities, timeouts ?? ModelWorld.Patient);

    protected static double Cosine(Embedding<float> a, Embedding<float> b)
    {
        double dot = 0, x = 0, y = 0;
        for (var i = 0; i < a.Vector.Length; i++)
        {
            var (p, q) = (a.Vector.Span[i], b.Vector.Span[i]);
            (dot, x, y) = (dot + (p * q), x + (p * p), y + (q * q));
        }
        return dot / Math.Sqrt(x * y);
    }
}
