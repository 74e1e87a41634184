using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Conversations.Contracts;
using Parley.Escalations.Contracts;
using Parley.Platform.Jobs;

namespace Parley.Escalations;

/// <summary>Escalation policy, service hours, the queue and the handoff to a person. The module's two doors.</summary>
public static class EscalationsModule
{
    /// <summary>Registers the module.</summary>
    public static IServiceCollection AddEscalations(this IServiceCollection services)
    {
        services.AddSingleton<EscalationSettings>().AddSingleton<HandoffFlow>().AddSingleton<HandoffTasks>().AddSingleton<HandoffItems>();
        services.AddSingleton<Handoffs>().AddSingleton<IHandoffs>(s => s.GetRequiredService<Handoffs>());
        services.AddSingleton(s => new EscalationConfiguration(s.GetRequiredService<EscalationSettings>()));
        services.AddSingleton<ListHandoffs>().AddSingleton<GetHandoff>().AddSingleton<AcceptHandoff>().AddSingleton<TakeOverConversation>()
            .AddSingleton<ReturnHandoff>().AddSingleton<CloseHandoff>().AddSingleton<OfferHandoff>().AddSingleton<SaveEscalationSettings>();
        return services.AddJob<HandoffTimer>(HandoffTimer.Kind);
    }

    /// <summary>Maps the module's endpoints under <c>/v1</c>.</summary>
    public static void MapEscalations(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1").WithTags("Escalations");
        ListHandoffs.Map(group);
        GetHandoff.Map(group);
        AcceptHandoff.Map(group);
        OfferHandoff.Map(group);
        ReturnHandoff.Map(group);
        CloseHandoff.Map(group);
        TakeOverConversation.Map(group);
        EscalationSettings.Map(group);
    }
}
