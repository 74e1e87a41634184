using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Shouldly;

namespace Parley.Testkit.Faults;

/// <summary>
/// Documents are deleted while customers of two nodes ask about them. A question that was sent after the deletion was acknowledged never
/// quotes the document, on either node; a message that quotes it, asked before, has committed before the deletion did, by the database's own
/// clock of commits.
/// </summary>
public sealed class DeleteFault : IAsyncDisposable
{
    private const int Lanes = 2;

    private const string SourceSql = "select id from documents where source_id = @sourceId order by path";

    /// <summary>Everything that names a deleted document and was committed after it was gone.</summary>
    private const string StaleSql = """
        select r.document_id as document, e.type, m.turn_id as turn
          from document_removals r
          join message_parts p on p.tenant_id = r.tenant_id and p.type = 'quote' and p.content ->> 'documentId' = r.document_id::text
          join messages m on m.tenant_id = p.tenant_id and m.id = p.message_id
          join events e on e.tenant_id = m.tenant_id and e.conversation_id = m.conversation_id and e.seq = m.seq
         where r.document_id = any(@ids) and pg_xact_commit_timestamp(e.xid::text::xid) >= pg_xact_commit_timestamp(r.xmin)
        union all
        select r.document_id, e.type, e.turn_id
          from document_removals r
          join events e on e.tenant_id = r.tenant_id and e.type = 'sources' and e.data::text like '%' || r.document_id || '%'
         where r.document_id = any(@ids) and pg_xact_commit_timestamp(e.xid::text::xid) >= pg_xact_commit_timestamp(r.xmin)
        """;

    private const string QuotedSql = """
        select m.turn_id as turn, p.content ->> 'documentId' as document
          from message_parts p join messages m on m.tenant_id = p.tenant_id and m.id = p.message_id
         where p.type = 'quote' and p.content ->> 'documentId' = any(@ids)
        """;

    private const string RemovedSql = "select count(distinct document_id)::int from document_removals where document_id = any(@ids) and pg_xact_commit_timestamp(xmin) is not null";

    private const string TakenBackSql = "select count(*)::int from events where type = 'replaced' and data ->> 'reason' = 'source_gone'";

    private readonly FaultInstance _instance;
    private readonly Uri[] _nodes;
    private readonly HttpClient[] _keyed;
    private readonly List<FaultCustomer> _customers = [];
    private int _made;
    private TimeSpan _answer;

    private DeleteFault(FaultInstance instance, Uri[] nodes, HttpClient[] keyed) => (_instance, _nodes, _keyed) = (instance, nodes, keyed);

    private sealed record Stale(Guid Document, string Type, Guid? Turn);

    private sealed record Quoted
    {
        public Guid Turn { get; init; }

        public string Document { get; init; } = "";
    }

    /// <summary>A document about one thing, by a name that no other has.</summary>
    private sealed record Thing(int Number, Guid DocumentId)
    {
        internal string Name => NameOf(Number);

        internal string Code => CodeOf(Number);

        internal string Question => $"What is the access code of the {Name} pump?";
    }

    /// <summary>Adds a second node, and lets the database keep the times of its commits.</summary>
    public static async Task<DeleteFault> PrepareAsync(FaultInstance instance)
    {
        await instance.RestartAsync("track_commit_timestamp = on");
        Uri[] nodes = [instance.Address, await instance.AddNodeAsync()];
        HttpClient[] keyed = [.. await Task.WhenAll(nodes.Select(n => instance.KeyedClientAsync(n, "assistant:read", "knowledge:read", "knowledge:write")))];
        return new DeleteFault(instance, nodes, keyed);
    }

    /// <summary>Deletes so many documents, one after another in each of two lanes, then what is left of their source at once.</summary>
    public async Task<FaultRound> RunAsync(Random random, int deletes)
    {
        const int left = 4;
        var (sourceId, things) = await ImportAsync(deletes + left);
        while (_customers.Count < Lanes * 4)
        {
            var customer = await FaultCustomer.StartAsync(_instance, _nodes[_customers.Count % 2]);
            _customers.Add(customer);
            await customer.AskAsync(things[^1].Question); // the first answer of a conversation is slow
            var once = Stopwatch.StartNew();
            await customer.AskAsync(things[^1].Question);
            _answer = once.Elapsed;
        }
        var clock = Stopwatch.StartNew();
        var next = -1;
        var after = new List<(Guid Turn, Guid Document)>();
        var during = new List<(Guid Turn, Guid Document)>();
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(async lane =>
        {
            var own = new Random(random.Next() + lane);
            for (int i; (i = Interlocked.Increment(ref next)) < deletes;)
            {
                var (before, later) = await RaceAsync(things[i], _customers.GetRange(lane * 4, 4), own);
                lock (after)
                {
                    during.AddRange(before.Select(t => (t, things[i].DocumentId)));
                    after.AddRange(later.Select(t => (t, things[i].DocumentId)));
                }
            }
        }));
        var rest = things.Skip(deletes).ToList();
        await DeleteAsync(_keyed[0], $"/v1/knowledge/sources/{sourceId}");
        await Task.WhenAll(rest.Select((thing, i) => AskAfterAsync(thing, _customers[2 * i], _customers[(2 * i) + 1], _keyed, after)));

        var ids = things.Select(t => t.DocumentId).ToArray();
        var deleted = ids[..deletes];
        (await _instance.QueryAsync<int>(RemovedSql, new { ids = deleted })).Single().ShouldBe(deletes, "the database knows when each deletion committed");
        (await _instance.QueryAsync<Stale>(StaleSql, new { ids = deleted })).ShouldBeEmpty("what quotes a document has committed before its deletion");
        var quoted = (await _instance.QueryAsync<Quoted>(QuotedSql, new { ids = ids.Select(id => id.ToString()).ToArray() })).Select(q => (q.Turn, Guid.Parse(q.Document))).ToHashSet();
        after.Where(quoted.Contains).ShouldBeEmpty("a question that was sent after the deletion was acknowledged never quotes the document");
        foreach (var customer in _customers) await customer.ShouldBeExactAsync(_instance);
        await _instance.ShouldComeToRestAsync();
        var met = during.Count(quoted.Contains);
        var back = (await _instance.QueryAsync<int>(TakenBackSql)).Single();
        return FaultRound.Of(
            $"{deletes} documents deleted in {clock.Elapsed.TotalSeconds:0.0} s and {left} with their source; {during.Count} questions in flight, of which {met} were answered from the document before it was gone; {after.Count} messages and {(deletes + left) * 2} playground questions after it on two nodes, 0 stale; {back} drafts taken back so far",
            ("deletes", deletes), ("inFlight", during.Count), ("answeredBefore", met), ("askedAfter", after.Count + ((deletes + left) * 2)), ("stale", 0));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var customer in _customers) await customer.DisposeAsync();
        foreach (var client in _keyed) client.Dispose();
    }

    /// <summary>Two customers ask while it is deleted, two others and both playgrounds once it is.</summary>
    private async Task<(IReadOnlyList<Guid> During, IReadOnlyList<Guid> After)> RaceAsync(Thing thing, List<FaultCustomer> customers, Random random)
    {
        var during = new List<Task<Guid>>();
        foreach (var customer in customers.Take(2))
        {
            during.Add(AskAsync(customer, thing, random.Next(0, 10)));
        }
        // Anywhere between before the question and after its answer: an answer takes longer when several are made.
        await Task.Delay((int)(random.NextDouble() * 3 * _answer.TotalMilliseconds));
        await DeleteAsync(_keyed[random.Next(2)], $"/v1/knowledge/documents/{thing.DocumentId}");
        var after = new List<(Guid Turn, Guid Document)>();
        await AskAfterAsync(thing, customers[2], customers[3], _keyed, after);
        return (await Task.WhenAll(during), [.. after.Select(a => a.Turn)]);
    }

    private static async Task AskAfterAsync(Thing thing, FaultCustomer first, FaultCustomer second, HttpClient[] playgrounds, List<(Guid Turn, Guid Document)> after)
    {
        var asked = new[] { AskAsync(first, thing, 0), AskAsync(second, thing, 0) };
        foreach (var answer in await Task.WhenAll(playgrounds.Select(p => PlaygroundAsync(p, thing)))) answer.ShouldNotContain(thing.Code, Case.Sensitive, "the playground quotes what is deleted");
        foreach (var turn in await Task.WhenAll(asked))
        {
            lock (after) after.Add((turn, thing.DocumentId));
        }
    }

    private static async Task<Guid> AskAsync(FaultCustomer customer, Thing thing, int afterMs)
    {
        await Task.Delay(afterMs);
        await customer.AskAsync(thing.Question);
        return customer.Said[^1].TurnId!.Value;
    }

    /// <summary>The whole answer with all that it shows of its evidence.</summary>
    private static async Task<string> PlaygroundAsync(HttpClient node, Thing thing)
    {
        using var response = await node.PostAsJsonAsync("/v1/assistant/ask", new { question = thing.Question, escalation = false });
        var answer = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(200, answer);
        return answer;
    }

    private async Task DeleteAsync(HttpClient node, string path)
    {
        using var deleted = await _instance.SendAsync(node, new HttpRequestMessage(HttpMethod.Delete, path));
        ((int)deleted.StatusCode).ShouldBe(204, await deleted.Content.ReadAsStringAsync());
    }

    private async Task<(Guid SourceId, IReadOnlyList<Thing> Things)> ImportAsync(int count)
    {
        var numbers = Enumerable.Range(_made, count).ToList();
        _made += count;
        var source = await ImportFault.ImportAsync(_instance, new FaultCorpus([.. numbers.Select(n => ($"{n:000000}.md", Encoding.UTF8.GetBytes(Page(n))))], []));
        var ids = await _instance.QueryAsync<Guid>(SourceSql, new { sourceId = source });
        ids.Count.ShouldBe(count);
        IReadOnlyList<Thing> things = [.. numbers.Zip(ids, (number, id) => new Thing(number, id))];
        (await PlaygroundAsync(_keyed[1], things[^1])).ShouldContain(things[^1].Code, Case.Sensitive, "what is not deleted answers");
        return (source, things);
    }

    private static string Page(int number) => string.Create(CultureInfo.InvariantCulture,
        $"# {NameOf(number)} pump\n\nThe access code of the {NameOf(number)} pump is {CodeOf(number)}.\n\n## Service\n\nThe {NameOf(number)} pump is serviced every {20 + (number % 70)} days.\n");

    /// <summary>Syllables instead of digits, so that it is a word of any language.</summary>
    private static string NameOf(int number)
    {
        string[] first = ["Bra", "Cle", "Dro", "Fli", "Gru", "Kna", "Plo", "Sti", "Tre", "Vla"], then = ["ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "zu"];
        return first[number / 1000 % 10] + then[number / 100 % 10] + then[number / 10 % 10] + then[number % 10] + "x";
    }

    private static string CodeOf(int number) => string.Create(CultureInfo.InvariantCulture, $"Q{number:00000}Z{number * 7919 % 100_000:00000}");
}
