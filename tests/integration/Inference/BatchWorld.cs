using System.Collections.Concurrent;
using Dapper;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Parley.Inference;
using Parley.Inference.Accounts;
using Parley.Inference.Batches;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Platform;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Feed;
using Parley.Platform.Jobs;
using Parley.Platform.Outbound;
using Parley.Platform.RateLimits;
using Parley.Platform.Secrets;
using Parley.Testkit;
using Parley.Testkit.Models;

namespace Parley.Tests.Integration.Inference;

/// <summary>The batch lane over the double and a real database, with a clock that a test moves and that can stop a run at any look at it.</summary>
internal sealed class BatchWorld : IAsyncDisposable
{
    internal static ModelPrices Prices { get; } = new() { Input = 2, CachedRead = .2m, CacheWrite = 2.5m, Output = 10 };

    private readonly ServiceProvider _services;

    private BatchWorld(TestDatabase database, ModelsDouble models, ServiceProvider services, Guid tenant) => (Database, Double, _services, Tenant) = (database, models, services, tenant);

    internal TestDatabase Database { get; }

    internal ModelsDouble Double { get; }

    internal Guid Tenant { get; }

    internal StoppingTime Time => (StoppingTime)Get<TimeProvider>();

    internal ModelAccount Account { get; private set; } = null!;

    internal ConcurrentQueue<BatchOutcome> Taken => Get<Desk>().Taken;

    internal Desk Handler => Get<Desk>();

    internal T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    internal static async Task<BatchWorld> StartAsync(PostgresFixture postgres)
    {
        var time = new StoppingTime();
        var models = await ModelsDouble.StartAsync(time: time.ForOthers);
        var database = await postgres.CreateDatabaseAsync();
        var services = new ServiceCollection().AddLogging()
            .AddSingleton<TimeProvider>(time).AddSingleton(database.Tenants).AddSingleton(database.System).AddSingleton(database.Key)
            .AddSingleton<ConfigurationStore>().AddSingleton<SecretStore>().AddSingleton<InstanceSeal>().AddSingleton<RateLimiter>().AddSingleton<JobSignal>().AddSingleton<JobQueue>()
            .AddSingleton(new NodeIdentity("batch-test", "1")).AddSingleton(new GuardedHttp(new PlatformOptions { Objects = "", PrivateHosts = new Uri(models.Address).Authority }, TimeProvider.System))
            .AddInference(ModelWorld.Patient).AddSingleton<Desk>().AddBatchHandler<TakingHandler>(TakingHandler.Name);
        return new BatchWorld(database, models, services.BuildServiceProvider(), await database.CreateTenantAsync());
    }

    /// <summary>An account and a model of it that sums up.</summary>
    internal async Task ChooseAsync(string provider, string? fault = null, bool lane = true, ModelPrices? prices = null)
    {
        var (model, path) = provider == ModelProviderKinds.Anthropic ? ("claude-double", "/anthropic") : provider == ModelProviderKinds.OpenAi ? ("gpt-double", "/openai/v1") : ("llama-double", "/openai/v1");
        Account = new ModelAccount { Id = Guid.CreateVersion7(), Provider = provider, BaseUrl = Double.At(path, fault), Key = "key-" + Guid.CreateVersion7().ToString("N") };
        var info = new ModelInfo
        {
            Provider = provider, Model = model, Kind = ModelKind.Chat, Prices = prices ?? Prices,
            Capabilities = new() { Batch = lane, Temperature = false, TopP = false, Penalties = false, CachedPrompt = provider == ModelProviderKinds.Anthropic ? PromptCaching.Marked : PromptCaching.Automatic },
        };
        await InAsync(async s =>
        {
            await s.ExecuteAsync("insert into model_accounts (tenant_id, id, name, provider, base_url, created_at, updated_at) values (@Tenant, @Id, @name, @provider, @url, now(), now())",
                new { Tenant, Account.Id, name = Account.Id.ToString(), provider, url = Account.BaseUrl!.OriginalString });
            await Get<SecretStore>().PutAsync(s, ModelAccounts.SecretName(Account.Id), Account.Key);
            await Get<ConfigurationStore>().SaveAndPublishAsync(s, ModelSettings.Kind, Tenant, new ModelSettings { Choices = [new ModelChoice(ModelFeature.Summarise, ModelTier.Small, Account.Id, model)], Models = [info] }, null);
            return true;
        });
    }

    internal Task SetAsync(BudgetSettings settings) => InAsync(async s =>
    {
        await Get<ConfigurationStore>().SaveAndPublishAsync(s, BudgetSettings.Kind, Tenant, settings, null);
        return true;
    });

    internal async Task<IReadOnlyList<Guid>> AddAsync(int count, Guid? conversation = null) => await InAsync(async s =>
    {
        var ids = new List<Guid>();
        for (var i = 0; i < count; i++)
        {
            var who = new Spender { TenantId = Tenant, Feature = ModelFeature.Summarise, ConversationId = conversation };
            List<ChatMessage> messages = [new(ChatRole.System, "Sum it up."), new(ChatRole.User, $"<transcript>\nCustomer: Question {i}?\nAssistant: Answer {i}.\n</transcript>")];
            ids.Add(await Get<BatchWork>().AddAsync(s, new BatchRequest(who, TakingHandler.Name, Guid.CreateVersion7(), messages, new ChatOptions { MaxOutputTokens = 200 })));
        }
        return ids;
    });

    /// <summary>What the schedule and the jobs do, in their order, until nothing waits or is under way; each round is a quarter of an hour later.</summary>
    internal async Task RunAsync(int rounds = 60, TimeSpan? step = null)
    {
        for (var round = 0; round < rounds && await OpenAsync() > 0; round++)
        {
            Time.Advance(step ?? TimeSpan.FromMinutes(15));
            await RoundAsync();
        }
    }

    internal async Task RoundAsync()
    {
        await Build<BatchCollect>().CollectAsync(Tenant, default);
        foreach (var id in await ReadAsync<Guid>("select id from batches order by id"))
        {
            await Build<BatchRun>().RunAsync(Tenant, id, default);
        }
        foreach (var id in await ReadAsync<Guid>("select id from batch_items where state = 'taken' and batch_id is null"))
        {
            await Build<BatchAlone>().AskAsync(Tenant, id, default);
        }
        foreach (var id in await ReadAsync<Guid>("select id from batch_items where state = 'done'"))
        {
            await using var scope = _services.CreateAsyncScope();
            await InAsync(async s => { await ActivatorUtilities.CreateInstance<BatchDelivery>(scope.ServiceProvider).DeliverAsync(s, id); return true; });
        }
    }

    internal async Task<long> OpenAsync() => (await ReadAsync<long>("select (select count(*) from batch_items) + (select count(*) from batches) + (select count(*) from batch_contents)"))[0];

    internal async Task<IReadOnlyList<T>> ReadAsync<T>(string sql)
    {
        await using var everything = await Database.Everything.OpenConnectionAsync();
        return [.. await everything.QueryAsync<T>(sql)];
    }

    internal async Task<Books> BooksAsync() => (await ReadAsync<Books>("""
        select count(*)::int as calls, (count(*) filter (where not settled))::int as unknown, (count(*) filter (where batch))::int as batched, coalesce(sum(cost), 0) as cost, coalesce(sum(cost) filter (where settled), 0) as known,
               coalesce(sum(cost_unbatched), 0) as unbatched, coalesce((select settled from budget_scopes where kind = 'tenant_day' order by period limit 1), 0) as settled,
               coalesce((select sum(held) from budget_scopes where kind = 'tenant_day'), 0) as held, (select count(*)::int from budget_reservations) as reservations from usage
        """))[0];

    internal Task<T> InAsync<T>(Func<TenantSession, Task<T>> work) => Database.Tenants.InTransactionAsync(Tenant, work, default);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Database.DisposeAsync();
        await Double.DisposeAsync();
    }

    private T Build<T>() => ActivatorUtilities.CreateInstance<T>(_services);

    internal sealed record Books
    {
        public int Calls { get; init; }

        public int Unknown { get; init; }

        public int Batched { get; init; }

        public decimal Cost { get; init; }

        public decimal Known { get; init; }

        public decimal Unbatched { get; init; }

        public decimal Settled { get; init; }

        public decimal Held { get; init; }

        public int Reservations { get; init; }
    }

    /// <summary>Where handed-over outcomes land.</summary>
    internal sealed class Desk
    {
        internal ConcurrentQueue<BatchOutcome> Taken { get; } = new();

        internal int FailNext { get; set; }
    }

    private sealed class TakingHandler(Desk desk) : IBatchHandler
    {
        internal const string Name = "test.taking";

        public Task HandleAsync(TenantSession session, BatchOutcome outcome)
        {
            if (desk.FailNext-- > 0)
            {
                throw new InvalidOperationException("The handler fails as told.");
            }
            session.OnCommitted(() => desk.Taken.Enqueue(outcome));
            return Task.CompletedTask;
        }
    }
}

/// <summary>A clock that a test moves, and at which a run can be stopped: the next look but so many ends it as a kill would.</summary>
internal sealed class StoppingTime : TimeProvider
{
    /// <summary>Today, of which there is a partition, and early enough that a test stays in it.</summary>
    private DateTimeOffset _now = new(System.GetUtcNow().UtcDateTime.Date.AddHours(1), TimeSpan.Zero);
    private int _looksLeft = int.MaxValue;

    internal void Advance(TimeSpan by) => _now += by;

    /// <summary>Null: it goes on for ever.</summary>
    internal void StopAfter(int? looks) => _looksLeft = looks ?? int.MaxValue;

    internal bool Stopped => _looksLeft < 0;

    /// <summary>The same time for somebody who is not stopped.</summary>
    internal TimeProvider ForOthers => new Others(this);

    public override DateTimeOffset GetUtcNow() => _looksLeft == int.MaxValue || --_looksLeft >= 0 ? _now : throw new KilledException();

    private sealed class Others(StoppingTime time) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => time._now;
    }
}

internal sealed class KilledException() : Exception("Killed here.");
