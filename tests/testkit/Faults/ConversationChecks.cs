using System.Text.Json;
using Shouldly;

namespace Parley.Testkit.Faults;

/// <summary>What must hold of a conversation at rest, whatever was done to the server meanwhile.</summary>
public static class ConversationChecks
{
    private const string EventsSql = "select seq, type, visibility, turn_id from events where conversation_id = @id order by seq";

    private const string LastSeqSql = "select last_seq from conversations where id = @id";

    private const string SaidSql = """
        select m.id, p.content ->> 'text' as text from messages m join message_parts p on p.tenant_id = m.tenant_id and p.message_id = m.id and p.ordinal = 0
         where m.conversation_id = @id and m.author_kind = 'end_user' order by m.seq
        """;

    private const string AnswersSql = """
        select m.turn_id as turn, string_agg(p.content ->> 'text', E'\n\n' order by p.ordinal) filter (where p.type = 'text') as text
          from messages m join message_parts p on p.tenant_id = m.tenant_id and p.message_id = m.id
         where m.conversation_id = @id and m.turn_id is not null group by m.id, m.turn_id
        """;

    private const string TurnsSql = "select id, state, attempt from turns where conversation_id = @id order by created_at";

    private const string JobsSql = """
        select kind || ' ' || state || coalesce(': ' || last_error, '') from jobs where kind <> 'escalations.timer' and state <> 'scheduled'
        """;

    // What feeds show; the rest is for the ledger.
    private static readonly HashSet<string> Shown = ["accepted", "sources", "replaced", "message", "handoff", "done", "error", "closed", "rated"];

    private sealed record EventRow(long Seq, string Type, string Visibility, Guid? TurnId);

    private sealed record TurnRow(Guid Id, string State, int Attempt);

    /// <summary>Each acknowledged message is stored once and has one answer and one <c>done</c>; numbers have no gap; the feed told each event.</summary>
    public static async Task ShouldBeExactAsync(this FaultCustomer customer, FaultInstance instance)
    {
        var id = customer.Conversation;
        var events = await instance.QueryAsync<EventRow>(EventsSql, new { id });
        var last = (await instance.QueryAsync<long>(LastSeqSql, new { id })).Single();
        events.Select(e => e.Seq).ShouldBe(Numbers(last), $"the numbers of conversation {id} have no gap");
        await customer.ShouldHaveHeardAsync([.. events.Where(e => Shown.Contains(e.Type) && e.Visibility == "public").Select(e => e.Seq)]);

        var said = await instance.QueryAsync<(Guid Id, string Text)>(SaidSql, new { id });
        said.ShouldBe(customer.Said.Select(s => (s.MessageId, s.Text)), $"each acknowledged message of conversation {id} is there once");
        var turns = customer.Said.Select(s => s.TurnId).OfType<Guid>().ToList();
        var answers = (await instance.QueryAsync<(Guid Turn, string Text)>(AnswersSql, new { id })).ToLookup(a => a.Turn, a => a.Text);
        foreach (var turn in turns)
        {
            answers[turn].Count().ShouldBe(1, $"turn {turn} has one answer");
            events.Count(e => e.Type is "done" && e.TurnId == turn).ShouldBe(1, $"turn {turn} is done once");
            if (customer.Drafts.TryGetValue(turn, out var draft)) draft.ShouldBe(answers[turn].Single(), $"the deltas of turn {turn} make its message");
        }
        events.ShouldNotContain(e => e.Type == "error", $"no turn of conversation {id} has failed");
        (await instance.QueryAsync<TurnRow>(TurnsSql, new { id })).ShouldAllBe(t => t.State == "done");
    }

    /// <summary>Nothing is left over: no job runs, waits or was given up.</summary>
    public static Task ShouldComeToRestAsync(this FaultInstance instance) =>
        Patience.EventuallyAsync(async () => (await instance.QueryAsync<string>(JobsSql)).Count == 0, "jobs do not come to rest");

    private static async Task ShouldHaveHeardAsync(this FaultCustomer customer, List<long> stored)
    {
        await Patience.EventuallyAsync(() => Task.FromResult(customer.Heard.Count >= stored.Count), $"the feed lacks events of {JsonSerializer.Serialize(stored)}: {JsonSerializer.Serialize(customer.Heard)}");
        customer.Heard.ShouldBe(stored, "the feed tells each event once and in order");
    }

    private static IEnumerable<long> Numbers(long last)
    {
        for (long n = 1; n <= last; n++) yield return n;
    }
}
