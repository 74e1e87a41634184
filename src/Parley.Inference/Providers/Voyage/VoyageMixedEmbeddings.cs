using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;

namespace Parley.Inference.Providers.Voyage;

/// <summary>Vectors of texts and images in one space.</summary>
/// <remarks>POST multimodalembeddings {model, inputs: [{content: [{type, text | image_url | image_base64}]}], input_type, output_dimension, encoding_format}: https://docs.voyageai.com/reference/multimodal-embeddings-api</remarks>
internal sealed class VoyageMixedEmbeddings(ModelEndpoint at) : IEmbeddingGenerator<IReadOnlyList<AIContent>, Embedding<float>>
{
    private sealed record Part(string Type, string? Text = null, string? ImageUrl = null, [property: JsonPropertyName("image_base64")] string? ImageBase64 = null);

    private sealed record Input(IReadOnlyList<Part> Content);

    private sealed record Request(string Model, IReadOnlyList<Input> Inputs, string? InputType, int? OutputDimension, string EncodingFormat = "base64");

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<IReadOnlyList<AIContent>> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        List<Input> inputs = [.. values.Select(value => new Input([.. value.Select(Write)]))];
        return (await JsonCall.PostAsync<VoyageVectors>(at, "multimodalembeddings", new Request(at.Model, inputs, EmbeddingPurpose.Of(options), options?.Dimensions), cancellationToken)).Read();
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata(at.Account.Provider, at.BaseUrl, at.Model, at.Capabilities.Dimensions) : null;

    public void Dispose()
    {
    }

    private Part Write(AIContent content) => content switch
    {
        TextContent text => new Part("text", Text: text.Text),
        DataContent data when data.HasTopLevelMediaType("image") => new Part("image_base64", ImageBase64: data.Uri),
        UriContent uri when uri.HasTopLevelMediaType("image") => new Part("image_url", ImageUrl: uri.Uri.AbsoluteUri),
        _ => throw at.Fault(ModelFault.Invalid, "Only texts and images have vectors here."),
    };
}

/// <summary>Questions in words for an index of images.</summary>
internal sealed class VoyageTextsAsMixed(VoyageMixedEmbeddings mixed) : IEmbeddingGenerator<string, Embedding<float>>
{
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        mixed.GenerateAsync(values.Select(text => (IReadOnlyList<AIContent>)[new TextContent(text)]), options, cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => mixed.GetService(serviceType, serviceKey);

    public void Dispose() => mixed.Dispose();
}
