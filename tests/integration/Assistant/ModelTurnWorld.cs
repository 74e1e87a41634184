using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Parley.Host.Instance;
using Parley.Identity;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Platform;
using Parley.Platform.Configuration;
using Parley.Platform.Outbound;
using Parley.Platform.Secrets;
using Parley.Testkit;
using Parley.Testkit.Models;
using Parley.Tests.Integration.Escalations;
using Parley.Tests.Integration.Identity;
using Shouldly;

namespace Parley.Tests.Integration.Assistant;

/// <summary>A tenant with a little knowledge and models of the double: three tiers, the small one for cents, the large one for dollars.</summary>
internal sealed record ModelTurnWorld(TurnWorld World, ModelsDouble Double, string Key)
{
    internal const string Question = "Why is my cron job skipped when the previous execution is still running?";

    internal ParleyHost Host => World.Host;

    /// <summary>A node that may talk to the double.</summary>
    internal static Task<ParleyHost> HostAsync(PostgresFixture postgres, ModelsDouble models, TestDatabase? database = null, NodeRole role = NodeRole.All) =>
        ParleyHost.StartAsync(postgres, services =>
        {
            services.AddSingleton(_ => new GuardedHttp(new PlatformOptions { Objects = "", PrivateHosts = new Uri(models.Address).Authority }, TimeProvider.System));
            services.Configure<IdentityOptions>(o => (o.PasswordIterations, o.SignInsPerMinute) = (1000, 100_000));
        }, database, role);

    internal static async Task<ModelTurnWorld> MakeAsync(ParleyHost host, ModelsDouble models) =>
        new(await TurnWorld.MakeAsync(host), models, "key-" + Guid.CreateVersion7().ToString("N"));

    /// <summary>Chooses models for answers; their names may carry faults ("tiny!weak").</summary>
    internal async Task ChooseAsync(
        string? small = "tiny", string? medium = "middle", string? large = "grand", TierStrategy strategy = TierStrategy.Complexity, bool forCustomers = false, string? smallToo = null, string? rewrite = null, int attempts = 3)
    {
        var account = await AccountAsync();
        (string Feature, ModelTier Tier, string? Model, decimal Price)[] seats =
        [
            (ModelFeature.Answer, ModelTier.Small, small, .1m), (ModelFeature.Answer, ModelTier.Small, smallToo, .1m), (ModelFeature.Answer, ModelTier.Medium, medium, 1),
            (ModelFeature.Answer, ModelTier.Large, large, 10), (ModelFeature.Rewrite, ModelTier.Small, rewrite, .1m),
        ];
        var chosen = seats.Where(s => s.Model is not null).ToList();
        // A second account of the same tier, so that what rests is only one of them.
        var other = smallToo is null ? account : await AccountAsync();
        await PublishAsync(ModelSettings.Kind, new ModelSettings
        {
            Strategy = strategy, ForCustomers = forCustomers, MaxAttempts = attempts,
            Choices = [.. chosen.Select(s => new ModelChoice(s.Feature, s.Tier, s.Model == smallToo ? other : account, s.Model!))],
            Models = [.. chosen.DistinctBy(s => s.Model).Select(s => new ModelInfo
            {
                Provider = ModelProviderKinds.Anthropic, Model = s.Model!, Name = s.Model!, Kind = ModelKind.Chat, AsOf = new(2026, 1, 1), Source = new("https://example.org"),
                Prices = new ModelPrices { Input = s.Price, CachedRead = s.Price / 10, CacheWrite = s.Price * 1.25m, Output = s.Price * 5 },
                Capabilities = new() { Temperature = false, TopP = false, Penalties = false, CachedPrompt = PromptCaching.Marked },
            })],
        });
    }

    internal Task BudgetAsync(BudgetSettings settings) => PublishAsync(BudgetSettings.Kind, settings);

    internal async Task<JsonElement> AskAsync(string question = Question, object[]? history = null, bool? models = null, bool escalation = false)
    {
        using var response = await World.Support.Agent.Client.PostAsJsonAsync("/v1/assistant/ask", new { question, history, models, escalation });
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    internal int Calls => Double.Requests.Count(r => r.Headers.Values.Any(v => v.Contains(Key, StringComparison.Ordinal)));

    internal static IReadOnlyList<string> Attempts(JsonElement answer) =>
        [.. answer.GetProperty("attempts").EnumerateArray().Select(a => $"{a.GetProperty("tier").GetString()} {a.GetProperty("model").GetString()} {a.GetProperty("verdict").GetString()} {a.GetProperty("because").GetString()}")];

    internal async Task<T> ReadAsync<T>(string sql, object? args = null)
    {
        await using var everything = await Host.Database.Everything.OpenConnectionAsync();
        return await everything.QuerySingleAsync<T>(sql, args);
    }

    internal async Task<IReadOnlyList<string>> ListAsync(string sql, object? args = null)
    {
        await using var everything = await Host.Database.Everything.OpenConnectionAsync();
        return [.. await everything.QueryAsync<string>(sql, args)];
    }

    private async Task<Guid> AccountAsync()
    {
        var id = Guid.CreateVersion7();
        await World.Support.InAsync(async s =>
        {
            await Host.Services.GetRequiredService<SecretStore>().PutAsync(s, $"model-account:{id:N}", Key);
            return await s.ExecuteAsync("""
                insert into model_accounts (tenant_id, id, name, provider, base_url, key_hint, created_at, updated_at)
                values (@TenantId, @id, @name, 'anthropic', @url, 'test', now(), now())
                """, new { s.TenantId, id, name = "Double " + id, url = Double.At("/anthropic").ToString() });
        });
        return id;
    }

    private Task PublishAsync<T>(string kind, T body)
        where T : class => World.Support.InAsync(s => Host.Services.GetRequiredService<ConfigurationStore>().SaveAndPublishAsync(s, kind, s.TenantId, body, by: null));
}
