using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform.Outbound;
using Parley.Testkit;
using Parley.Tests.Integration.Conversations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Integrations;

/// <summary>The real application, and a receiver on this machine that only the operator's list of private hosts makes reachable.</summary>
public sealed class WebhookWorld(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly IPAddress Public = IPAddress.Parse("93.184.216.34");

    internal WidgetWorld Widgets { get; private set; } = null!;

    internal WebhookReceiver Receiver { get; private set; } = null!;

    internal PostgresFixture Postgres => postgres;

    /// <summary>What the name rebinds.example stands for at the moment.</summary>
    internal IPAddress Rebinds { get; set; } = Public;

    internal ParleyHost Host => Widgets.Host;

    public async ValueTask InitializeAsync()
    {
        Receiver = await WebhookReceiver.StartAsync();
        Widgets = await WidgetWorld.StartAsync(postgres, replace: Reach);
    }

    /// <summary>Lets an application reach the receiver, and nothing else on this machine.</summary>
    internal void Reach(IServiceCollection services) => services.AddSingleton(_ => new GuardedHttp(Receiver.HostAndPort, TimeProvider.System,
        (host, ct) => host == "rebinds.example" ? Task.FromResult<IPAddress[]>([Rebinds]) : Dns.GetHostAddressesAsync(host, ct),
        async (addresses, port, ct) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(addresses[0].Equals(Public) ? IPAddress.Loopback : addresses[0], port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }));

    public async ValueTask DisposeAsync()
    {
        await Widgets.DisposeAsync();
        await Receiver.DisposeAsync();
    }
}

/// <summary>A tenant of one test, whose owner makes webhooks.</summary>
internal sealed class Hooked(WebhookWorld world, WidgetTenant tenant, HttpClient owner)
{
    private int _paths;

    internal WidgetTenant Tenant => tenant;

    internal HttpClient Owner => owner;

    internal WebhookReceiver Receiver => world.Receiver;

    internal static async Task<Hooked> CreateAsync(WebhookWorld world)
    {
        var tenant = await world.Widgets.TenantAsync();
        // Not a session, which the days that tests let pass would end.
        return new Hooked(world, tenant, tenant.Tenant.Operator());
    }

    internal async Task<Hook> AddAsync(params string[] events) => await AddAsync(null, events);

    internal async Task<Hook> AddAsync(string? url, string[] events, bool enabled = true)
    {
        url ??= new Uri(Receiver.Address, $"/{tenant.Tenant.Slug}/{++_paths}").AbsoluteUri;
        using var response = await owner.PostAsJsonAsync("/v1/webhooks", new { url, events, enabled });
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync());
        var made = await response.JsonAsync();
        return new Hook(this, made.GetProperty("webhook").GetProperty("id").GetGuid(), new Uri(url).AbsolutePath, made.GetProperty("secret").GetString()!);
    }

    internal async Task<JsonElement> PostAsync(string path, object? body = null, int status = 200)
    {
        using var response = await owner.PostAsJsonAsync(path, body ?? new { });
        ((int)response.StatusCode).ShouldBe(status, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    internal async Task<JsonElement> PatchAsync(Guid id, object body)
    {
        using var response = await owner.PatchAsJsonAsync($"/v1/webhooks/{id}", body);
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    internal async Task RemoveAllAsync()
    {
        foreach (var webhook in (await owner.GetJsonAsync("/v1/webhooks")).GetProperty("items").EnumerateArray())
        {
            (await owner.DeleteAsync($"/v1/webhooks/{webhook.GetProperty("id").GetGuid()}")).EnsureSuccessStatusCode();
        }
    }
}

/// <summary>One webhook, seen from both sides.</summary>
internal sealed record Hook(Hooked Of, Guid Id, string Path, string Secret)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    internal IReadOnlyList<ReceivedWebhook> Received => [.. Of.Receiver.Received.Where(r => r.Path == Path)];

    internal Task<IReadOnlyList<ReceivedWebhook>> ReceivedAsync(int count) => Of.Receiver.WaitAsync(count, r => r.Path == Path);

    internal Task<JsonElement> ViewAsync() => Of.Owner.GetJsonAsync($"/v1/webhooks/{Id}");

    internal async Task<IReadOnlyList<JsonElement>> DeliveriesAsync(string query = "") => [.. (await Of.Owner.GetJsonAsync($"/v1/webhooks/{Id}/deliveries{query}")).GetProperty("items").EnumerateArray()];

    internal Task<JsonElement> DeliveryAsync(JsonElement delivery) => Of.Owner.GetJsonAsync($"/v1/webhooks/deliveries/{delivery.GetProperty("id").GetGuid()}");

    /// <summary>Waits until what is written down is so.</summary>
    internal async Task<IReadOnlyList<JsonElement>> UntilAsync(Func<IReadOnlyList<JsonElement>, bool> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var all = await DeliveriesAsync();
            if (holds(all)) return all;
            patience.IsCancellationRequested.ShouldBeFalse(string.Join('\n', all));
            await Task.Delay(30);
        }
    }

    internal Task<IReadOnlyList<JsonElement>> UntilAttemptsAsync(int attempts) => UntilAsync(all => all.Count > 0 && all.All(d => d.GetProperty("attempts").GetInt32() >= attempts));

    internal async Task<JsonElement> UntilViewAsync(Func<JsonElement, bool> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var view = await ViewAsync();
            if (holds(view)) return view;
            patience.IsCancellationRequested.ShouldBeFalse(view.ToString());
            await Task.Delay(30);
        }
    }
}
