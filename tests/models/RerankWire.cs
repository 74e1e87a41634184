using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Testkit.Models;

/// <summary>Reranking as Voyage, Cohere, Jina and text-embeddings-inference have it. Best first, as they answer.</summary>
/// <remarks>
/// https://docs.voyageai.com/reference/reranker-api · https://docs.cohere.com/reference/rerank · https://api.jina.ai/redoc ·
/// https://huggingface.github.io/text-embeddings-inference/
/// </remarks>
internal static class RerankWire
{
    private const int DocumentsInASearch = 100;

    internal static Task VoyageAsync(Call call)
    {
        var (ranked, tokens, _) = Rank(call, "documents", "relevance_score");
        call.World.Bill(call.Key, new Billed { Input = tokens });
        return call.JsonAsync(new JsonObject { ["object"] = "list", ["data"] = ranked, ["model"] = call.Model, ["usage"] = new JsonObject { ["total_tokens"] = tokens } });
    }

    internal static Task CohereAsync(Call call)
    {
        var (ranked, _, documents) = Rank(call, "documents", "relevance_score");
        var searches = (documents + DocumentsInASearch - 1) / DocumentsInASearch;
        call.World.Bill(call.Key, new Billed { Searches = searches });
        return call.JsonAsync(new JsonObject
        {
            ["id"] = "double", ["results"] = ranked,
            ["meta"] = new JsonObject { ["api_version"] = new JsonObject { ["version"] = "2" }, ["billed_units"] = new JsonObject { ["search_units"] = searches } },
        });
    }

    internal static Task JinaAsync(Call call)
    {
        var (ranked, tokens, _) = Rank(call, "documents", "relevance_score");
        call.World.Bill(call.Key, new Billed { Input = tokens });
        return call.JsonAsync(new JsonObject { ["model"] = call.Model, ["results"] = ranked, ["usage"] = new JsonObject { ["total_tokens"] = tokens } });
    }

    internal static Task TeiAsync(Call call) => call.JsonAsync(Rank(call, "texts", "score").Ranked);

    private static (JsonArray Ranked, int Tokens, int Documents) Rank(Call call, string documentsName, string scoreName)
    {
        var query = call.Body.GetProperty("query").GetString()!;
        var documents = call.Body.GetProperty(documentsName).EnumerateArray().Select(document => document.GetString()!).ToList();
        var ranked = documents.Select((document, i) => (Index: i, Score: Words.Overlap(query, document))).OrderByDescending(each => each.Score).ThenBy(each => each.Index).ToList();
        if (call.Fault is { Name: "fewer" })
        {
            ranked.RemoveAt(ranked.Count - 1);
        }
        if (call.Fault is { Name: "empty" })
        {
            ranked.Clear();
        }
        // JSON has no NaN; a number beyond all bounds is what can be written.
        var scores = ranked.Select((each, i) => (JsonNode)new JsonObject { ["index"] = each.Index, [scoreName] = JsonNode.Parse(call.Fault is { Name: "nan" } && i == 0 ? "1e999" : JsonSerializer.Serialize(each.Score)) });
        var tokens = (Words.Tokens(query) * documents.Count) + documents.Sum(Words.Tokens);
        return (new JsonArray([.. scores]), tokens, documents.Count);
    }
}
