using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Parley.Inference.Pipeline;
using Parley.Inference.Providers;

namespace Parley.Inference.Reranking;

/// <summary>Scores documents through the whole stack.</summary>
internal sealed class RerankCalls(ModelPipeline pipeline, ModelProviders providers, ModelTimeouts timeouts)
{
    private const int MostClients = 500;

    /// <summary>Cohere counts a search for each hundred documents, and a document for each 500 tokens; halved, for other vocabularies.</summary>
    private const int DocumentsPerSearch = 100;

    private const int TokensPerDocument = 250;

    private readonly ConcurrentDictionary<(ModelAccount Account, string Model, ModelCapabilities Capabilities), IReranker> _clients = new();

    internal async Task<IReadOnlyList<double>> RerankAsync(ModelCall call, string query, IReadOnlyList<string> documents, CancellationToken ct)
    {
        if (documents.Count == 0)
        {
            return [];
        }
        if (call.Seats.Count == 0)
        {
            throw new ArgumentException("No reranker was given.", nameof(call));
        }
        IReadOnlyList<double> scores = [];
        call.Searches = Searches(query, documents);
        call.Work = async (seat, token) =>
        {
            var answer = await Client(seat).RerankAsync(query, documents, token);
            scores = answer.Scores;
            return answer.Usage;
        };
        // The query is counted with every document.
        await pipeline.Chat.GetResponseAsync(
            [.. documents.Select(document => new ChatMessage(ChatRole.User, [new TextContent(query), new TextContent(document)]))], call.In(new ChatOptions { MaxOutputTokens = 0 }), ct);
        return scores;
    }

    private static long Searches(string query, IReadOnlyList<string> documents)
    {
        var asked = TokenEstimate.UpperBound(query);
        var counted = documents.Sum(document => 1 + ((asked + TokenEstimate.UpperBound(document)) / TokensPerDocument));
        return 1 + (counted / DocumentsPerSearch);
    }

    private IReranker Client(ModelSeat seat)
    {
        if (_clients.Count >= MostClients)
        {
            _clients.Clear();
        }
        return _clients.GetOrAdd((seat.Account, seat.Info.Model, seat.Info.Capabilities), _ => providers.Reranker(seat.Account, seat.Info.Model, seat.Info.Capabilities, timeouts));
    }
}
