using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Conversations;
using Parley.Conversations.Contracts;
using Parley.Identity;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;

namespace Parley.Tests.Integration.Conversations;

/// <summary>The real application with doubles for the modules above Conversations, spoken to as a widget and as the console do.</summary>
internal sealed class WidgetWorld : IAsyncDisposable
{
    private WidgetWorld(ParleyHost host) => Host = host;

    public ParleyHost Host { get; }

    public FakeTurns Turns => Host.Services.GetRequiredService<FakeTurns>();

    public FakeHandoffs Handoffs => Host.Services.GetRequiredService<FakeHandoffs>();

    public static async Task<WidgetWorld> StartAsync(PostgresFixture postgres, Action<ConversationLimits>? limits = null, Action<IServiceCollection>? replace = null) =>
        new(await ParleyHost.StartAsync(postgres, services =>
        {
            services.Configure<IdentityOptions>(o => (o.PasswordIterations, o.SignInsPerMinute) = (1000, 100_000));
            services.Configure<ConversationLimits>(o =>
            {
                (o.MessagesPerEndUser, o.MessagesPerAddress, o.ConversationsPerEndUser, o.SessionsPerAddress) = (100_000, 1_000_000, 100_000, 1_000_000);
                limits?.Invoke(o);
            });
            services.AddSingleton<FakeTurns>().AddSingleton<ITurnScheduler>(p => p.GetRequiredService<FakeTurns>())
                .AddSingleton<ITurnDrafts>(p => p.GetRequiredService<FakeTurns>());
            services.AddSingleton<FakeHandoffs>().AddSingleton<IHandoffs>(p => p.GetRequiredService<FakeHandoffs>());
            replace?.Invoke(services);
        }));

    public async Task<WidgetTenant> TenantAsync()
    {
        var tenant = await Host.TenantAsync();
        var defaults = await Host.Services.GetRequiredService<ConversationsBootstrap>().EnsureDefaultsAsync(tenant.Id, default);
        return new WidgetTenant(this, tenant, defaults);
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

/// <summary>One running application for all tests of a class; each test makes a tenant of its own.</summary>
public sealed class WidgetWorldFixture(PostgresFixture postgres) : Xunit.IAsyncLifetime
{
    internal WidgetWorld World { get; private set; } = null!;

    public async ValueTask InitializeAsync() => World = await WidgetWorld.StartAsync(postgres);

    public ValueTask DisposeAsync() => World.DisposeAsync();
}

internal sealed record WidgetTenant(WidgetWorld World, TestTenant Tenant, TenantDefaults Defaults)
{
    public ParleyHost Host => World.Host;

    public async Task<Visitor> VisitorAsync(string? key = null)
    {
        using var response = await Host.Client().PostAsJsonAsync("/v1/widget/sessions", new { key = key ?? Defaults.PublicKey, locale = "en" });
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync());
        var session = await response.JsonAsync();
        var token = session.GetProperty("token").GetString()!;
        return new Visitor(Host.Client(token), session.GetProperty("endUserId").GetGuid(), token);
    }

    public Task<SignedIn> AgentAsync(string role = "agent") => Tenant.MemberAsync(role);

    /// <summary>What escalations do when an agent accepts.</summary>
    public Task TakeOverAsync(Guid conversation, Guid agent) => Host.Database.Tenants.InTransactionAsync(Tenant.Id, async s =>
    {
        await ConversationStore.LockAsync(s, conversation);
        await Host.Services.GetRequiredService<ConversationOwnership>().ToAgentAsync(s, conversation, agent, Actor.Agent(agent));
    }, default);

    /// <summary>What a turn does when it is done.</summary>
    public Task AnswerAsync(Guid conversation, string text, Guid? turn = null) => Host.Database.Tenants.InTransactionAsync(Tenant.Id, async s =>
    {
        var turnId = turn ?? Guid.CreateVersion7();
        await ConversationStore.LockAsync(s, conversation);
        var message = await Host.Services.GetRequiredService<Messages>().AddAsync(s,
            new MessageDraft(conversation, Actor.Assistant(Defaults.AssistantId), [MessagePart.OfText(text)]) { TurnId = turnId });
        await Host.Services.GetRequiredService<ConversationEvents>().AppendAsync(s, conversation,
            new EventDraft(new TurnDone(turnId, "answered", 0.9, message.Id), Actor.Assistant(Defaults.AssistantId), turnId));
    }, default);

    public Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? args = null) =>
        Host.Database.Tenants.InTransactionAsync(Tenant.Id, s => s.QueryAsync<T>(sql, args), default);
}

internal sealed record Visitor(HttpClient Client, Guid EndUserId, string Token)
{
    public async Task<Guid> StartAsync(string? text = null)
    {
        using var response = await Client.PostAsJsonAsync("/v1/widget/conversations", new { text });
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync());
        return (await response.JsonAsync()).GetProperty("id").GetGuid();
    }

    public Task<HttpResponseMessage> PostAsync(Guid conversation, object body) =>
        Client.PostAsJsonAsync($"/v1/widget/conversations/{conversation}/messages", body);

    public async Task<JsonElement> SendAsync(Guid conversation, string text, string? clientId = null)
    {
        using var response = await PostAsync(conversation, new { text, clientId });
        ((int)response.StatusCode).ShouldBe(202, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    public async Task<IReadOnlyList<JsonElement>> MessagesAsync(Guid conversation) =>
        [.. (await Client.GetJsonAsync($"/v1/widget/conversations/{conversation}/messages")).GetProperty("items").EnumerateArray()];
}

internal static class Shapes
{
    public static string Text(this JsonElement message) => message.GetProperty("parts")[0].GetProperty("content").GetProperty("text").GetString()!;

    public static long Seq(this JsonElement item) => item.GetProperty("seq").GetInt64();

    public static string? String(this JsonElement item, string name) => item.GetProperty(name).GetString();
}
