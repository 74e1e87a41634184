using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Conversations.Contracts;
using Parley.Platform.Feed;

namespace Parley.Conversations;

/// <summary>End users, conversations, messages, events, the resolution ledger and the widget's API. The module's two doors.</summary>
public static class ConversationsModule
{
    /// <summary>Registers the module. Assistant must register <see cref="ITurnScheduler"/> and <see cref="ITurnDrafts"/>, Escalations <see cref="IHandoffs"/>.</summary>
    public static IServiceCollection AddConversations(this IServiceCollection services)
    {
        services.AddSingleton<ConversationEvents>().AddSingleton<Messages>();
        services.AddSingleton<Resolutions>().AddSingleton<ConversationOwnership>().AddSingleton<ConversationLifecycle>();
        services.AddFeedChangeLog(ConversationEvents.HeadSql, ConversationEvents.SinceSql);
        services.AddSingleton<ConversationSummaries>().AddSingleton<ConversationsBootstrap>();
        return services;
    }

    /// <summary>Maps the module's endpoints under <c>/v1</c>.</summary>
    public static void MapConversations(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
    }
}
