using Dapper;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Inference.Pipeline;
using Parley.Platform;
using Parley.Platform.Configuration;
using Parley.Platform.RateLimits;
using Parley.Testkit;
using Parley.Testkit.Models;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>The whole stack of chat models over the double and a real database.</summary>
public abstract class PipelineCase(PostgresFixture postgres, ModelWorld world) : IClassFixture<ModelWorld>, IAsyncLifetime
{
    private protected static ModelPrices Large { get; } = new() { Input = 3, CachedRead = .3m, CacheWrite = 3.75m, Output = 15 };
    private protected static ModelPrices Small { get; } = new() { Input = .1m, CachedRead = .01m, CacheWrite = .125m, Output = .5m };

    private readonly List<LateDecisions> _late = [];
    private protected TestDatabase Database { get; private set; } = null!;
    private protected Guid Tenant { get; private set; }

    private protected ModelWorld World => world;

    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Database = await postgres.CreateDatabaseAsync(Ct);
        Tenant = await Database.CreateTenantAsync(ct: Ct);
    }

    public async ValueTask DisposeAsync()
    {
        _late.ForEach(each => each.Dispose());
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected static ChatMessage[] Hello => [new(ChatRole.System, "Be brief."), new(ChatRole.User, "hello there")];

    private protected IChatClient Pipeline(TimeSpan? firstToken = null)
    {
        var (time, timeouts) = (TimeProvider.System, ModelWorld.Patient with { FirstToken = firstToken ?? ModelWorld.Patient.FirstToken });
        var budgets = new Budgets(Database.Tenants, new ConfigurationStore(time), new NodeIdentity("test", "1"), time, NullLogger<Budgets>.Instance);
        // Minutes do not turn while a test runs.
        return new ModelPipeline(World.Providers, budgets, Late(budgets), new RateLimiter(Database.System, Database.Key, new ManualTime()), new Circuits(time), timeouts, time, NullLogger<BudgetChat>.Instance).Chat;
    }

    private protected LateDecisions Late(Budgets budgets)
    {
        _late.Add(new LateDecisions(budgets, NullLogger<LateDecisions>.Instance));
        _late[^1].StartAsync(Ct).GetAwaiter().GetResult();
        return _late[^1];
    }

    private protected ModelSeat Seat(string provider, ModelTier tier = ModelTier.Large, string? fault = null) => new(tier,
        new ModelAccount
        {
            Id = Guid.CreateVersion7(), Provider = provider, BaseUrl = World.Double.At(provider == ModelProviderKinds.Anthropic ? "/anthropic" : "/openai/v1", fault), Key = "key-" + Guid.CreateVersion7().ToString("N"),
        },
        new ModelInfo
        {
            Provider = provider, Model = "gpt-double", Name = "Double", Kind = ModelKind.Chat, AsOf = new(2026, 1, 1), Source = new("https://example.org"), Prices = tier == ModelTier.Large ? Large : Small,
            Capabilities = new() { Temperature = false, TopP = false, Penalties = false, CachedPrompt = provider == ModelProviderKinds.Anthropic ? PromptCaching.Marked : PromptCaching.Automatic },
        });

    private protected async Task<IReadOnlyList<StoredDecision>> StoredAsync(Guid turnId, int atLeast)
    {
        for (var patience = 200; ; patience--)
        {
            var rows = await Database.Tenants.InTransactionAsync(Tenant, session => ModelDecisions.OfTurnAsync(session, turnId), Ct);
            if (rows.Count >= atLeast || patience == 0)
            {
                return rows;
            }
            await Task.Delay(50, Ct);
        }
    }

    private protected ModelCall Call(IReadOnlyList<ModelSeat> seats, TimeSpan? patience = null, Spender? who = null, ModelTier wanted = ModelTier.Large) => new()
    {
        Who = who ?? new Spender { TenantId = Tenant, Feature = "answer", EndUserId = Guid.CreateVersion7() }, Seats = seats, Wanted = wanted, Extractive = true,
        Deadline = TimeProvider.System.GetUtcNow() + (patience ?? TimeSpan.FromMinutes(1)),
    };

    private protected static async Task<ChatResponse> AskAsync(IChatClient chat, ModelCall call, IReadOnlyList<ChatMessage> messages, bool stream)
    {
        var options = call.In(new ChatOptions { MaxOutputTokens = 300 });
        try
        {
            return stream ? await chat.GetStreamingResponseAsync(messages, options, Ct).ToChatResponseAsync(Ct) : await chat.GetResponseAsync(messages, options, Ct);
        }
        finally
        {
            await call.BookedAsync();
        }
    }

    private protected Task SetAsync(BudgetSettings settings) => Database.Tenants.InTransactionAsync(Tenant,
        session => new ConfigurationStore(TimeProvider.System).SaveAndPublishAsync(session, BudgetSettings.Kind, Tenant, settings, null), Ct);

    private protected async Task<Row> RowAsync()
    {
        await using var everything = await Database.Everything.OpenConnectionAsync(Ct);
        return await everything.QuerySingleAsync<Row>("""
            select count(*)::int as calls, sum(input_tokens)::bigint as input, sum(cached_tokens)::bigint as cached, sum(cache_write_tokens)::bigint as written, sum(output_tokens)::bigint as output,
                   sum(cost) as cost, sum(cost_large) as large, sum(cost_uncached) as uncached, (count(*) filter (where not settled))::int as unknown,
                   (select settled from budget_scopes where kind = 'tenant_month') as settled, (select held from budget_scopes where kind = 'tenant_month') as held from usage
            """);
    }

    private protected sealed record Row
    {
        public int Calls { get; init; }

        public long Input { get; init; }

        public long Cached { get; init; }

        public long Written { get; init; }

        public long Output { get; init; }

        public decimal Cost { get; init; }

        public decimal Large { get; init; }

        public decimal Uncached { get; init; }

        public int Unknown { get; init; }

        public decimal Settled { get; init; }

        public decimal Held { get; init; }
    }
}
