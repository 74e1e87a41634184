using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Assistant.Generation;
using Parley.Assistant.Profile;
using Parley.Conversations.Contracts;
using Parley.Escalations.Contracts;
using Parley.Knowledge;
using Parley.Knowledge.Search;
using Parley.Platform.Data;
using Parley.Platform.Jobs;
using Parley.Platform.Schedules;

namespace Parley.Assistant;

/// <summary>The answering turn, the playground and the assistants' profiles. The module's two doors.</summary>
public static class AssistantModule
{
    /// <summary>Registers the module.</summary>
    public static IServiceCollection AddAssistant(this IServiceCollection services)
    {
        services.AddSingleton<RunningTurns>().AddSingleton<ITurnScheduler, TurnScheduler>().AddSingleton<ITurnDrafts, TurnDrafts>().AddSingleton<IAssistantFaces, AssistantFaces>().AddSingleton<Avatars>();
        services.AddSingleton<TurnSearch>().AddSingleton<TurnLookup>().AddSingleton<NextQuestions>().AddSingleton<QuestionRewriter>().AddSingleton<AnswerWriter>().AddSingleton<AssistantTurn>().AddSingleton<TurnStart>().AddSingleton<TurnDelivery>().AddSingleton<TurnFailure>();
        services.AddSingleton<AskQuestion>().AddSingleton<Assistants>().AddSingleton<Turns>().AddSingleton<TurnSweep>();
        services.AddSingleton(s => new Playground(s.GetRequiredService<AskQuestion>(), s.GetRequiredService<TurnSearch>()));
        services.AddSingleton(s => new TurnWarmup(
            s.GetRequiredService<TenantDb>(), s.GetRequiredService<ActiveTenants>(), s.GetRequiredService<AssistantTurn>(), s.GetRequiredService<EscalationConfiguration>(),
            s.GetRequiredService<KnowledgeSearch>(), s.GetRequiredService<KnowledgeSize>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<TurnWarmup>>()));
        services.AddSchedule(TurnSweep.Name, TurnSweep.Cron, TurnSweep.RunAsync);
        return services.AddJob<TurnJob>(TurnScheduler.Kind);
    }

    /// <summary>Maps the module's endpoints under <c>/v1</c>.</summary>
    public static void MapAssistant(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1").WithTags("Assistant");
        AskQuestion.Map(group);
        Assistants.Map(group);
        Avatars.Map(group);
        GetAssistantTexts.Map(group);
        Turns.Map(group);
    }
}
