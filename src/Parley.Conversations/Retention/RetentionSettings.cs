namespace Parley.Conversations.Retention;

/// <summary>How long a workspace keeps what it holds about people; a version of the tenant's configuration. Null: as long as the workspace exists.</summary>
/// <param name="ConversationDays">A conversation is deleted this long after it was closed, and a visitor without one after their last visit.</param>
/// <param name="TraceDays">Steps of answers and decisions about models. Never longer than 13 months.</param>
/// <param name="AuditDays">What entries of the audit log hold besides who did what and when: details and network addresses.</param>
internal sealed record RetentionSettings(int? ConversationDays = null, int? TraceDays = null, int? AuditDays = null)
{
    internal const string Kind = "retention";
    internal const int MostDays = 3650;
    internal const int MostTraceDays = 395;

    /// <summary>Whoever may delete everything should be seen to have done it: a year of details at least.</summary>
    internal const int LeastAuditDays = 365;

    /// <summary>What is wrong, by field. Pure.</summary>
    internal Dictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>(StringComparer.Ordinal);
        Check("conversationDays", ConversationDays, 1, MostDays);
        Check("traceDays", TraceDays, 1, MostTraceDays);
        Check("auditDays", AuditDays, LeastAuditDays, MostDays);
        return problems;

        void Check(string field, int? days, int least, int most)
        {
            if (days < least || days > most)
            {
                problems[field] = [$"Give {least} to {most} days, or leave it empty to keep everything."];
            }
        }
    }
}
