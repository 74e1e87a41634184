using Parley.Conversations.Contracts;
using Parley.Escalations.Contracts;
using Parley.Platform.Data;

namespace Parley.Escalations;

/// <summary>
/// The task that a handoff leaves where nobody came, so that no request ends in silence: made when the state is reached, taken over by who
/// accepts, ended with the conversation or by the customer who no longer wants a person.
/// </summary>
internal sealed class HandoffTasks(Tasks tasks)
{
    private const string KeeperSql = """
        select user_id from v_members where tenant_id = @tenantId and not disabled and role in ('owner', 'manager')
         order by role = 'owner' desc, created_at, user_id limit 1
        """;

    private static readonly TimeSpan AfterExpiry = TimeSpan.FromHours(24);

    /// <summary>The row with its task, where the state it came to needs one.</summary>
    internal async Task<HandoffRow> FollowAsync(TenantSession s, HandoffRow row, ServiceHours hours, EscalationRules rules, DateTimeOffset now)
    {
        if (row.At is HandoffState.OutOfHours or HandoffState.Expired)
        {
            var due = row.At == HandoffState.Expired ? now + AfterExpiry : hours.NextOpening(now) is { } opening ? opening + TimeSpan.FromMinutes(rules.ExpireMinutes) : now + TimeSpan.FromDays(1);
            if (row.TaskId is { } known)
            {
                await tasks.ChangeAsync(s, known, new TaskChange { Title = HandoffTexts.TaskTitle(row.At), State = TaskState.Open, DueAt = due });
                return row;
            }
            var keeper = await s.QuerySingleOrDefaultAsync<Guid?>(KeeperSql, new { tenantId = s.TenantId });
            return row with { TaskId = await tasks.AddAsync(s, new TaskDraft(HandoffTexts.TaskTitle(row.At)) { ConversationId = row.ConversationId, OwnerId = keeper, DueAt = due }) };
        }
        if (row.TaskId is { } task)
        {
            TaskChange? change = row.At switch
            {
                HandoffState.Accepted => new TaskChange { State = TaskState.InProgress, OwnerId = row.AgentId },
                // By a person who had it, or without one: taken back, or the conversation ended.
                HandoffState.Closed or HandoffState.Returned => new TaskChange { State = row.AcceptedAt is null ? TaskState.Cancelled : TaskState.Done },
                _ => null,
            };
            if (change is not null)
            {
                await tasks.ChangeAsync(s, task, change);
            }
        }
        return row;
    }
}
