using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Assistant.Analysis;
using Parley.Assistant.Contracts;
using Parley.Conversations.Contracts;
using Parley.Escalations.Contracts;
using Parley.Inference.Contracts;
using Parley.Knowledge.Analysis;
using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Search;
using Parley.Platform.Authorization;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Assistant;

/// <summary>Answers a question outside any conversation, with everything the turn saw: the playground and <c>parley ask</c>.</summary>
internal sealed class AskQuestion(TenantDb db, AssistantTurn turn, ConfigurationStore configurations, EscalationConfiguration escalations, TimeProvider time)
{
    private const int MaxLength = 8_000;
    private const int MaxLanguage = 35;

    private const string DefaultAssistantSql = "select assistant_id as id, name from v_assistants where tenant_id = @tenantId and is_default";

    private const string AssistantSql = "select assistant_id as id, name from v_assistants where tenant_id = @tenantId and assistant_id = @id";

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/assistant/ask", async (AskRequest request, Caller caller, AskQuestion handler, CancellationToken ct) =>
                (await handler.HandleAsync(caller.TenantId, request with { Models = request.Models ?? true }, ct)).ToHttp())
            .WithName("Ask").RequirePermission(Permission.AssistantRead);

    internal async Task<Result<AskAnswer>> HandleAsync(Guid tenantId, AskRequest request, CancellationToken ct, int? profileVersion = null)
    {
        if (Check(request) is { } error)
        {
            return error;
        }
        var trace = new TurnTrace(time);
        var traceId = Guid.CreateVersion7(time.GetUtcNow());
        if (!(await BeginAsync(tenantId, traceId, request, profileVersion ?? request.ProfileVersion, ct)).TryGet(out var question, out var missing))
        {
            return missing;
        }
        var prepared = await turn.WriteAsync(await turn.PrepareAsync(question, trace, ct), live: null, trace, ct);
        var (result, evidence) = await db.InTransactionAsync(tenantId, async s =>
        {
            var concluded = await AssistantTurn.ConcludeAsync(s, prepared, trace);
            var chunks = prepared.Retrieval?.Chunks ?? [];
            return (concluded, await EvidenceReader.ReadAsync(s, [.. chunks.Select(c => (c.Id, c.Version))]));
        }, ct);
        return AskAnswer.Of(request.Question!, prepared, result, evidence, trace, traceId);
    }

    private Task<Result<TurnQuestion>> BeginAsync(Guid tenantId, Guid traceId, AskRequest request, int? profileVersion, CancellationToken ct) =>
        db.InTransactionAsync<Result<TurnQuestion>>(tenantId, async s =>
        {
            var assistant = request.AssistantId is { } id
                ? await s.QuerySingleOrDefaultAsync<AssistantRow>(AssistantSql, new { tenantId, id })
                : await s.QuerySingleOrDefaultAsync<AssistantRow>(DefaultAssistantSql, new { tenantId });
            if (assistant is null && request.AssistantId is not null)
            {
                return Error.Invalid("assistantId", "There is no such assistant.");
            }
            var published = assistant is null ? null
                : profileVersion is { } version ? await configurations.VersionAsync<AssistantProfile>(s, AssistantProfile.Kind, assistant.Id, version) is { } body ? new Published<AssistantProfile>(version, body) : null
                : await configurations.PublishedAsync<AssistantProfile>(s, AssistantProfile.Kind, assistant.Id);
            if (profileVersion is > 0 && published is null)
            {
                return Error.Invalid("profileVersion", "There is no such version.");
            }
            var (rules, rulesVersion) = await escalations.RulesAsync(s);
            var calibration = await configurations.PublishedAsync<Calibration>(s, Calibration.Kind, s.TenantId);
            return new TurnQuestion
            {
                TenantId = tenantId,
                UsesModels = request.Models == true && await configurations.PublishedAsync<ModelSettings>(s, ModelSettings.Kind, tenantId) is { Body.Choices.Count: > 0 },
                Messages = [request.Question!], Profile = Profile(request, published?.Body ?? new AssistantProfile()), ProfileVersion = published?.Version ?? 0,
                History = [.. (request.History ?? []).Select(h => new HistoryTurn(h.Role == "customer" ? TurnAuthor.Customer : TurnAuthor.Assistant, h.Text!))],
                Rules = request.Escalation == false ? null : rules, RulesVersion = rulesVersion, Calibration = calibration?.Body ?? Calibration.Shipped, CalibrationVersion = calibration?.Version ?? 0, Explain = true,
                // Vectors and rerankers are paid, too, and are not the same from one run to the next.
                Who = request.Models == true ? new Spender { TenantId = tenantId, Feature = ModelFeature.Answer, AssistantId = assistant?.Id, TurnId = traceId, Tally = new Tally() } : null,
                Filter = new RetrievalFilter { Language = request.Filters?.Language, UpdatedSince = request.Filters?.UpdatedSince, SourceIds = request.Filters?.SourceIds is { Count: > 0 } sources ? sources.ToHashSet() : null },
            };
        }, ct);

    private static AssistantProfile Profile(AskRequest request, AssistantProfile published) =>
        request.Threshold is { } threshold ? published with { Threshold = threshold } : published;

    private static Error? Check(AskRequest request)
    {
        var problems = new Dictionary<string, string[]>();
        if (string.IsNullOrWhiteSpace(request.Question))
        {
            problems["question"] = ["'question' is empty. Ask something."];
        }
        else if (request.Question.Length > MaxLength)
        {
            problems["question"] = [$"'question' has {request.Question.Length} characters; at most {MaxLength} are allowed."];
        }
        else if (request.Question.Contains('\0'))
        {
            problems["question"] = ["'question' holds the character U+0000. Send plain text."];
        }
        if (request.Filters?.Language is { } language && (language.Length > MaxLanguage || !language.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')))
        {
            problems["filters.language"] = ["Give a language tag such as en or pt-BR."];
        }
        if (request.History is { } history && (history.Count > AskRequest.MaxHistory || history.Any(h => h is null || h.Role is not ("customer" or "assistant") || h.Text is not { Length: > 0 and <= MaxLength })))
        {
            problems["history"] = [$"At most {AskRequest.MaxHistory} entries, each with the role customer or assistant and a text of 1 to {MaxLength} characters."];
        }
        if (request.ProfileVersion is < 0)
        {
            problems["profileVersion"] = ["Give a saved version, 0 for the shipped profile, or leave it out for the one in force."];
        }
        if (request.Threshold is not (null or (>= 0 and <= 1)))
        {
            problems["threshold"] = ["Between 0 and 1, or leave it out for the assistant's own."];
        }
        return problems.Count > 0 ? Error.Invalid(problems) : null;
    }

    private sealed record AssistantRow
    {
        public Guid Id { get; init; }

        public string Name { get; init; } = "";
    }
}
