using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Assistant;

/// <summary>A turn in a list.</summary>
internal record TurnItem
{
    public Guid Id { get; init; }

    public Guid ConversationId { get; init; }

    public Guid MessageId { get; init; }

    public string State { get; init; } = "";

    public int Attempt { get; init; }

    public string? Outcome { get; init; }

    public double? Confidence { get; init; }

    public string? Tier { get; init; }

    public string? Language { get; init; }

    public string? Intent { get; init; }

    public string? QuestionType { get; init; }

    public string? Sentiment { get; init; }

    /// <summary>Milliseconds by step.</summary>
    public JsonElement Timings { get; init; }

    public string? Error { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FirstTextAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }
}

/// <summary>A turn with what it read, which versions it used and the steps it took: ids, scores and reasons, no texts.</summary>
internal sealed record TurnDetail : TurnItem
{
    public JsonElement Evidence { get; init; }

    public JsonElement Versions { get; init; }

    public decimal Cost { get; init; }

    public IReadOnlyList<TurnStepItem> Steps { get; init; } = [];
}

/// <summary>A step of a turn.</summary>
internal sealed record TurnStepItem
{
    public int Attempt { get; init; }

    public int Ordinal { get; init; }

    public string Name { get; init; } = "";

    public DateTimeOffset StartedAt { get; init; }

    public long DurationUs { get; init; }

    public JsonElement Data { get; init; }
}

/// <summary>The traces of turns.</summary>
internal sealed class Turns(TenantDb db)
{
    private const int Newest = 200;

    private const string Columns =
        "id, conversation_id, message_id, state, attempt, outcome, confidence, tier, language, intent, question_type, sentiment, timings, error, created_at, started_at, first_text_at, finished_at";

    private const string ListSql = $"select {Columns} from turns where tenant_id = @tenantId and conversation_id = @id order by created_at desc, id desc limit @newest";

    private const string GetSql = $"select {Columns}, evidence, versions, cost from turns where tenant_id = @tenantId and id = @id";

    private const string StepsSql = """
        select attempt, ordinal, name, started_at, duration_us, data from turn_steps
         where tenant_id = @tenantId and turn_id = @id order by attempt, ordinal
        """;

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/conversations/{id}/turns", async (Guid id, Caller caller, Turns handler, CancellationToken ct) => (await handler.ListAsync(caller, id, ct)).ToHttp())
            .WithName("ListTurns").RequirePermission(Permission.ConversationsRead);
        app.MapGet("/turns/{id}", async (Guid id, Caller caller, Turns handler, CancellationToken ct) => (await handler.GetAsync(caller, id, ct)).ToHttp())
            .WithName("GetTurn").RequirePermission(Permission.ConversationsRead);
    }

    // A conversation has few turns: the newest ones, oldest first, are all there is to page.
    private Task<Result<Page<TurnItem>>> ListAsync(Caller caller, Guid id, CancellationToken ct) =>
        db.InTransactionAsync<Result<Page<TurnItem>>>(caller.TenantId, async s =>
            await ConversationStore.ReadAsync(s, id) is null
                ? Error.NotFound("conversation")
                : new Page<TurnItem>([.. (await s.QueryAsync<TurnItem>(ListSql, new { tenantId = s.TenantId, id, newest = Newest })).Reverse()], null), ct);

    private Task<Result<TurnDetail>> GetAsync(Caller caller, Guid id, CancellationToken ct) =>
        db.InTransactionAsync<Result<TurnDetail>>(caller.TenantId, async s =>
            await s.QuerySingleOrDefaultAsync<TurnDetail>(GetSql, new { tenantId = s.TenantId, id }) is { } turn
                ? turn with { Steps = await s.QueryAsync<TurnStepItem>(StepsSql, new { tenantId = s.TenantId, id }) }
                : Error.NotFound("turn"), ct);
}
