using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

public sealed class OpenAiEmbeddingTests(ModelWorld world)
    : EmbeddingConformance(world, new Subject(ModelProviderKinds.OpenAi, "/openai/v1", "text-double", "text-embedding-3-small") { Capabilities = new() { Dimensions = 1536, ChoosesDimensions = true } }),
        IClassFixture<ModelWorld>;

/// <summary>A server that knows neither base64 nor lengths, as small ones do.</summary>
public sealed class OpenAiCompatibleEmbeddingTests(ModelWorld world)
    : EmbeddingConformance(world, new Subject(ModelProviderKinds.OpenAiCompatible, "/openai/v1", "base64-double", "") { Capabilities = new() { Dimensions = 256 } }), IClassFixture<ModelWorld>
{
    [Fact]
    public async Task Numbers_are_understood_where_base64_was_asked()
    {
        Subject.DoubleOnly();
        var numbers = await Embeddings(model: "floats-double").GenerateAsync(["the same words"], null, Ct);
        var base64 = await Embeddings().GenerateAsync(["the same words"], null, Ct);
        numbers[0].Vector.ToArray().ShouldBe(base64[0].Vector.ToArray());
    }
}

public sealed class VoyageEmbeddingTests(ModelWorld world)
    : EmbeddingConformance(world, new Subject(ModelProviderKinds.Voyage, "/voyage/v1", "voyage-double", "voyage-4-lite") { Capabilities = new() { Dimensions = 1024, ChoosesDimensions = true } }),
        IClassFixture<ModelWorld>
{
    [Fact]
    public async Task It_is_told_what_is_a_question()
    {
        Subject.DoubleOnly();
        var account = Subject.Account(World);
        await Embeddings(account).GenerateAsync(["what is this?"], EmbeddingPurpose.Query, Ct);
        World.Double.Requests.Single(request => request.Headers["Authorization"].EndsWith(account.Key, StringComparison.Ordinal)).Body.GetProperty("input_type").GetString().ShouldBe("query");
    }
}

public sealed class VoyageMultimodalTests(ModelWorld world)
    : EmbeddingConformance(world, new Subject(ModelProviderKinds.Voyage, "/voyage/v1", "voyage-multimodal-double", "voyage-multimodal-3.5") { Capabilities = new() { Dimensions = 1024, ChoosesDimensions = true } }),
        IClassFixture<ModelWorld>
{
    [Fact]
    public async Task Images_have_vectors_beside_words()
    {
        Subject.DoubleOnly();
        var images = World.Providers.MixedEmbeddings(Subject.Account(World), Subject.AskedModel, Subject.Capabilities, ModelWorld.Patient);
        IReadOnlyList<AIContent> one = [new TextContent("a red square"), new DataContent(new byte[] { 1, 2, 3 }, "image/png")];
        IReadOnlyList<AIContent> other = [new TextContent("a red square"), new DataContent(new byte[] { 4, 5, 6 }, "image/png")];
        var vectors = await images.GenerateAsync([one, other, one], EmbeddingPurpose.Document, Ct);
        Cosine(vectors[0], vectors[2]).ShouldBeGreaterThan(.999);
        Cosine(vectors[0], vectors[1]).ShouldBeLessThan(.999);
    }
}
