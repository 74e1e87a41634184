using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Parley.Inference.Batches;
using Parley.Platform;
using Parley.Platform.Data;

namespace Parley.Inference.Contracts;

/// <summary>Work for a chat model that may wait a day.</summary>
/// <param name="Who">Who pays, for what.</param>
/// <param name="Handler">Who gets the answer: a name given to <see cref="BatchRegistrations.AddBatchHandler{T}"/>.</param>
/// <param name="SubjectId">What it is about, in the handler's words.</param>
/// <param name="Messages">What is asked. Texts and images; kept until the answer is there, and erased with the conversation or the customer that <paramref name="Who"/> names.</param>
/// <param name="Options">Without tools, which nobody would be there to run.</param>
public sealed record BatchRequest(Spender Who, string Handler, Guid SubjectId, IReadOnlyList<ChatMessage> Messages, ChatOptions? Options = null);

/// <summary>How it ended.</summary>
public sealed record BatchOutcome
{
    /// <summary>Of the piece of work; the same at every try to hand it over, and the id of the paid call (<c>usage.call_id</c>).</summary>
    public Guid Id { get; init; }

    /// <inheritdoc cref="BatchRequest.SubjectId"/>
    public Guid SubjectId { get; init; }

    /// <summary>The answer; null: it failed for good.</summary>
    public string? Text { get; init; }

    /// <summary>Why it failed: a <see cref="ModelFault"/>, <c>budget</c>, <c>no_model</c>, <c>expired</c> or <c>lost</c>; null: it did not.</summary>
    public string? Fault { get; init; }

    /// <summary>The kind of provider that answered.</summary>
    public string? Provider { get; init; }

    /// <summary>The model that answered.</summary>
    public string? Model { get; init; }

    /// <summary>What the answer was billed; null: not known.</summary>
    public ModelUsage? Usage { get; init; }

    /// <summary>In dollars; null: not known.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Whether it came at the lane's lower price; false: the model has no such lane and was asked by itself.</summary>
    public bool Batched { get; init; }
}

/// <summary>Takes answers of the batch lane.</summary>
public interface IBatchHandler
{
    /// <summary>
    /// Stores what came of it, in a transaction that also deletes it from the lane: it happens once. Throw to be asked again later. Called with every outcome, failures
    /// too, but not where the conversation or customer was erased meanwhile.
    /// </summary>
    Task HandleAsync(TenantSession session, BatchOutcome outcome);
}

/// <summary>The door to the batch lane.</summary>
public sealed class BatchWork
{
    /// <summary>Where a caller sets no limit there would be no worst case.</summary>
    private const int DefaultOutput = 1024;

    internal const string AddSql = """
        with item as (
          insert into batch_items (tenant_id, id, handler, subject_id, feature, service, assistant_id, conversation_id, end_user_id, turn_id, anonymous, created_at, waits_from)
          values (@tenantId, @id, @handler, @subjectId, @feature, @service, @assistantId, @conversationId, @endUserId, @turnId, @anonymous, @now, @now) returning id)
        insert into batch_contents (tenant_id, item_id, request) select @tenantId, id, @request from item
        """;

    internal const string ChosenSql = """
        select exists (select 1 from published_configurations p join configurations c using (tenant_id, kind, subject_id, version)
          where p.tenant_id = @tenantId and p.kind = 'models' and p.subject_id = @tenantId and c.body -> 'choices' @> jsonb_build_array(jsonb_build_object('feature', @feature::text)))
        """;

    private readonly HashSet<string> _handlers;
    private readonly TimeProvider _time;

    internal BatchWork(IEnumerable<BatchHandlerRegistration> handlers, TimeProvider time) => (_handlers, _time) = ([.. handlers.Select(each => each.Name)], time);

    /// <summary>Whether the tenant has chosen a model for a feature; work for one without waits until it is given up.</summary>
    public static Task<bool> IsChosenAsync(TenantSession session, string feature) => session.QuerySingleAsync<bool>(ChosenSql, new { tenantId = session.TenantId, feature });

    /// <summary>Adds a piece of work with the caller's commit. Returns its id.</summary>
    public async Task<Guid> AddAsync(TenantSession session, BatchRequest request)
    {
        var who = request.Who;
        if (!_handlers.Contains(request.Handler) || who.TenantId != session.TenantId || request.Messages.Count == 0 || request.Options?.Tools is { Count: > 0 } || ModelFeature.KindOf(who.Feature) != ModelKind.Chat)
        {
            throw new ArgumentException("Give messages without tools, a chat feature, the session's tenant and a registered handler.", nameof(request));
        }
        var (id, options) = (Ids.New(_time), request.Options?.Clone() ?? new ChatOptions());
        options.MaxOutputTokens ??= DefaultOutput;
        await session.ExecuteAsync(AddSql, new
        {
            tenantId = session.TenantId, id, request.Handler, request.SubjectId, who.Feature, who.Service, who.AssistantId, who.ConversationId, who.EndUserId, who.TurnId, who.Anonymous,
            now = _time.GetUtcNow(), request = JsonSerializer.Serialize(new StoredRequest(request.Messages, options), StoredRequest.Json),
        });
        return id;
    }
}

/// <summary>Registration.</summary>
public static class BatchRegistrations
{
    /// <summary>Lets a handler take the answers to work that names it. It is created in a scope of its own for each.</summary>
    public static IServiceCollection AddBatchHandler<T>(this IServiceCollection services, string name)
        where T : class, IBatchHandler
    {
        services.AddScoped<T>();
        services.TryAddSingleton(s => new BatchWork(s.GetServices<BatchHandlerRegistration>(), s.GetRequiredService<TimeProvider>()));
        return services.AddSingleton(new BatchHandlerRegistration(name, typeof(T)));
    }
}
