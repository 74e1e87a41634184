using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Quality.Confidence;

/// <summary>What a person says of what the assistant did.</summary>
internal sealed record JudgementView
{
    public Guid TurnId { get; init; }

    /// <summary>The customer's message that it was about.</summary>
    public Guid MessageId { get; init; }

    /// <summary>answered, abstained, clarified, handed_off or small_talk.</summary>
    public string Outcome { get; init; } = "";

    public bool IsRight { get; init; }
    public DateTimeOffset JudgedAt { get; init; }
}

internal sealed record JudgementList(IReadOnlyList<JudgementView> Items);

/// <param name="IsRight">False: a customer should not have been told this, or should have been told more.</param>
internal sealed record JudgeAnswerRequest(bool? IsRight);

/// <summary>People who read a conversation call what the assistant did right or wrong. A calibration learns from the answers.</summary>
internal sealed class Judgements(TenantDb db, AuditLog audit, TimeProvider time)
{
    internal const string TurnSql = "select conversation_id, message_id, outcome, raw_confidence from v_turns where tenant_id = @tenantId and turn_id = @id";

    internal const string JudgeSql = """
        insert into answer_judgements (tenant_id, turn_id, conversation_id, outcome, is_right, raw_confidence, judged_by, judged_at)
        values (@tenantId, @id, @conversationId, @outcome, @isRight, @rawConfidence, @by, @now)
        on conflict (tenant_id, turn_id) do update set is_right = excluded.is_right, judged_by = excluded.judged_by, judged_at = excluded.judged_at
        """;

    internal const string ListSql = """
        select j.turn_id, t.message_id, j.outcome, j.is_right, j.judged_at from answer_judgements j join v_turns t on t.tenant_id = j.tenant_id and t.turn_id = j.turn_id
         where j.tenant_id = @tenantId and j.conversation_id = @id order by j.judged_at desc, j.turn_id limit 1000
        """;

    internal const string ConversationSql = "select conversation_id from v_conversations where tenant_id = @tenantId and conversation_id = @id";

    internal const string DeleteSql = "delete from answer_judgements where tenant_id = @tenantId and turn_id = @id";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/conversations/{id:guid}/judgements", async (Guid id, Caller caller, Judgements handler, CancellationToken ct) => (await handler.ListAsync(id, caller, ct)).ToHttp())
            .WithName("ListJudgements").RequirePermission(Permission.ConversationsRead);
        app.MapPut("/turns/{id:guid}/judgement", async (Guid id, JudgeAnswerRequest request, Caller caller, Judgements handler, CancellationToken ct) =>
                (await handler.JudgeAsync(id, request, caller, ct)).ToHttp())
            .WithName("JudgeAnswer").RequirePermission(Permission.ConversationsWrite);
        app.MapDelete("/turns/{id:guid}/judgement", async (Guid id, Caller caller, Judgements handler, CancellationToken ct) => (await handler.DeleteAsync(id, caller, ct)).ToNoContent())
            .WithName("DeleteJudgement").RequirePermission(Permission.ConversationsWrite);
    }

    private Task<Result<JudgementList>> ListAsync(Guid id, Caller caller, CancellationToken ct) => db.InTransactionAsync<Result<JudgementList>>(caller.TenantId, async s =>
        await s.QuerySingleOrDefaultAsync<Guid?>(ConversationSql, new { tenantId = s.TenantId, id }) is null
            ? Error.NotFound("conversation")
            : new JudgementList(await s.QueryAsync<JudgementView>(ListSql, new { tenantId = s.TenantId, id })), ct);

    private async Task<Result<JudgementView>> JudgeAsync(Guid id, JudgeAnswerRequest request, Caller caller, CancellationToken ct)
    {
        if (request.IsRight is not { } isRight)
            return Error.Invalid("isRight", "Say true or false.");
        return await db.InTransactionAsync<Result<JudgementView>>(caller.TenantId, async s =>
        {
            if (await s.QuerySingleOrDefaultAsync<TurnRow>(TurnSql, new { tenantId = s.TenantId, id }) is not { } turn)
                return Error.NotFound("turn");
            if (turn.Outcome is null)
                return Error.Conflict("not_finished", "The assistant has not finished this answer.");
            var now = time.GetUtcNow();
            await s.ExecuteAsync(JudgeSql, new
            {
                tenantId = s.TenantId, id, turn.ConversationId, turn.Outcome, isRight, turn.RawConfidence, by = caller.Kind == CallerKind.User ? caller.Id : (Guid?)null, now,
            });
            await audit.WriteAsync(s, caller, "quality.answer.judged", "turn", id.ToString("D"), new { isRight });
            return new JudgementView { TurnId = id, MessageId = turn.MessageId, Outcome = turn.Outcome, IsRight = isRight, JudgedAt = now };
        }, ct);
    }

    private Task<Result<bool>> DeleteAsync(Guid id, Caller caller, CancellationToken ct) => db.InTransactionAsync<Result<bool>>(caller.TenantId, async s =>
    {
        if (await s.ExecuteAsync(DeleteSql, new { tenantId = s.TenantId, id }) == 0)
            return Error.NotFound("judgement");
        await audit.WriteAsync(s, caller, "quality.answer.unjudged", "turn", id.ToString("D"));
        return true;
    }, ct);

    private sealed record TurnRow
    {
        public Guid ConversationId { get; init; }
        public Guid MessageId { get; init; }
        public string? Outcome { get; init; }
        public double? RawConfidence { get; init; }
    }
}
