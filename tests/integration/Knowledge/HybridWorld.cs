using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Parley.Inference.Accounts;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Search;
using Parley.Knowledge.Vectors;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Outbound;
using Parley.Platform.Secrets;
using Parley.Testkit;
using Parley.Testkit.Models;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;
using static Parley.Tests.Integration.Knowledge.KnowledgeWorld;

namespace Parley.Tests.Integration.Knowledge;

/// <summary>An instance beside the double of all providers, which only its operator's list of private hosts makes reachable.</summary>
public abstract class HybridWorld(PostgresFixture postgres) : IAsyncLifetime
{
    private protected const int Dimensions = 64;

    private protected static readonly (string Path, byte[] Content)[] Guides =
    [
        File("cron.md", "# Cron\n\nA cron run waits five minutes for the one before."), File("plans.md", "# Plans\n\nThe hobby plan costs five dollars a month."),
        File("volumes.md", "# Volumes\n\nA volume can be resized at any time."), File("refunds.md", "# Refunds\n\nWhoever cancels within two weeks is reimbursed."),
    ];

    private protected ModelsDouble _models = null!;
    private protected ParleyHost _host = null!;
    private GuardedHttp _http = null!;

    private protected PostgresFixture Postgres => postgres;

    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _models = await ModelsDouble.StartAsync();
        _http = new GuardedHttp(new Parley.Platform.PlatformOptions { Objects = "", PrivateHosts = new Uri(_models.Address).Authority + " 127.0.0.1:1" }, TimeProvider.System);
        _host = await ParleyHost.StartAsync(postgres, services => services.AddSingleton(_ => _http));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _models.DisposeAsync();
        _http.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A tenant with four documents and, where asked, a chosen embedding model whose vectors are made.</summary>
    private protected async Task<(TestTenant Tenant, string Key)> TenantAsync(bool vectors = true)
    {
        var tenant = await _host.TenantAsync();
        (await tenant.Operator().ImportAsync("Guides", "complete", Guides)).Text("state").ShouldBe("succeeded");
        if (!vectors)
        {
            return (tenant, "");
        }
        var key = await ChooseAsync(tenant, "vectors");
        await CompleteAsync(tenant);
        return (tenant, key);
    }

    /// <summary>Chooses models of a new account of the double; null: none for this.</summary>
    private protected async Task<string> ChooseAsync(TestTenant tenant, string? embed, string? rerank = null, Uri? address = null)
    {
        var (account, reranker, key) = (Guid.CreateVersion7(), Guid.CreateVersion7(), "key-" + Guid.CreateVersion7().ToString("N"));
        var (services, time) = (_host.Services, _host.Time.GetUtcNow());
        await services.GetRequiredService<TenantDb>().InTransactionAsync(tenant.Id, async session =>
        {
            foreach (var (id, provider, url) in new[] { (account, ModelProviderKinds.OpenAiCompatible, address ?? _models.At("/openai/v1")), (reranker, ModelProviderKinds.Voyage, _models.At("/voyage/v1")) })
            {
                await session.ExecuteAsync("insert into model_accounts (tenant_id, id, name, provider, base_url, created_at, updated_at) values (@tenant, @id, @name, @provider, @url, @time, @time)",
                    new { tenant = tenant.Id, id, name = id.ToString(), provider, url = url.ToString(), time });
                await services.GetRequiredService<SecretStore>().PutAsync(session, ModelAccounts.SecretName(id), key);
            }
            await services.GetRequiredService<ConfigurationStore>().SaveAndPublishAsync(session, ModelSettings.Kind, tenant.Id, new ModelSettings
            {
                Choices =
                [
                    .. embed is null ? Array.Empty<ModelChoice>() : [new ModelChoice(ModelFeature.Embed, ModelTier.Small, account, embed)],
                    .. rerank is null ? Array.Empty<ModelChoice>() : [new ModelChoice(ModelFeature.Rerank, ModelTier.Small, reranker, rerank)],
                ],
                Models =
                [
                    .. embed is null ? Array.Empty<ModelInfo>() : [Info(ModelProviderKinds.OpenAiCompatible, embed, ModelKind.Embedding)],
                    .. rerank is null ? Array.Empty<ModelInfo>() : [Info(ModelProviderKinds.Voyage, rerank, ModelKind.Rerank)],
                ],
            }, null);
        }, Ct);
        return key;
    }

    private protected async Task BudgetAsync(TestTenant tenant, decimal month) => await _host.Services.GetRequiredService<TenantDb>().InTransactionAsync(tenant.Id, session =>
        _host.Services.GetRequiredService<ConfigurationStore>().SaveAndPublishAsync(session, BudgetSettings.Kind, tenant.Id, new BudgetSettings { Month = month, Day = null, HardCap = true, Conversation = null, EndUser = null, Anonymous = null }, null), Ct);

    /// <summary>The next calls to any model go wrong.</summary>
    private protected Task FailAsync(params string[] faults)
    {
        _models.Fail(faults);
        return Task.CompletedTask;
    }

    private protected Task StartDueAsync() => _host.Services.GetRequiredService<VectorRuns>().StartDueAsync(Ct);

    /// <summary>Until all passages have vectors of the chosen model; time passes where something is in the way.</summary>
    private protected Task<System.Text.Json.JsonElement> CompleteAsync(TestTenant tenant) => UntilAsync(tenant, "complete", shift: true);

    private protected async Task<System.Text.Json.JsonElement> UntilAsync(TestTenant tenant, string state, bool shift = false)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await StartDueAsync();
        while (true)
        {
            var view = await tenant.Operator().GetJsonAsync("/v1/knowledge/retrieval");
            if (view.GetProperty("vectors").ValueKind != System.Text.Json.JsonValueKind.Null)
            {
                var now = view.GetProperty("vectors").Text("state");
                if (now == state)
                {
                    return view;
                }
                if (shift && now == "halted")
                {
                    _host.Time.Advance(TimeSpan.FromMinutes(20));
                    await StartDueAsync();
                }
            }
            await Task.Delay(50, patience.Token);
        }
    }

    private protected async Task<RetrievalResult> FindAsync(TestTenant tenant, string question, ParleyHost? host = null)
    {
        await (host ?? _host).Services.GetRequiredService<KnowledgeSearch>().RefreshAsync(tenant.Id, Ct);
        await Task.Delay(250, Ct); // an index is looked after five times a second
        return await (host ?? _host).Services.GetRequiredService<KnowledgeSearch>().SearchAsync(tenant.Id, new RetrievalQuery
        {
            Text = question, Explain = true, Who = new Spender { TenantId = tenant.Id, Feature = ModelFeature.Answer },
        }, Ct);
    }

    private protected async Task<int> CountAsync(string sql, object args)
    {
        await using var everything = await _host.Database.Everything.OpenConnectionAsync(Ct);
        return await everything.ExecuteScalarAsync<int>(sql, args);
    }

    private protected Task<int> VectorsAsync(TestTenant tenant) => CountAsync("select count(*)::int from chunk_vectors where tenant_id = @id", new { id = tenant.Id });

    private static ModelInfo Info(string provider, string model, ModelKind kind) => new()
    {
        Provider = provider, Model = model, Name = model, Kind = kind, AsOf = new(2026, 1, 1), Source = new("https://example.org"), Prices = new ModelPrices { Input = 20 },
        Capabilities = new() { Dimensions = kind == ModelKind.Embedding ? Dimensions : null, ChoosesDimensions = true, MaxInputTokens = 1000, MaxInputs = 3 },
    };
}
