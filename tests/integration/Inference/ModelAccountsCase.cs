using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Parley.Inference.Contracts;
using Parley.Platform.Outbound;
using Parley.Testkit;
using Parley.Testkit.Models;
using Parley.Tests.Integration.Identity;
using Parley.Tests.Integration.Knowledge;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>A host beside the double that lets nobody but it be private.</summary>
public sealed class ModelAccountsWorld(PostgresFixture postgres) : IAsyncLifetime
{
    private Func<Task>? _meanwhile;

    public ModelsDouble Double { get; private set; } = null!;

    public ParleyHost Host { get; private set; } = null!;

    /// <summary>Happens once, while the address of gate.example is looked up.</summary>
    public Func<Task>? Meanwhile { get => _meanwhile; set => _meanwhile = value; }

    public async ValueTask InitializeAsync()
    {
        Double = await ModelsDouble.StartAsync();
        Host = await ParleyHost.StartAsync(postgres, services =>
            services.AddSingleton(_ => new GuardedHttp($"{new Uri(Double.Address).Authority} 127.0.0.1:1", TimeProvider.System, ResolveAsync)));
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Double.DisposeAsync();
    }

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken ct)
    {
        if (host != "gate.example")
        {
            return await Dns.GetHostAddressesAsync(host, ct);
        }
        var meanwhile = Interlocked.Exchange(ref _meanwhile, null);
        await (meanwhile?.Invoke() ?? Task.CompletedTask);
        return [IPAddress.Parse("93.184.216.34")];
    }
}

/// <summary>A tenant with its operator. Each test has its own; the host is the class's.</summary>
public abstract class ModelAccountsCase(ModelAccountsWorld world) : IAsyncLifetime
{
    private protected const string Accounts = "/v1/models/accounts", Settings = "/v1/models/settings";

    private protected ModelAccountsWorld World { get; } = world;

    private protected TestTenant Tenant { get; private set; } = null!;

    private protected HttpClient Client { get; private set; } = null!;

    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync()
    {
        Tenant = await World.Host.TenantAsync();
        Client = Tenant.Operator();
    }

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private protected static string NewKey() => "sk-canary-" + Guid.CreateVersion7().ToString("N");

    private protected static JsonObject Choice(string feature, string tier, string account, string model) => new() { ["feature"] = feature, ["tier"] = tier, ["accountId"] = account, ["model"] = model };

    private protected async Task<JsonElement> AddAsync(string name, string provider, string path, string key)
    {
        using var response = await Client.PostAsJsonAsync(Accounts, new { name, provider, baseUrl = World.Double.At(path).ToString(), apiKey = key }, Ct);
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync(Ct));
        return await response.JsonAsync();
    }

    private protected async Task<InstanceModelAccount> ShareAsync(string name, string key, string address = "/anthropic") => (await World.Host.Services.GetRequiredService<InstanceModelAccounts>()
        .SaveAsync(null, new InstanceModelAccountEntry(name, ModelProviderKinds.Anthropic, address[0] == '/' ? World.Double.At(address).ToString() : address, key), Ct)).Value;

    private protected async Task<HttpResponseMessage> PutAsync(string id, Action<JsonObject> change)
    {
        var entry = (await Client.GetJsonAsync($"{Accounts}/{id}")).Deserialize<JsonObject>()!;
        change(entry);
        return await Client.PutAsJsonAsync($"{Accounts}/{id}", entry, Ct);
    }

    private protected async Task<JsonElement> ChangeAsync(string id, Action<JsonObject> change)
    {
        using var response = await PutAsync(id, change);
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync(Ct));
        return await response.JsonAsync();
    }

    private protected async Task<JsonElement> TestAsync(string id, string feature, string model, string result)
    {
        using var response = await Client.PostAsJsonAsync($"{Accounts}/{id}/test", new { feature, model }, Ct);
        var body = await response.Content.ReadAsStringAsync(Ct);
        ((int)response.StatusCode).ShouldBe(200, body);
        var answer = await response.JsonAsync();
        answer.Text("result").ShouldBe(result, body);
        return answer;
    }

    private protected static Task<HttpResponseMessage> SaveAsync(HttpClient client, JsonObject settings) => client.PutAsJsonAsync(Settings, new { settings }, Ct);

    private protected async Task<JsonElement> SavedAsync(JsonObject settings, string? note = null)
    {
        using var response = await Client.PutAsJsonAsync(Settings, new { settings, note }, Ct);
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync(Ct));
        return await response.JsonAsync();
    }

    private protected async Task<string> GetTextAsync(string path) => await Client.GetStringAsync(path, Ct);

    private protected async Task<int> SecretsAsync()
    {
        await using var everything = await World.Host.Database.Everything.OpenConnectionAsync(Ct);
        return await everything.QuerySingleAsync<int>("select count(*)::int from secrets where tenant_id = @id", new { id = Tenant.Id });
    }
}
