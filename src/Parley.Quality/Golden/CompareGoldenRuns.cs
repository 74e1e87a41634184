using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Quality.Golden;

/// <summary>What became of the questions that two runs have in common.</summary>
internal sealed record GoldenMoves
{
    /// <summary>Became right.</summary>
    public int Better { get; init; }

    /// <summary>Became wrong.</summary>
    public int Worse { get; init; }

    /// <summary>Right in both.</summary>
    public int Right { get; init; }

    /// <summary>Wrong in both.</summary>
    public int Wrong { get; init; }

    /// <summary>Asked in the earlier one only.</summary>
    public int OnlyBefore { get; init; }

    /// <summary>Asked in the later one only.</summary>
    public int OnlyAfter { get; init; }
}

/// <summary>Two runs beside each other, by what each of them tried.</summary>
/// <param name="Before">The one it is held against.</param>
/// <param name="After">The other.</param>
/// <param name="Moves">Over all questions.</param>
/// <param name="Items">The questions that both have asked; <c>base</c> is what <paramref name="Before"/> got, <c>candidate</c> what <paramref name="After"/> got.</param>
/// <param name="Next">The cursor of the next page; null: this is the last one.</param>
internal sealed record GoldenRunsCompared(GoldenRunView Before, GoldenRunView After, GoldenMoves Moves, IReadOnlyList<GoldenResultView> Items, string? Next);

/// <summary>
/// Holds any two runs of the history against each other. Nothing is asked again: the same version may answer otherwise after the knowledge
/// has changed, and that is what two runs of it show.
/// </summary>
internal sealed class CompareGoldenRuns(TenantDb db)
{
    internal const string MovesSql = """
        select count(*) filter (where a.correct and not b.correct)::int as better, count(*) filter (where b.correct and not a.correct)::int as worse,
               count(*) filter (where a.correct and b.correct)::int as "right", count(*) filter (where not a.correct and not b.correct)::int as wrong,
               count(*) filter (where a.question_id is null)::int as only_before, count(*) filter (where b.question_id is null)::int as only_after
          from (select question_id, correct from golden_results where tenant_id = @tenantId and run_id = @after and side = 'candidate') a
          full join (select question_id, correct from golden_results where tenant_id = @tenantId and run_id = @before and side = 'candidate') b using (question_id)
        """;

    internal const string ItemsSql = """
        select q.id as question_id, q.question, q.category, q.language, q.expected_outcome, q.expected_answer, q.expected_document_id,
               b.outcome as base_outcome, b.confidence as base_confidence, b.correct as base_correct, b.rank as base_rank, b.answer as base_answer, b.cited as base_cited,
               a.outcome, a.confidence, a.correct, a.rank, a.answer, a.cited
          from golden_results a
          join golden_results b on b.tenant_id = a.tenant_id and b.run_id = @before and b.question_id = a.question_id and b.side = 'candidate'
          join golden_questions q on q.tenant_id = a.tenant_id and q.id = a.question_id
         where a.tenant_id = @tenantId and a.run_id = @after and a.side = 'candidate' and (@last::uuid is null or q.id > @last)
           and (@change::text is null or case when a.correct and not b.correct then 'better' when b.correct and not a.correct then 'worse' when b.correct then 'right' else 'wrong' end = @change)
         order by q.id limit @take
        """;

    internal static void Map(RouteGroupBuilder group) =>
        group.MapGet("/{id:guid}/since/{goldenRunId:guid}", async (Guid id, Guid goldenRunId, string? change, string? cursor, int? limit, Caller caller, CompareGoldenRuns handler, CancellationToken ct) =>
                (await handler.HandleAsync(caller.TenantId, goldenRunId, id, change, cursor, limit, ct)).ToHttp())
            .WithName("CompareGoldenRuns").RequirePermission(Permission.QualityRead);

    private async Task<Result<GoldenRunsCompared>> HandleAsync(Guid tenantId, Guid before, Guid after, string? change, string? cursor, int? limit, CancellationToken ct)
    {
        if (change is not null && !GoldenRuns.Changes.Contains(change))
            return Error.Invalid("change", "Give one of " + string.Join(", ", GoldenRuns.Changes) + ".");
        if (limit is < 1 or > PageQuery.MaxLimit)
            return Error.Invalid("limit", $"Give a number from 1 to {PageQuery.MaxLimit}.");
        Guid? last = Guid.TryParseExact(cursor, "D", out var id) ? id : null;
        if (!string.IsNullOrEmpty(cursor) && last is null)
            return Error.Invalid("cursor", "Give the value of `next` of an earlier answer.");
        var take = limit ?? PageQuery.DefaultLimit;
        return await db.InTransactionAsync<Result<GoldenRunsCompared>>(tenantId, async s =>
        {
            if (await s.QuerySingleOrDefaultAsync<GoldenRunRow>(GoldenRuns.ByIdSql, new { tenantId, id = before }) is not { } earlier
                || await s.QuerySingleOrDefaultAsync<GoldenRunRow>(GoldenRuns.ByIdSql, new { tenantId, id = after }) is not { } later)
                return Error.NotFound("golden run");
            var moves = await s.QuerySingleAsync<GoldenMoves>(MovesSql, new { tenantId, before, after });
            var rows = await s.QueryAsync<GoldenResultRow>(ItemsSql, new { tenantId, before, after, change, last, take = take + 1 });
            IReadOnlyList<GoldenResultView> items = [.. rows.Take(take).Select(r => r.View())];
            return new GoldenRunsCompared(earlier.View(), later.View(), moves, items, rows.Count > take ? items[^1].QuestionId.ToString("D") : null);
        }, ct);
    }
}
