using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Parley.Inference.Accounts;
using Parley.Inference.Batches;
using Parley.Inference.Budget;
using Parley.Inference.Catalogue;
using Parley.Inference.Contracts;
using Parley.Inference.Costs;
using Parley.Inference.Embeddings;
using Parley.Inference.Pipeline;
using Parley.Inference.Providers;
using Parley.Inference.Reranking;
using Parley.Platform.Data;
using Parley.Platform.Jobs;
using Parley.Platform.Schedules;
using Parley.Platform.Secrets;

namespace Parley.Inference;

/// <summary>Models of any provider. The module's two doors.</summary>
public static class InferenceModule
{
    /// <summary>Registers the module.</summary>
    public static IServiceCollection AddInference(this IServiceCollection services, ModelTimeouts? timeouts = null)
    {
        services.TryAddSingleton((timeouts ?? new ModelTimeouts()).Checked());
        // Read now: an operator's mistake must stop the start, not the first answer.
        var catalogue = ModelCatalogue.WithFile(Environment.GetEnvironmentVariable(ModelCatalogue.FileVariable));
        services.TryAddSingleton(catalogue);
        services.AddSingleton<ModelProviders>();
        services.AddSingleton<Budgets>().AddSingleton<BudgetSweep>();
        services.AddSingleton<LateDecisions>().AddHostedService(s => s.GetRequiredService<LateDecisions>());
        services.AddSingleton<Circuits>().AddSingleton<ModelPipeline>();
        services.AddSingleton<InstanceAccounts>().AddSingleton<ModelAccounts>().AddSingleton<AccountChecks>().AddSingleton<ConnectionProbe>();
        services.AddSingleton<AccountsApi>().AddSingleton<ModelSettingsApi>().AddSingleton<CatalogueApi>().AddSingleton<ConnectionTest>();
        services.AddSingleton(s => new InstanceModelAccounts(
            s.GetRequiredService<SystemDb>(), s.GetRequiredService<InstanceAccounts>(), s.GetRequiredService<AccountChecks>(), s.GetRequiredService<InstanceSeal>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<EmbedCalls>().AddSingleton<RerankCalls>();
        services.AddSingleton(s => new ModelGateway(
            s.GetRequiredService<ModelAccounts>(), s.GetRequiredService<ModelPipeline>(), s.GetRequiredService<EmbedCalls>(), s.GetRequiredService<RerankCalls>()));
        services.AddSingleton<BatchMoney>();
        services.AddJob<BatchCollect>(BatchCollect.Kind).AddJob<BatchRun>(BatchRun.Kind).AddJob<BatchAlone>(BatchAlone.Kind).AddJob<BatchDelivery>(BatchDelivery.Kind);
        services.AddSchedule(BatchSchedule.Name, BatchSchedule.Cron, BatchSchedule.RunAsync);
        services.AddSchedule(BatchSchedule.ExpireName, BatchSchedule.ExpireCron, BatchSchedule.ExpireAsync);
        services.AddSchedule(BudgetSweep.Name, BudgetSweep.Cron, BudgetSweep.RunAsync);
        services.AddSchedule(BudgetSweep.ExpireName, BudgetSweep.ExpireCron, BudgetSweep.ExpireAsync);
        return services.AddCosts();
    }

    /// <summary>Maps the module's endpoints.</summary>
    public static void MapInference(this IEndpointRouteBuilder app)
    {
        var models = app.MapGroup("/v1/models").WithTags("Models");
        AccountsApi.Map(models);
        ModelSettingsApi.Map(models);
        CatalogueApi.Map(models);
        ConnectionTest.Map(models);
        app.MapCosts();
    }
}
