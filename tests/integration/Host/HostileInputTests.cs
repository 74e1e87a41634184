using System.Text.Json.Nodes;
using Parley.Host.Isolation;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Host;

/// <summary>What no text may hold. A new endpoint is in it without anybody remembering.</summary>
public sealed class HostileInputTests(PostgresFixture postgres, ITestOutputHelper output)
{
    /// <summary>Only looked up, never stored: an unknown one begins a new session.</summary>
    private static readonly HashSet<(string Endpoint, string Text)> LookedUp = [("StartWidgetSession", "token")];

    [Fact]
    public async Task Every_text_of_every_body_refuses_the_character_that_cannot_be_stored()
    {
        await using var host = await EveryEndpoint.StartAsync(postgres);
        using var every = new EveryEndpoint(host);
        var failures = new List<string>();
        var tried = 0;
        foreach (var (endpoint, call, who) in await every.RequestsAsync(endpoint => endpoint.Body is not null))
        {
            // A recipe may send more than the endpoint reads.
            foreach (var path in TextsOf(call.Body!, []).Where(path => endpoint.Body!.AsObject().ContainsKey(path[0]) && !LookedUp.Contains((endpoint.Name, string.Join('.', path)))))
            {
                tried++;
                var body = call.Body!.DeepClone();
                Spoil(body, path);
                var reply = await every.Client.SendAsync(who, call with { Body = body, Headers = ProofClient.OneTimeKey() }, default);
                if (reply.Status is not (>= 400 and < 500))
                {
                    failures.Add($"{endpoint}, {string.Join('.', path)}: {reply.Short}");
                }
            }
        }
        output.WriteLine($"{tried} texts");
        failures.ShouldBeEmpty();
        tried.ShouldBeGreaterThan(50);
    }

    private static IEnumerable<string[]> TextsOf(JsonNode node, string[] path) => node switch
    {
        JsonObject members => members.Where(m => m.Value is not null).SelectMany(m => TextsOf(m.Value!, [.. path, m.Key])),
        JsonArray items => items.Where(i => i is not null).SelectMany((item, i) => TextsOf(item!, [.. path, i.ToString(System.Globalization.CultureInfo.InvariantCulture)])),
        JsonValue value when value.TryGetValue<string>(out _) => [path],
        _ => [],
    };

    private static void Spoil(JsonNode body, string[] path)
    {
        var node = body;
        foreach (var step in path[..^1]) node = node is JsonArray items ? items[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]! : node[step]!;
        var (last, was) = (path[^1], (node is JsonArray list ? list[int.Parse(path[^1], System.Globalization.CultureInfo.InvariantCulture)] : node[path[^1]])!.GetValue<string>());
        if (node is JsonArray array) array[int.Parse(last, System.Globalization.CultureInfo.InvariantCulture)] = was + "\0";
        else node[last] = was + "\0";
    }
}
