using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Parley.Inference.Pipeline;
using Parley.Inference.Providers;

namespace Parley.Inference.Embeddings;

/// <summary>Makes vectors through the whole stack: money is held first, and another account of the same model answers where one does not.</summary>
internal sealed class EmbedCalls(ModelPipeline pipeline, ModelProviders providers, ModelTimeouts timeouts)
{
    private const int MostClients = 500;

    /// <summary>Where a model does not say how much it takes.</summary>
    private const int DefaultInputTokens = 2048;

    private readonly ConcurrentDictionary<(ModelAccount Account, string Model, ModelCapabilities Capabilities), IEmbeddingGenerator<string, Embedding<float>>> _clients = new();

    internal async Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(ModelCall call, IReadOnlyList<string> texts, EmbeddingUse use, CancellationToken ct)
    {
        if (texts.Count == 0)
        {
            return [];
        }
        Check(call, texts);
        string[] sent = [.. texts.Select(text => Fitting(text, call.Seats.Min(seat => seat.Info.Capabilities.MaxInputTokens ?? DefaultInputTokens)))];
        IReadOnlyList<ReadOnlyMemory<float>> vectors = [];
        call.Work = async (seat, token) =>
        {
            var options = use == EmbeddingUse.Query ? EmbeddingPurpose.Query : EmbeddingPurpose.Document;
            options.Dimensions = seat.Info.Capabilities.ChoosesDimensions ? seat.Info.Capabilities.Dimensions : null;
            var made = await Client(seat).GenerateAsync(sent, options, token);
            vectors = [.. made.Select(each => each.Vector)];
            return ModelUsage.From(made.Usage);
        };
        await pipeline.Chat.GetResponseAsync([.. sent.Select(text => new ChatMessage(ChatRole.User, text))], call.In(new ChatOptions { MaxOutputTokens = 0 }), ct);
        return vectors;
    }

    /// <summary>The beginning of a text that is longer than the model takes: a table or a block of code is never cut in two before.</summary>
    internal static string Fitting(string text, int tokens)
    {
        var kept = text;
        while (kept.Length > 1 && TokenEstimate.UpperBound(kept) > tokens)
        {
            var length = Math.Min(kept.Length - 1, (int)(kept.Length * Math.Max(.25, .95 * tokens / TokenEstimate.UpperBound(kept))));
            kept = kept[..(length > 1 && char.IsHighSurrogate(kept[length - 1]) ? length - 1 : Math.Max(1, length))];
        }
        return kept;
    }

    private static void Check(ModelCall call, IReadOnlyList<string> texts)
    {
        if (call.Seats.Count == 0 || call.Seats.Any(seat => !seat.SameModel(call.Seats[0])))
        {
            throw new ArgumentException("Vectors of one call are made by one model: give its accounts, and no others.", nameof(call));
        }
        // Several requests in one call could be billed in part.
        if (texts.Count > call.Seats.Min(seat => seat.Info.Capabilities.MaxInputs))
        {
            throw new ArgumentException($"{texts.Count} texts are more than the model takes at once.", nameof(texts));
        }
    }

    private IEmbeddingGenerator<string, Embedding<float>> Client(ModelSeat seat)
    {
        if (_clients.Count >= MostClients)
        {
            _clients.Clear();
        }
        return _clients.GetOrAdd((seat.Account, seat.Info.Model, seat.Info.Capabilities), _ => providers.Embeddings(seat.Account, seat.Info.Model, seat.Info.Capabilities, timeouts));
    }
}
