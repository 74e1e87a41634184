using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Parley.Conversations;
using Parley.Conversations.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Feed;
using Parley.Platform.Jobs;
using Parley.Testkit;

namespace Parley.Tests.Integration.Conversations;

/// <summary>The module's services on a real database, with doubles for the two modules above it.</summary>
internal sealed class ConversationWorld : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private ConversationWorld(TestDatabase database, ServiceProvider services) => (Database, _services) = (database, services);

    public TestDatabase Database { get; }

    public TenantDb Db => Database.Tenants;

    public required MovableTime Time { get; init; }

    public FakeTurns Turns => Get<FakeTurns>();

    public FakeHandoffs Handoffs => Get<FakeHandoffs>();

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public static async Task<ConversationWorld> StartAsync(PostgresFixture postgres)
    {
        var database = await postgres.CreateDatabaseAsync();
        var time = new MovableTime();
        var services = new ServiceCollection().AddLogging()
            .AddSingleton<TimeProvider>(time).AddSingleton(database.Tenants).AddSingleton(database.System)
            .AddSingleton<FeedHub>().AddSingleton<JobSignal>().AddSingleton<JobQueue>()
            .AddSingleton<FakeTurns>().AddSingleton<ITurnScheduler>(p => p.GetRequiredService<FakeTurns>())
            .AddSingleton<FakeHandoffs>().AddSingleton<IHandoffs>(p => p.GetRequiredService<FakeHandoffs>())
            .AddConversations();
        return new ConversationWorld(database, services.BuildServiceProvider()) { Time = time };
    }

    /// <summary>A tenant with its defaults, one end user and one open conversation.</summary>
    public async Task<Talk> TalkAsync()
    {
        var tenant = await Database.CreateTenantAsync();
        var defaults = await Get<ConversationsBootstrap>().EnsureDefaultsAsync(tenant, default);
        return await TalkAsync(tenant, defaults);
    }

    public Task<Talk> TalkAsync(Guid tenant, TenantDefaults defaults) => Db.InTransactionAsync(tenant, async s =>
    {
        var now = Time.GetUtcNow();
        var (user, conversation) = (Guid.CreateVersion7(now), Guid.CreateVersion7(now));
        await s.ExecuteAsync("insert into end_users (tenant_id, id, created_at, seen_at) values (@tenant, @user, @now, @now)", new { tenant, user, now });
        await s.ExecuteAsync("""
            insert into conversations (tenant_id, id, end_user_id, assistant_id, widget_id, created_at, updated_at)
            values (@tenant, @conversation, @user, @AssistantId, @WidgetId, @now, @now)
            """, new { tenant, conversation, user, defaults.AssistantId, defaults.WidgetId, now });
        return new Talk(tenant, user, conversation, defaults);
    }, default);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Database.DisposeAsync();
    }
}

internal sealed record Talk(Guid Tenant, Guid EndUser, Guid Id, TenantDefaults Defaults)
{
    public Actor Customer => Actor.EndUser(EndUser);

    public MessageDraft Says(string text, string? externalId = null) => new(Id, Customer, [MessagePart.OfText(text)]) { ExternalId = externalId };

    public MessageDraft Answers(string text) => new(Id, Actor.Assistant(Defaults.AssistantId), [MessagePart.OfText(text)]);
}

/// <summary>Real time plus what a test adds.</summary>
internal sealed class MovableTime : TimeProvider
{
    private TimeSpan _offset;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _offset;

    public void Advance(TimeSpan by) => _offset += by;
}

internal sealed class FakeTurns : ITurnScheduler, ITurnDrafts
{
    public ConcurrentQueue<(Guid Conversation, Guid Message, Guid Turn)> Scheduled { get; } = new();

    public ConcurrentQueue<(Guid Conversation, string Reason)> Cancelled { get; } = new();

    public ConcurrentDictionary<Guid, TurnDraft> Drafts { get; } = new();

    public Task<Guid?> ScheduleAsync(TenantSession session, ConversationState conversation, Guid messageId)
    {
        var turn = Guid.CreateVersion7();
        Scheduled.Enqueue((conversation.Id, messageId, turn));
        return Task.FromResult<Guid?>(turn);
    }

    public Task CancelAsync(TenantSession session, Guid conversationId, string reason)
    {
        Cancelled.Enqueue((conversationId, reason));
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<TurnDraft>> ReadAsync(TenantSession session, IReadOnlyCollection<Guid>? conversationIds) =>
        Task.FromResult<IReadOnlyList<TurnDraft>>([.. Drafts.Values.Where(d => conversationIds is null || conversationIds.Contains(d.ConversationId))]);
}

internal sealed class FakeHandoffs : IHandoffs
{
    public ConcurrentDictionary<Guid, HandoffView> Live { get; } = new();

    public ConcurrentQueue<(Guid Conversation, bool? Resolved)> Ended { get; } = new();

    public Task<Result<HandoffView>> RequestAsync(TenantSession session, HandoffRequest request) =>
        Task.FromResult<Result<HandoffView>>(Live.GetOrAdd(request.ConversationId, id => new HandoffView
        {
            Id = Guid.CreateVersion7(), ConversationId = id, State = "queued", Priority = "high", Reasons = request.Reasons, Position = 1,
        }));

    public Task<Result<bool>> CancelAsync(TenantSession session, Guid conversationId, Actor actor) =>
        Task.FromResult<Result<bool>>(Live.TryRemove(conversationId, out _) ? true : Error.Conflict("handoff.none", "No person was asked for."));

    public Task EndAsync(TenantSession session, Guid conversationId, Actor actor, bool? resolved)
    {
        Ended.Enqueue((conversationId, resolved));
        Live.TryRemove(conversationId, out _);
        return Task.CompletedTask;
    }

    public Task<Result<bool>> AssignAsync(TenantSession session, ConversationState conversation, Guid agentId) =>
        Task.FromResult<Result<bool>>(conversation.IsOpen ? true : Error.Conflict("conversation.closed", "This conversation is closed."));

    public Task<IReadOnlyDictionary<Guid, HandoffView>> CurrentAsync(TenantSession session, IReadOnlyCollection<Guid> conversationIds) =>
        Task.FromResult<IReadOnlyDictionary<Guid, HandoffView>>(Live.Where(l => conversationIds.Contains(l.Key)).ToDictionary());
}
