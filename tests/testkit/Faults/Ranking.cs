using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;

namespace Parley.Testkit.Faults;

/// <summary>
/// What a question finds in a source, by names that two imports share: titles and texts with their scores, best first. Those with equal
/// scores are ordered by their names, and of the last, of whose equals some may have been cut off, only the score counts.
/// </summary>
public sealed record Ranking(string Question, IReadOnlyList<string> Documents, IReadOnlyList<string> Passages, string Answer)
{
    public static async Task<IReadOnlyList<Ranking>> AskAsync(FaultInstance instance, Guid sourceId, IReadOnlyList<string> questions)
    {
        var rankings = new List<Ranking>();
        foreach (var question in questions)
        {
            using var response = await Patience.SendAsync(() => instance.SendAsync(HttpMethod.Post, "/v1/assistant/ask", new { question, escalation = false, filters = new { sourceIds = new[] { sourceId } } }));
            ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
            var found = answer.GetProperty("retrieval");
            rankings.Add(new Ranking(question, Ordered(found.GetProperty("documents"), "title"), Ordered(found.GetProperty("chunks"), "text"), answer.GetProperty("outcome").GetString()!));
        }
        return rankings;
    }

    public override string ToString() => $"{Question}: {Answer}\n{string.Join('\n', Documents)}\n{string.Join('\n', Passages)}";

    private static List<string> Ordered(JsonElement found, string name)
    {
        var all = found.EnumerateArray().Select(f => (Name: f.GetProperty(name).GetString()!, Score: Math.Round(f.GetProperty("score").GetDouble(), 5))).ToList();
        return [.. all.OrderByDescending(f => f.Score).ThenBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => f.Score.ToString(CultureInfo.InvariantCulture) + " " + (f.Score == all[^1].Score ? "" : f.Name))];
    }
}
