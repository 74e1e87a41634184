using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Parley.Conversations.AgentApi;
using Parley.Conversations.Brands;
using Parley.Conversations.Contracts;
using Parley.Conversations.CustomerIdentity;
using Parley.Conversations.Feed;
using Parley.Conversations.Organizing;
using Parley.Conversations.Retention;
using Parley.Conversations.Search;
using Parley.Conversations.Summaries;
using Parley.Conversations.WidgetApi;
using Parley.Identity;
using Parley.Inference.Contracts;
using Parley.Platform.Feed;
using Parley.Platform.Jobs;
using Parley.Platform.Schedules;

namespace Parley.Conversations;

/// <summary>End users, conversations, messages, events, the resolution ledger and the widget's API. The module's two doors.</summary>
public static class ConversationsModule
{
    /// <summary>Registers the module. Assistant must register <see cref="ITurnScheduler"/>, <see cref="ITurnDrafts"/> and <see cref="IAssistantFaces"/>, Escalations <see cref="IHandoffs"/>.</summary>
    public static IServiceCollection AddConversations(this IServiceCollection services)
    {
        services.AddOptions<ConversationLimits>().BindConfiguration(ConversationLimits.Section)
            .Validate(limits => limits.IsValid, $"A value in {ConversationLimits.Section} is out of its range.").ValidateOnStart();
        services.AddSingleton<ConversationEvents>().AddSingleton<Messages>();
        services.AddSingleton<Resolutions>().AddSingleton<ConversationOwnership>().AddSingleton(s => new ConversationLifecycle(
            s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ConversationEvents>(), s.GetRequiredService<Resolutions>(), s.GetRequiredService<IHandoffs>(), s.GetRequiredService<ITurnScheduler>(),
            s.GetRequiredService<WrittenSummaries>()));
        services.AddSingleton<WrittenSummaries>().AddBatchHandler<SummaryHandler>(SummaryHandler.Name);
        services.AddFeedChangeLog(ConversationEvents.HeadSql, ConversationEvents.SinceSql);
        services.AddSingleton<ActiveTenants>();
        services.AddSingleton<ConversationSummaries>().AddSingleton<ConversationsBootstrap>();
        services.AddSingleton<ConversationGate>().AddSingleton<Presence>();
        services.AddFeedSource<CustomerFeed>().AddFeedSource<AgentFeed>();
        services.AddBearerScheme<EndUserSessionHandler>(EndUserSessions.Prefix, EndUserSessionHandler.SchemeName);
        services.AddSingleton<WidgetDirectory>().AddSingleton<EndUserSessions>().AddSingleton<OwnConversation>().AddSingleton<CustomerMessages>();
        services.AddSingleton<GetWidgetConfig>().AddSingleton<StartSession>().AddSingleton<StartConversation>().AddSingleton<ListOwnConversations>();
        services.AddSingleton<ReadMessages>().AddSingleton<SendMessage>().AddSingleton<AskForPerson>().AddSingleton<RateConversation>();
        services.AddSingleton<EndConversation>().AddSingleton<ShowTyping>();
        services.AddSingleton<ReadAudit>().AddSingleton<ListConversations>().AddSingleton<GetConversation>().AddSingleton<PostMessage>();
        services.AddSingleton<CloseConversation>().AddSingleton<ShowAgentTyping>().AddSingleton<WidgetReader>().AddSingleton<Widgets>();
        services.AddSingleton<IdentityTokens>().AddSingleton<IdentityKeys>().AddSingleton<CheckSite>();
        services.AddSingleton<Tasks>().AddSingleton<TaskApi>();
        services.AddSingleton<SearchConversations>().AddSingleton<TagApi>().AddSingleton<SavedViews>();
        services.AddSingleton<ActOnConversations>().AddSingleton<ExportConversations>().AddSingleton<CountConversations>();
        services.AddSingleton<BrandApi>().AddSingleton<BrandLogo>();
        services.AddSingleton<Erasure>().AddSingleton<EraseConversation>().AddSingleton<EraseAllConversations>().AddSingleton<Customers>().AddSingleton<RetentionApi>();
        services.AddJob<RetentionJob>(RetentionJob.Kind).AddTenantSchedule(RetentionJob.Kind.Name, RetentionJob.Cron, RetentionJob.Kind).AddJob<EraseAllJob>(EraseAllJob.Kind);
        services.AddJob<FillTerms>(FillTerms.Kind);
        services.AddSchedule(FillTerms.Kind.Name, FillTerms.Cron, FillTerms.FanOutAsync);
        services.AddJob<SettleConversations>(SettleConversations.Kind);
        services.AddSchedule("conversations.expire", "0 37 * * * ?", EndUserSessions.ExpireAsync);
        services.AddSchedule(SettleConversations.Kind.Name, SettleConversations.Cron, SettleConversations.FanOutAsync);
        return services;
    }

    /// <summary>Maps the module's endpoints under <c>/v1</c>.</summary>
    public static void MapConversations(this IEndpointRouteBuilder app)
    {
        var widget = app.MapGroup("/v1/widget").WithTags("Widget");
        GetWidgetConfig.Map(widget);
        GetWidgetConfig.MapAvatar(widget);
        StartSession.Map(widget);
        StartSession.MapEnd(widget);
        StartConversation.Map(widget);
        ListOwnConversations.Map(widget);
        ReadMessages.Map(widget);
        SendMessage.Map(widget);
        AskForPerson.Map(widget);
        RateConversation.Map(widget);
        EndConversation.Map(widget);
        ShowTyping.Map(widget);
        var conversations = app.MapGroup("/v1/conversations").WithTags("Conversations");
        ListConversations.Map(conversations);
        SearchConversations.Map(conversations);
        CountConversations.Map(conversations);
        SavedViews.Map(conversations);
        ActOnConversations.Map(conversations);
        ExportConversations.Map(conversations);
        GetConversation.Map(conversations);
        PostMessage.Map(conversations);
        CloseConversation.Map(conversations);
        ShowAgentTyping.Map(conversations);
        var brands = app.MapGroup("/v1/brands").WithTags("Widgets");
        BrandApi.Map(brands);
        BrandLogo.Map(brands, widget);
        EraseConversation.Map(conversations);
        Customers.Map(app.MapGroup("/v1/customers").WithTags("Customers"));
        RetentionApi.Map(app.MapGroup("/v1/retention").WithTags("Privacy"));
        EraseAllConversations.Map(app.MapGroup("/v1/workspace").WithTags("Privacy"));
        TagApi.Map(app.MapGroup("/v1/tags").WithTags("Tags"), conversations);
        TaskApi.Map(app.MapGroup("/v1/tasks").WithTags("Tasks"));
        var widgets = app.MapGroup("/v1/widgets").WithTags("Widgets");
        Widgets.Map(widgets);
        CheckSite.Map(widgets);
        IdentityKeys.Map(app.MapGroup("/v1/identity-keys").WithTags("Widgets"));
    }
}
