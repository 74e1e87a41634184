using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Quality.Golden;

/// <summary>Holds golden questions against their limits and against what there is, and finds the articles that are named by title.</summary>
internal static class GoldenQuestionCheck
{
    internal static readonly string[] Outcomes = ["answered", "clarified", "abstained", "handed_off", "small_talk"];
    internal static readonly string[] Categories = ["simple", "moderate", "complex", "edge"];
    private static readonly string[] Tiers = ["extractive", "small", "medium", "large"];

    private const int MaxText = 4000, MaxTitle = 1000, MaxTags = 20, MaxTag = 50, MaxLanguage = 35;

    internal const string MissingDocumentsSql = """
        select i.id from unnest(@ids::uuid[]) as i (id) where not exists (select 1 from v_documents d where d.tenant_id = @tenantId and d.document_id = i.id)
        """;

    internal const string TitledSql = """
        select i.title, count(*)::int as documents, min(d.document_id::text)::uuid as document_id
          from unnest(@titles::text[]) as i (title) join v_documents d on d.tenant_id = @tenantId and lower(d.title) = lower(i.title)
         group by i.title
        """;

    internal const string MissingConversationsSql = """
        select i.id from unnest(@ids::uuid[]) as i (id) where not exists (select 1 from v_conversations c where c.tenant_id = @tenantId and c.conversation_id = i.id)
        """;

    /// <summary>The same questions with the ids of their articles; else everything that is wrong, by field.</summary>
    /// <param name="session">Of the tenant.</param>
    /// <param name="items">As they came.</param>
    /// <param name="prefix">Of the list's name in the request; empty: there is one question, and its fields have no prefix.</param>
    internal static async Task<Result<IReadOnlyList<GoldenQuestionRequest>>> OfAsync(TenantSession session, IReadOnlyList<GoldenQuestionRequest> items, string prefix)
    {
        var problems = new Dictionary<string, string[]>();
        string At(int i) => prefix.Length == 0 ? "" : $"{prefix}[{i}].";
        for (var i = 0; i < items.Count; i++)
            Check(items[i], At(i), problems);
        var tenantId = session.TenantId;
        var documents = await session.QueryAsync<Guid>(MissingDocumentsSql, new { tenantId, ids = Distinct(items, i => i.ExpectedDocumentId) });
        var conversations = await session.QueryAsync<Guid>(MissingConversationsSql, new { tenantId, ids = Distinct(items, i => i.SourceConversationId) });
        var titles = items.Where(ByTitle).Select(TitleOf).Distinct().ToArray();
        var titled = titles.Length == 0 ? [] : (await session.QueryAsync<Titled>(TitledSql, new { tenantId, titles })).ToDictionary(t => t.Title);

        var whole = new List<GoldenQuestionRequest>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            if (item.ExpectedDocumentId is { } document && documents.Contains(document))
                problems.TryAdd(At(i) + "expectedDocumentId", ["There is no such document."]);
            if (item.SourceConversationId is { } conversation && conversations.Contains(conversation))
                problems.TryAdd(At(i) + "sourceConversationId", ["There is no such conversation."]);
            if (ByTitle(item))
            {
                var found = titled.GetValueOrDefault(TitleOf(item));
                if (found is not { Documents: 1 })
                    problems.TryAdd(At(i) + "expectedDocument", [found is null ? "There is no document with this title." : $"{found.Documents} documents have this title. Give the id of one."]);
                item = item with { ExpectedDocumentId = found?.DocumentId };
            }
            whole.Add(item);
        }
        return problems.Count > 0 ? Error.Invalid(problems) : whole;
    }

    internal static string OneOf(string[] values) => "Give one of " + string.Join(", ", values) + ".";

    private static bool ByTitle(GoldenQuestionRequest item) => item.ExpectedDocumentId is null && !string.IsNullOrWhiteSpace(item.ExpectedDocument) && !item.ExpectedDocument.Contains('\0');

    private static string TitleOf(GoldenQuestionRequest item) => item.ExpectedDocument!.Trim();

    private static Guid[] Distinct(IReadOnlyList<GoldenQuestionRequest> items, Func<GoldenQuestionRequest, Guid?> of) => [.. items.Select(of).OfType<Guid>().Distinct()];

    private static void Check(GoldenQuestionRequest item, string prefix, Dictionary<string, string[]> problems)
    {
        void Hold(bool holds, string field, string message)
        {
            if (!holds)
                problems.TryAdd(prefix + field, [message]);
        }
        foreach (var (field, text) in new[] { ("question", item.Question), ("expectedAnswer", item.ExpectedAnswer), ("expectedDocument", item.ExpectedDocument), ("tags", string.Concat(item.Tags ?? [])) })
            Hold(text?.Contains('\0') != true, field, "It holds the character U+0000. Send plain text.");
        var answer = !string.IsNullOrEmpty(item.ExpectedAnswer) || item.ExpectedDocumentId is not null || ByTitle(item);
        Hold(!string.IsNullOrWhiteSpace(item.Question) && item.Question.Length <= MaxText, "question", $"Give a question of 1 to {MaxText:N0} characters.");
        Hold(item.ExpectedAnswer is null or { Length: <= MaxText }, "expectedAnswer", $"At most {MaxText:N0} characters.");
        Hold(item.ExpectedDocument is null or { Length: <= MaxTitle }, "expectedDocument", $"At most {MaxTitle:N0} characters.");
        Hold(item.ExpectedOutcome is null || Outcomes.Contains(item.ExpectedOutcome), "expectedOutcome", OneOf(Outcomes));
        Hold(item.ExpectedOutcome is null or "answered" || !answer, "expectedOutcome", "An answer or an article can be expected only of a question that is to be answered.");
        Hold(item.Category is null || Categories.Contains(item.Category), "category", OneOf(Categories));
        Hold(item.Tier is null || Tiers.Contains(item.Tier), "tier", OneOf(Tiers));
        Hold(item.Tags is null || (item.Tags.Count <= MaxTags && item.Tags.All(t => t is { Length: > 0 and <= MaxTag } && !string.IsNullOrWhiteSpace(t))), "tags", $"At most {MaxTags} tags of 1 to {MaxTag} characters.");
        Hold(item.Language is null || (item.Language.Length is > 0 and <= MaxLanguage && item.Language.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')), "language", "Give a language tag such as en or pt-BR.");
    }

    private sealed record Titled
    {
        public string Title { get; init; } = "";
        public int Documents { get; init; }
        public Guid DocumentId { get; init; }
    }
}
