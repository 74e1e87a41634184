using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Parley.Tests.Integration.Identity;
using Parley.Tests.Integration.Knowledge;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>The test of a connection, over HTTP against the double.</summary>
public sealed class ConnectionTestTests(ModelAccountsWorld world) : ModelAccountsCase(world), IClassFixture<ModelAccountsWorld>
{
    [Theory]
    [InlineData("anthropic", "/anthropic", "answer", "claude-haiku-5-5")]
    [InlineData("openai", "/openai/v1", "judge", "gpt-6-luna")]
    [InlineData("openai", "/openai/v1", "embed", "text-embedding-3-small")]
    [InlineData("openai-compatible", "/openai/v1", "answer", "gemini-3.5-flash-lite")]
    [InlineData("voyage", "/voyage/v1", "embed", "voyage-4-lite")]
    [InlineData("voyage", "/voyage/v1", "rerank", "rerank-2.5")]
    public async Task A_test_makes_the_smallest_real_call_and_books_what_it_cost(string provider, string path, string feature, string model)
    {
        var key = NewKey();
        var account = await AddAsync("Main", provider, path, key);
        var result = await TestAsync(account.Text("id")!, feature, model, "ok");
        var billed = World.Double.BilledTo(key);
        (result.GetProperty("usage").GetProperty("inputTokens").GetInt64() + result.GetProperty("usage").GetProperty("cacheWriteTokens").GetInt64(), result.GetProperty("usage").GetProperty("outputTokens").GetInt64())
            .ShouldBe((billed.Input + billed.CacheWrite, billed.Output));
        var prices = (await Client.GetJsonAsync("/v1/models/catalogue")).GetProperty("models").EnumerateArray().Single(entry => entry.GetProperty("model").Text("model") == model).GetProperty("model").GetProperty("prices");
        var cost = ((billed.Input * prices.GetProperty("input").GetDecimal()) + (billed.Output == 0 ? 0 : billed.Output * prices.GetProperty("output").GetDecimal())) / 1_000_000;
        (result.GetProperty("cost").GetDecimal(), result.GetProperty("costKnown").GetBoolean()).ShouldBe((cost, true));
        if (feature == "embed")
        {
            result.Int("dimensions").ShouldBe(provider == "voyage" ? 1024 : 1536);
        }
        await using var everything = await World.Host.Database.Everything.OpenConnectionAsync(Ct);
        (await everything.QuerySingleAsync<string>("select feature || ' ' || model || ' ' || (cost = @cost) || ' ' || settled from usage where tenant_id = @id", new { cost, id = Tenant.Id })).ShouldBe($"test {model} true true");
    }

    [Theory]
    [InlineData("cohere", "/cohere", "rerank-v4.0-fast")]
    [InlineData("jina", "/jina/v1", "jina-reranker-v3.5")]
    [InlineData("tei", "/tei", "own-reranker")]
    public async Task What_has_no_price_is_tested_and_said_not_to_have_one_but_not_under_a_hard_limit(string provider, string path, string model)
    {
        var account = (await AddAsync("Main", provider, path, NewKey())).Text("id")!;
        var result = await TestAsync(account, "rerank", model, "ok");
        (result.GetProperty("costKnown").GetBoolean(), result.GetProperty("cost").GetDecimal()).ShouldBe((false, 0));
        result.Text("message")!.ShouldContain("No price is known");
        await World.Host.Database.Tenants.InTransactionAsync(Tenant.Id, session => World.Host.Services.GetRequiredService<Parley.Platform.Configuration.ConfigurationStore>()
            .SaveAndPublishAsync(session, "budget", Tenant.Id, new { hardCap = true }, null), Ct);
        (await TestAsync(account, "rerank", model, "budget")).Text("message")!.ShouldContain("Enter its price");
    }

    public static TheoryData<string, string, string> Faults => new()
    {
        { "401", "unauthorized", "Enter a valid key" },
        { "403", "unauthorized", "may not do this" },
        { "404", "model_not_found", "Check the model's name" },
        { "no-credit", "unauthorized", "no credit" },
        { "429", "rate_limited", "rate limit" },
        { "500", "server_error", "status page" },
        { "529", "overloaded", "Try again in a minute" },
        { "413", "too_large", "too long" },
        { "html", "malformed", "base URL" },
        { "cut", "cut", "proxy" },
        { "empty", "empty", "another model" },
        { "refused", "refused", "choose another model" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_is_wrong_is_said_with_its_mend(string fault, string result, string says)
    {
        foreach (var (provider, path, model) in new[] { ("anthropic", "/anthropic", "claude-haiku-5-5"), ("openai", "/openai/v1", "gpt-6-luna") })
        {
            var key = NewKey();
            var account = await AddAsync(provider, provider, $"/~{fault}{path}", key);
            var answer = await TestAsync(account.Text("id")!, "answer", model, result);
            answer.Text("message")!.ShouldContain(says, Case.Insensitive, provider);
            answer.ToString().ShouldNotContain(key);
            (await Client.GetJsonAsync($"{Accounts}/{account.Text("id")}")).Text("testResult").ShouldBe(result);
        }
    }

    [Theory]
    [InlineData("wrong-dimension", "wrong_dimension", "dimensions")]
    [InlineData("nan", "not_a_number", "protocol")]
    [InlineData("fewer", "empty", "no vectors")]
    public async Task Vectors_are_looked_at(string fault, string result, string says) =>
        (await TestAsync((await AddAsync("V", "voyage", $"/~{fault}/voyage/v1", NewKey())).Text("id")!, "embed", "voyage-4-lite", result)).Text("message")!.ShouldContain(says);

    [Fact]
    public async Task An_account_is_tested_before_it_is_saved()
    {
        async Task<JsonElement> ResultAsync(object request)
        {
            using var response = await Client.PostAsJsonAsync("/v1/models/test", request, Ct);
            ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync(Ct));
            return await response.JsonAsync();
        }
        var url = World.Double.At("/openai/v1").ToString();
        (await ResultAsync(new { provider = "openai", baseUrl = url, apiKey = NewKey(), feature = "answer", model = "gpt-6-luna" })).Text("result").ShouldBe("ok");
        (await ResultAsync(new { provider = "openai-compatible", baseUrl = "http://127.0.0.1:1/v1", feature = "answer", model = "llama" })).Text("message")!.ShouldContain("nothing listens there");
        (await ResultAsync(new { provider = "openai-compatible", baseUrl = "https://no-such-host.invalid/v1", feature = "answer", model = "llama" })).Text("message")!.ShouldContain("can look up names");
        (await ResultAsync(new { provider = "openai", baseUrl = url, apiKey = NewKey(), feature = "answer", model = "text-embedding-3-small" })).Text("message")!.ShouldContain("Nothing was asked");
        using (var refused = await Client.PostAsJsonAsync("/v1/models/test", new { provider = "openai-compatible", baseUrl = "http://10.0.0.1/v1", feature = "answer", model = "llama" }, Ct))
            await refused.ShouldFailAsync(400, "invalid", "baseUrl");
        using (var nothing = await Client.PostAsJsonAsync("/v1/models/test", new { }, Ct))
            await nothing.ShouldFailAsync(400, "invalid", "provider");
        (await Client.GetJsonAsync(Accounts)).GetProperty("items").GetArrayLength().ShouldBe(0);
    }
}
