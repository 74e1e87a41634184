using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;

namespace Parley.Inference.Providers;

/// <summary>Around every provider's bare embedding client: as many calls as the inputs need, and exactly one finite vector of the right length for each.</summary>
internal sealed class CheckedEmbeddings<TInput>(IEmbeddingGenerator<TInput, Embedding<float>> inner, ModelEndpoint at) : IEmbeddingGenerator<TInput, Embedding<float>>
{
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<TInput> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var can = at.Capabilities;
        if (options?.Dimensions is { } wanted && !can.ChoosesDimensions && wanted != can.Dimensions)
        {
            throw at.Fault(ModelFault.Invalid, $"The model makes vectors of {can.Dimensions?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "one"} length only; {wanted} numbers cannot be asked.");
        }
        var expected = options?.Dimensions ?? can.Dimensions;
        var gated = options?.Clone() ?? new EmbeddingGenerationOptions();
        gated.ModelId = at.Model;
        gated.Dimensions = can.ChoosesDimensions ? expected : null;
        GeneratedEmbeddings<Embedding<float>> all = [];
        foreach (var batch in values.Chunk(can.MaxInputs))
        {
            var part = await CallAsync(batch, gated, cancellationToken);
            Check(part, batch.Length, expected);
            all.AddRange(part);
            if (part.Usage is not null)
            {
                (all.Usage ??= new UsageDetails()).Add(part.Usage);
            }
        }
        return all;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : inner.GetService(serviceType, serviceKey);

    public void Dispose() => inner.Dispose();

    private async Task<GeneratedEmbeddings<Embedding<float>>> CallAsync(TInput[] batch, EmbeddingGenerationOptions options, CancellationToken ct)
    {
        using var watch = CallWatch.Whole(at, ct);
        try
        {
            return await inner.GenerateAsync(batch, options, watch.Token);
        }
        catch (Exception e) when (!CallWatch.IsOurs(e))
        {
            throw watch.Translate(e, output: false);
        }
    }

    private void Check(GeneratedEmbeddings<Embedding<float>> vectors, int inputs, int? expected)
    {
        if (vectors.Count == 0 && inputs > 0)
        {
            throw at.Fault(ModelFault.Empty, "The answer holds no vectors.");
        }
        if (vectors.Count != inputs)
        {
            throw at.Fault(ModelFault.TooFewVectors, $"{inputs} vectors were asked, {vectors.Count} came.");
        }
        var length = expected ?? vectors[0].Vector.Length;
        foreach (var vector in vectors)
        {
            if (vector.Vector.Length != length || length == 0)
            {
                throw at.Fault(ModelFault.WrongDimension, $"A vector has {vector.Vector.Length} numbers instead of {length}. Set the model's dimensions right, or choose the model that the index was made with.");
            }
            if (!AllFinite(vector.Vector.Span))
            {
                throw at.Fault(ModelFault.NotANumber, "A vector holds something that is no finite number.");
            }
        }
    }

    private static bool AllFinite(ReadOnlySpan<float> numbers)
    {
        foreach (var number in numbers)
        {
            if (!float.IsFinite(number))
            {
                return false;
            }
        }
        return true;
    }
}
