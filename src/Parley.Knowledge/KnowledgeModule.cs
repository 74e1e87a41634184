using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Parley.Knowledge.Articles;
using Parley.Knowledge.Documents;
using Parley.Knowledge.Imports;
using Parley.Knowledge.Parsing;
using Parley.Knowledge.Review;
using Parley.Knowledge.Search;
using Parley.Knowledge.Sources;
using Parley.Knowledge.Vectors;
using Parley.Knowledge.Websites;
using Parley.Platform.Feed;
using Parley.Platform.Jobs;
using Parley.Platform.Schedules;

namespace Parley.Knowledge;

/// <summary>Sources, imports, documents, the index and its search. The module's two doors.</summary>
public static class KnowledgeModule
{
    /// <summary>Registers the module.</summary>
    public static IServiceCollection AddKnowledge(this IServiceCollection services, KnowledgeOptions? options = null)
    {
        services.TryAddSingleton(options ?? new KnowledgeOptions());
        services.AddSingleton<KnowledgeChanges>().AddSingleton<KnowledgeWork>().AddSingleton<StoredFiles>().AddSingleton<KnowledgeSize>();
        services.AddSingleton<ListSources>().AddSingleton<ChangeSource>().AddSingleton<DeleteSource>();
        services.AddSingleton<CreateImport>().AddSingleton<UploadFiles>().AddSingleton<StartImport>().AddSingleton<CancelImport>().AddSingleton<GetImports>();
        services.AddSingleton<ListDocuments>().AddSingleton<GetDocument>().AddSingleton<DeleteDocument>();
        services.TryAddSingleton(new ParseLimits());
        services.AddSingleton<DocumentParser>().AddSingleton<ImportWriter>().AddSingleton<ImportEnd>().AddSingleton<RunFailures>();
        services.AddSingleton<IndexLoader>().AddSingleton<LocalImport>().AddSingleton<DemoKnowledge>();
        services.AddSingleton<EmbeddingSets>().AddSingleton<VectorLoader>().AddSingleton<VectorRuns>().AddSingleton<QuestionVectors>().AddSingleton<PassageReranker>().AddSingleton<HybridSearch>().AddSingleton<RetrievalApi>();
        services.AddJob<EmbedJob>(EmbedJob.JobKind);
        services.AddSchedule(VectorRuns.Schedule, VectorRuns.Cron, (provider, ct) => provider.GetRequiredService<VectorRuns>().StartDueAsync(ct));
        services.AddSingleton(s => new KnowledgeSearch(s.GetRequiredService<IndexLoader>(), s.GetRequiredService<VectorLoader>(), s.GetRequiredService<HybridSearch>(), s.GetRequiredService<KnowledgeOptions>(),
            s.GetRequiredService<FeedHub>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<KnowledgeSearch>>()));
        services.AddSingleton<PageFetcher>().AddSingleton<CrawlStore>().AddSingleton<CrawlEnd>().AddSingleton<SourceRuns>();
        services.AddSingleton<AddWebsite>().AddSingleton<ChangeWebsite>().AddSingleton<PreviewWebsite>().AddSingleton<GetCrawl>().AddSingleton<ListWebPages>().AddSingleton<RunWebsite>();
        services.AddSingleton<Collections>().AddSingleton<CreateArticle>().AddSingleton<ListArticles>().AddSingleton<SaveArticle>().AddSingleton<PublishArticle>();
        services.AddSingleton<ListFindings>().AddSingleton<DocumentVersions>();
        services.AddJob<ReviewJob>(ReviewJob.JobKind);
        services.AddJob<ArticleSync>(ArticleSync.JobKind);
        services.AddJob<CrawlJob>(CrawlJob.JobKind);
        services.AddSchedule(SourceRuns.Schedule, SourceRuns.Cron, (provider, ct) => provider.GetRequiredService<SourceRuns>().StartDueAsync(ct));
        services.AddHostedService<IndexLag>();
        services.AddJob<ImportJob>(ImportJob.JobKind);
        services.AddJob<RemoveSourceJob>(RemoveSourceJob.JobKind);
        services.AddJob<KnowledgeUpkeep>(KnowledgeUpkeep.Kind).AddTenantSchedule(KnowledgeUpkeep.Kind.Name, KnowledgeUpkeep.Cron, KnowledgeUpkeep.Kind);
        services.AddFeedSource<ImportFeed>();
        return services;
    }

    /// <summary>Maps the module's endpoints under <c>/v1</c>.</summary>
    public static void MapKnowledge(this IEndpointRouteBuilder app)
    {
        var knowledge = app.MapGroup("/v1/knowledge").WithTags("Knowledge");
        ListSources.Map(knowledge);
        ChangeSource.Map(knowledge);
        DeleteSource.Map(knowledge);
        CreateImport.Map(knowledge);
        UploadFiles.Map(knowledge);
        StartImport.Map(knowledge);
        CancelImport.Map(knowledge);
        GetImports.Map(knowledge);
        ListDocuments.Map(knowledge);
        GetDocument.Map(knowledge);
        DeleteDocument.Map(knowledge);
        ListFindings.Map(knowledge);
        DocumentVersions.Map(knowledge);
        Collections.Map(knowledge);
        CreateArticle.Map(knowledge);
        ListArticles.Map(knowledge);
        SaveArticle.Map(knowledge);
        PublishArticle.Map(knowledge);
        AddWebsite.Map(knowledge);
        ChangeWebsite.Map(knowledge);
        PreviewWebsite.Map(knowledge);
        GetCrawl.Map(knowledge);
        ListWebPages.Map(knowledge);
        RunWebsite.Map(knowledge);
        RetrievalApi.Map(knowledge);
        GetDocument.MapWidget(app.MapGroup("/v1").WithTags("Knowledge"));
    }
}
