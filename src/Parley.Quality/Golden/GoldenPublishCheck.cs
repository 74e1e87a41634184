using Parley.Assistant.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Quality.Golden;

/// <summary>
/// Where there are golden questions, what goes live was compared with what is in force, on whichever side of the comparison either stood:
/// the way back to the version before needs no second one. Better or worse: a person decides, having seen it.
/// </summary>
internal sealed class GoldenPublishCheck : IPublishCheck
{
    internal const string ComparedSql = """
        select not exists (select 1 from golden_questions where tenant_id = @tenantId and archived_at is null)
            or exists (select 1 from golden_runs where tenant_id = @tenantId and assistant_id = @assistantId and state = 'done'
                          and ((base_version = @from and candidate_version = @to) or (base_version = @to and candidate_version = @from)))
        """;

    public async Task<Error?> CheckAsync(TenantSession session, Guid assistantId, int from, int? to) =>
        await session.QuerySingleAsync<bool>(ComparedSql, new { tenantId = session.TenantId, assistantId, from, to })
            ? null
            : Error.Conflict("comparison_missing", "Compare it with the version in force on your golden questions first (POST /v1/quality/golden-runs), then publish the compared version; or publish it with withoutComparison.");
}
