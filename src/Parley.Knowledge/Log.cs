using Microsoft.Extensions.Logging;

namespace Parley.Knowledge;

/// <summary>Ids, counts and times; never a title, a path or a text.</summary>
internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Information, "Import {ImportId} finished: {Added} added, {Changed} changed, {Unchanged} unchanged, {Removed} removed, {Failed} failed in {Elapsed}")]
    internal static partial void ImportFinished(this ILogger log, Guid importId, int added, int changed, int unchanged, int removed, int failed, TimeSpan elapsed);

    [LoggerMessage(3002, LogLevel.Error, "Import {ImportId} failed on attempt {Attempt}")]
    internal static partial void ImportFailed(this ILogger log, Guid importId, int attempt, Exception e);

    [LoggerMessage(3003, LogLevel.Warning, "A batch of import {ImportId} was refused by the database ({SqlState}); its files are written one by one")]
    internal static partial void BatchRefused(this ILogger log, Guid importId, string sqlState);

    [LoggerMessage(3004, LogLevel.Error, "Crawl {CrawlId} failed on attempt {Attempt}")]
    internal static partial void CrawlFailed(this ILogger log, Guid crawlId, int attempt, Exception e);

    [LoggerMessage(3005, LogLevel.Information, "Crawl {CrawlId} ended: {Pages} pages to read, {Failed} failed, {Gone} gone")]
    internal static partial void CrawlEnded(this ILogger log, Guid crawlId, int pages, int failed, int gone);

    [LoggerMessage(3006, LogLevel.Warning, "A reader ended before its file did ({Kill}); it held at most {PeakBytes} bytes")]
    internal static partial void ReaderEnded(this ILogger log, Parsing.ParseKill kill, long peakBytes);

    [LoggerMessage(3007, LogLevel.Information, "Knowledge of tenant {TenantId} reviewed: {Passages} passages, {Findings} findings in {Elapsed}")]
    internal static partial void KnowledgeReviewed(this ILogger log, Guid tenantId, int passages, int findings, TimeSpan elapsed);

    [LoggerMessage(3008, LogLevel.Error, "Source {SourceId} is due and could not be started")]
    internal static partial void SourceNotStarted(this ILogger log, Guid sourceId, Exception e);

    [LoggerMessage(3010, LogLevel.Information, "Index of tenant {TenantId} built: {Documents} documents, {Chunks} chunks, {Bytes} bytes in {Elapsed}")]
    internal static partial void IndexBuilt(this ILogger log, Guid tenantId, int documents, int chunks, long bytes, TimeSpan elapsed);

    [LoggerMessage(3011, LogLevel.Debug, "Index of tenant {TenantId} brought to change {ChangeNumber}: {Changed} changed, {Removed} removed in {Elapsed}")]
    internal static partial void IndexRefreshed(this ILogger log, Guid tenantId, long changeNumber, int changed, int removed, TimeSpan elapsed);

    [LoggerMessage(3012, LogLevel.Information, "Index of tenant {TenantId} left memory")]
    internal static partial void IndexEvicted(this ILogger log, Guid tenantId);

    [LoggerMessage(3013, LogLevel.Error, "The index of tenant {TenantId} could not be brought up to date; the older one serves on")]
    internal static partial void IndexFailed(this ILogger log, Guid tenantId, Exception e);

    [LoggerMessage(3030, LogLevel.Information, "All passages of tenant {TenantId} have vectors of {Dimensions} numbers")]
    internal static partial void VectorsComplete(this ILogger log, Guid tenantId, int dimensions);

    [LoggerMessage(3031, LogLevel.Warning, "No vectors are made for tenant {TenantId} for now: {Reason}")]
    internal static partial void VectorsHalted(this ILogger log, Guid tenantId, string reason);

    [LoggerMessage(3032, LogLevel.Warning, "The model does not take passage {ChunkId} ({Fault}); it is found by its words")]
    internal static partial void PassageRefused(this ILogger log, Guid chunkId, Inference.Contracts.ModelFault fault);

    [LoggerMessage(3033, LogLevel.Error, "The vectors of tenant {TenantId} are due and could not be begun")]
    internal static partial void VectorsNotStarted(this ILogger log, Guid tenantId, Exception e);

    [LoggerMessage(3034, LogLevel.Error, "A question's vector could not be had; its words rank alone")]
    internal static partial void QuestionVectorFailed(this ILogger log, Exception e);

    [LoggerMessage(3035, LogLevel.Error, "Passages could not be reranked; they stay in the order found")]
    internal static partial void RerankFailed(this ILogger log, Exception e);

    [LoggerMessage(3020, LogLevel.Information, "The guides of the demo tenant are imported")]
    internal static partial void GuidesImported(this ILogger log);

    [LoggerMessage(3021, LogLevel.Debug, "How far the indexes are behind could not be read; trying again")]
    internal static partial void IndexLagUnknown(this ILogger log, Exception e);
}
