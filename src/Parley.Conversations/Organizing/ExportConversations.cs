using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.AgentApi;
using Parley.Conversations.Contracts;
using Parley.Conversations.Search;
using Parley.Conversations.Summaries;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Conversations.Organizing;

/// <summary>What matches a filter: as a table for a spreadsheet, or as JSON Lines with the transcripts, written while it is read.</summary>
internal sealed class ExportConversations(TenantDb db, SearchConversations search, ConversationSummaries summaries, AuditLog audit)
{
    /// <summary>Conversations at most; whoever needs more exports one period after the other.</summary>
    internal const int Most = 100_000;
    private const int AtOnce = 200;
    private const int MessagesAtOnce = 500;

    private const string Header = "id,created_at,updated_at,closed_at,status,handled_by,agent,channel,language,outcome,confidence,rating,tags,customer,email,subject\r\n";

    private const string IdsSql = "select c.id as conversation_id, c.updated_at from conversations c where " + ConversationFilter.Where + """

           and (@afterTime::timestamptz is null or (c.updated_at, c.id) < (@afterTime, @afterId::uuid))
         order by c.updated_at desc, c.id desc limit @fetch
        """;

    internal static void Map(RouteGroupBuilder group) =>
        group.MapGet("/export", async Task<Results<PushStreamHttpResult, ProblemHttpResult>> ([AsParameters] ConversationFilter filter, string? q, string? format, Caller caller, ExportConversations handler, CancellationToken ct) =>
            {
                if (Problem(filter, q, format) is { } wrong)
                {
                    return wrong.ToProblem();
                }
                await handler.RecordAsync(filter, q, format ?? "csv", caller, ct);
                return format == "jsonl"
                    ? TypedResults.Stream(stream => handler.WriteAsync(stream, filter, q, caller.TenantId, transcripts: true, ct), "application/jsonl; charset=utf-8", "conversations.jsonl")
                    : TypedResults.Stream(stream => handler.WriteAsync(stream, filter, q, caller.TenantId, transcripts: false, ct), "text/csv; charset=utf-8", "conversations.csv");
            })
            .WithName("ExportConversations").Produces<string>(StatusCodes.Status200OK, "text/csv").RequirePermission(Permission.ConversationsRead);

    private static Error? Problem(ConversationFilter filter, string? q, string? format) =>
        format is not (null or "csv" or "jsonl") ? Error.Invalid("format", "'format' must be csv or jsonl.")
        : q is { Length: > 200 } || q?.Contains('\0', StringComparison.Ordinal) == true ? Error.Invalid("q", "'q' must be text of at most 200 characters.")
        : filter.Problem();

    /// <summary>Before the first row leaves: who breaks off has some of them. What was searched for may be somebody's name: only that there was something.</summary>
    private Task RecordAsync(ConversationFilter filter, string? q, string format, Caller caller, CancellationToken ct) => db.InTransactionAsync(caller.TenantId, async session =>
    {
        await audit.WriteAsync(session, caller, "conversations.exported", null, null,
            new { format, filter.Status, filter.Outcome, filter.From, filter.To, narrowed = filter.IsAny, searched = !string.IsNullOrWhiteSpace(q) });
        return true;
    }, ct);

    private async Task WriteAsync(Stream stream, ConversationFilter filter, string? q, Guid tenantId, bool transcripts, CancellationToken ct)
    {
        await using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: !transcripts), leaveOpen: true) { NewLine = transcripts ? "\n" : "\r\n" };
        if (!transcripts)
        {
            await writer.WriteAsync(Header);
        }
        PageCursor? after = null;
        for (var written = 0; written < Most;)
        {
            var hits = await NextAsync(tenantId, filter, q, after, Math.Min(AtOnce, Most - written), ct);
            await WriteAsync(writer, tenantId, [.. hits.Select(h => h.ConversationId)], transcripts, ct);
            await writer.FlushAsync(ct);
            written += hits.Count;
            if (hits.Count < AtOnce)
            {
                return;
            }
            after = hits[^1].Position;
        }
    }

    /// <summary>One transaction a part: none is open while who reads takes their time.</summary>
    private async Task WriteAsync(StreamWriter writer, Guid tenantId, Guid[] ids, bool transcripts, CancellationToken ct)
    {
        foreach (var summary in await db.InTransactionAsync(tenantId, s => summaries.ByIdAsync(s, ids), ct))
        {
            await writer.WriteAsync(transcripts
                ? JsonSerializer.Serialize(new { conversation = summary, summary = await db.InTransactionAsync(tenantId, s => WrittenSummaries.ReadAsync(s, summary.Id), ct), messages = await MessagesAsync(tenantId, summary.Id, ct) }, ConversationJson.Options) + "\n"
                : Line(summary));
        }
    }

    private Task<IReadOnlyList<SearchConversations.Hit>> NextAsync(Guid tenantId, ConversationFilter filter, string? q, PageCursor? after, int fetch, CancellationToken ct)
    {
        if (!string.IsNullOrWhiteSpace(q))
        {
            return SearchQuery.Parse(q) is { IsEmpty: false } query ? search.FindAsync(tenantId, filter, query, after, fetch, ct) : Task.FromResult<IReadOnlyList<SearchConversations.Hit>>([]);
        }
        return db.InTransactionAsync(tenantId, s =>
        {
            var args = filter.Args(s);
            args.AddDynamicParams(new { afterTime = after?.At, afterId = after?.Id, fetch });
            return s.QueryAsync<SearchConversations.Hit>(IdsSql, args);
        }, ct);
    }

    private async Task<List<MessageView>> MessagesAsync(Guid tenantId, Guid id, CancellationToken ct)
    {
        var all = new List<MessageView>();
        while (true)
        {
            var part = await db.InTransactionAsync(tenantId, s => MessageReader.AfterAsync(s, id, all.Count == 0 ? 0 : all[^1].Seq, notes: true, MessagesAtOnce), ct);
            all.AddRange(part);
            if (part.Count < MessagesAtOnce)
            {
                return all;
            }
        }
    }

    private static string Line(ConversationSummary c) => string.Join(',', new[]
    {
        c.Id.ToString("D"), At(c.CreatedAt), At(c.UpdatedAt), At(c.ClosedAt), c.Status, c.Owner, c.AgentName, c.Channel, c.Locale, c.Outcome,
        c.Confidence?.ToString(CultureInfo.InvariantCulture), c.Rating?.ToString(CultureInfo.InvariantCulture), string.Join("; ", c.Tags.Select(t => t.Name)), c.EndUser.Name, c.EndUser.Email, c.Subject,
    }.Select(Cell)) + "\r\n";

    private static string? At(DateTimeOffset? at) => at?.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Quoted; a text that a spreadsheet would run as a formula is kept from it. Pure.</summary>
    internal static string Cell(string? text) => string.IsNullOrEmpty(text) ? ""
        : '"' + (text.TrimStart(' ') is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n', ..] ? "'" : "") + text.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
}
