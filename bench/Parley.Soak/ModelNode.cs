using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Inference.Pipeline;
using Parley.Inference.Providers;
using Parley.Platform;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Outbound;
using Parley.Platform.RateLimits;
using Parley.Platform.Secrets;

namespace Parley.Soak;

/// <summary>What one node has: its budgets and the whole stack of chat models, over providers at an address.</summary>
internal sealed class ModelNode : IAsyncDisposable
{
    /// <summary>Short, so that many calls run into them.</summary>
    internal static readonly ModelTimeouts Timeouts = new() { FirstToken = TimeSpan.FromMilliseconds(500), BetweenTokens = TimeSpan.FromSeconds(2), Whole = TimeSpan.FromSeconds(10) };

    private static readonly ModelPrices Large = new() { Input = 3, CachedRead = .3m, CacheWrite = 3.75m, Output = 15 };
    private static readonly ModelPrices Small = new() { Input = .1m, CachedRead = .01m, CacheWrite = .125m, Output = .5m };

    private readonly Uri _providers;
    private readonly GuardedHttp _http;
    private readonly LateDecisions _late;

    internal ModelNode(string name, TenantDb tenants, SystemDb system, MasterKey key, Uri providers, TimeProvider time, ModelTimeouts? timeouts = null)
    {
        (_providers, Time) = (providers, time);
        _http = new GuardedHttp(new PlatformOptions { Objects = "", PrivateHosts = providers.Authority }, time);
        Budgets = new Budgets(tenants, new ConfigurationStore(time), new NodeIdentity(name, "1"), time, NullLogger<Budgets>.Instance);
        _late = new LateDecisions(Budgets, NullLogger<LateDecisions>.Instance);
        Chat = new ModelPipeline(new ModelProviders(_http, time), Budgets, _late, new RateLimiter(system, key, time), new Circuits(time), timeouts ?? Timeouts, time, NullLogger<BudgetChat>.Instance).Chat;
    }

    internal TimeProvider Time { get; }

    internal Budgets Budgets { get; }

    internal IChatClient Chat { get; }

    /// <summary>An account of its own for every call: what befell another call must not spare it.</summary>
    internal ModelSeat Seat(string provider, string? fault = null, ModelTier tier = ModelTier.Large, string key = "soak") => new(tier,
        new ModelAccount
        {
            Id = Guid.CreateVersion7(), Provider = provider, Key = key,
            BaseUrl = new Uri(_providers, $"{(fault is null ? "" : $"/~{fault}")}{(provider == ModelProviderKinds.Anthropic ? "/anthropic" : "/openai/v1")}"),
        },
        new ModelInfo
        {
            Provider = provider, Model = "gpt-double", Name = "Double", Kind = ModelKind.Chat, AsOf = new(2026, 1, 1), Source = new("https://example.org"), Prices = tier == ModelTier.Large ? Large : Small,
            Capabilities = new() { Temperature = false, TopP = false, Penalties = false, CachedPrompt = provider == ModelProviderKinds.Anthropic ? PromptCaching.Marked : PromptCaching.Automatic },
        });

    internal ModelCall Call(Spender who, params ModelSeat[] seats) =>
        new() { Who = who, Seats = seats, Wanted = ModelTier.Large, Extractive = true, Deadline = Time.GetUtcNow() + TimeSpan.FromSeconds(3) };

    public async ValueTask DisposeAsync()
    {
        await _late.StopAsync(CancellationToken.None);
        _late.Dispose();
        _http.Dispose();
    }
}
