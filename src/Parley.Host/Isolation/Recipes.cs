using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Host.Isolation;

/// <summary>What a request to an endpoint needs that its signature does not tell. Most endpoints need none.</summary>
internal sealed record Recipe
{
    /// <summary>Properties of the body, set over the generated ones; null leaves one out.</summary>
    internal Func<Attempt, CancellationToken, Task<JsonObject>>? Fields { get; init; }

    /// <summary>Brings the things whose ids are used into the state that the endpoint needs.</summary>
    internal Func<Party, IReadOnlyDictionary<string, string>, CancellationToken, Task>? Prepare { get; init; }

    /// <summary>An opaque handler's own places for ids; empty says that it reads none.</summary>
    internal IReadOnlyList<Slot>? Slots { get; init; }

    /// <summary>Values of parameters that name nothing of a tenant.</summary>
    internal IReadOnlyDictionary<string, string> Texts { get; init; } = new Dictionary<string, string>();

    /// <summary>What else the query needs.</summary>
    internal string? Query { get; init; }

    /// <summary>The answer does not end by itself.</summary>
    internal bool Streams { get; init; }

    /// <summary>Its body is a form with files.</summary>
    internal bool TakesFiles { get; init; }

    /// <summary>Hands out rights, which nobody may beyond their own: a key with the one permission alone is rightly refused.</summary>
    internal bool GrantsRights { get; init; }

    /// <summary>Other statuses than 2xx that are a success here.</summary>
    internal IReadOnlyList<int> AlsoFine { get; init; } = [];

    internal static Recipe None { get; } = new();

    /// <summary>An opaque handler that reads no ids from the request.</summary>
    internal static Recipe ReadsNoIds { get; } = new() { Slots = [] };
}

/// <summary>One request about to be made.</summary>
/// <param name="Case">To which endpoint.</param>
/// <param name="Mine">Whose things it uses.</param>
/// <param name="Email">The address of who makes it, where it is a person.</param>
internal sealed record Attempt(EndpointCase Case, Party Mine, string? Email);

/// <summary>The recipes by endpoint name.</summary>
internal sealed class Recipes(ProofClient client, Party inviter)
{
    /// <summary>The password of every person the proof makes.</summary>
    internal const string Password = "isolation proof 1234";

    /// <summary>The smallest picture that an assistant may have, and a brand too: one colour, 16 × 16 pixels.</summary>
    internal const string Picture = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFUlEQVR42mNgKK4gDY1qGNUwfDUAAHgZ6wGya4DVAAAAAElFTkSuQmCC";

    private const int Redirect = 302;
    private const int NotBuilt = 503;
    private const int NotFound = 404;
    private const int NotValid = 400;
    private const int NotNow = 409;

    private static readonly Dictionary<string, string> FirstEnglish = new() { ["locale"] = "en", ["version"] = "1" };
    private static readonly Slot FrameKey = new(SlotPlace.Query, "key", Kinds.WidgetKey);

    internal Recipe Of(EndpointCase endpoint) => endpoint.Name switch
    {
        "SignIn" => new() { Slots = [], Fields = (attempt, _) => Set(("email", attempt.Email), ("password", Password)) },
        "ChangePassword" => new() { Slots = [], Fields = (_, _) => Set(("current", Password), ("next", Password + "5")) },
        "AcceptInvitation" => new() { Slots = [], Fields = async (attempt, ct) => new JsonObject { ["code"] = await inviter.InviteAsync(attempt.Email!, ct) } },
        // What they need first, a code that only an authenticator knows, is no id of anybody's.
        "BeginSecondFactor" => new() { Slots = [], Fields = (_, _) => Set(("password", Password)) },
        "ConfirmSecondFactor" or "ReplaceRecoveryCodes" or "DisableSecondFactor" => new() { Slots = [], Fields = (_, _) => Set(("password", Password), ("passcode", "123456")), AlsoFine = [NotNow] },
        "UsePasswordLink" => new() { Slots = [], Fields = (_, _) => Set(("link", "pw_unknown"), ("password", Password)), AlsoFine = [NotValid] },
        "ChangeProfile" => new() { Slots = [], Fields = (_, _) => Set(("name", "Isolation proof")) },
        "GetSecondFactor" or "ListOwnSessions" or "EndOtherSessions" => Recipe.ReadsNoIds,
        // Of one's own only; that nobody else's can be named has a test of its own.
        "EndOwnSession" => new() { Slots = [], Texts = new Dictionary<string, string> { ["id"] = "00000000-0000-7000-8000-000000000000" }, AlsoFine = [NotFound] },
        "ResetMemberSecondFactor" => new() { GrantsRights = true, AlsoFine = [NotNow] },
        "MakePasswordLink" => new() { GrantsRights = true },
        "CreateRole" or "ChangeRole" => new() { Slots = [], GrantsRights = true, Fields = (attempt, _) => Set(("name", attempt.Mine.NewEmail()), ("permissions", new JsonArray("members:read")), ("requiresSecondFactor", false)) },
        "DeleteRole" => new() { GrantsRights = true },
        "ListAudit" or "ExportAudit" => new() { Texts = new Dictionary<string, string> { ["action"] = "member.", ["q"] = "member" } },
        "GetSession" or "SignOut" or "SwitchTenant" => Recipe.ReadsNoIds,
        "AddMember" or "ChangeMember" or "RemoveMember" or "ResetMemberPassword" or "InviteMember" or "CreateApiKey" => new() { GrantsRights = true },
        // Only somebody's own server can make an identity token; that nobody else's is taken has tests of its own.
        "StartWidgetSession" => new() { Slots = [], Fields = (_, _) => Set(("identity", null)) },
        "CheckSite" => new() { Slots = [], Fields = (attempt, _) => Set(("url", attempt.Mine.NewWebhookUrl())) },
        // No profile of the proof shows a picture: the widget is found, the picture is not.
        "GetWidgetAvatar" => new() { Slots = [FrameKey], Query = "picture=" + Guid.Empty.ToString("N"), AlsoFine = [NotFound] },
        "AddAssistantAvatar" => new() { Fields = (_, _) => Set(("data", Picture)) },
        "GetAssistantTexts" or "GetAssistantAvatar" => Recipe.ReadsNoIds,
        "GetWidgetConfig" or "Metrics" => Recipe.ReadsNoIds,
        "AddWebsite" or "PreviewWebsite" or "ChangeWebsite" => new()
        {
            Fields = (attempt, _) => Set(("url", attempt.Mine.RefusedAddress()), ("scope", "site"), ("include", new JsonArray("/")), ("exclude", new JsonArray("/x"))),
        },
        "CreateCollection" or "ChangeCollection" => new() { Fields = (attempt, _) => Set(("name", attempt.Mine.NewEmail())) },
        "ListArticles" => new() { Texts = new Dictionary<string, string> { ["state"] = "draft", ["locale"] = "en" } },
        "DeleteCanary" => new() { Prepare = SetCanaryAsync },
        "AddGoldenQuestion" or "ChangeGoldenQuestion" => new() { Fields = (_, _) => Set(GoldenFields) },
        "AddGoldenQuestions" => new() { Slots = [], Fields = async (attempt, _) => new JsonObject { ["items"] = new JsonArray(new JsonObject { ["question"] = attempt.Mine.Canary }) } },
        "ListGoldenQuestions" => new() { Texts = new Dictionary<string, string> { ["category"] = "simple" } },
        "StartGoldenRun" => new() { Fields = (_, _) => Set(("candidate", null), ("candidateVersion", 0), ("baseVersion", 0), ("category", "simple"), ("language", null), ("tag", null)), Prepare = AskGoldenAsync },
        "ListGoldenResults" or "CompareGoldenRuns" => new() { Texts = new Dictionary<string, string> { ["change"] = "wrong" } },
        "PublishCalibration" => new() { Fields = (_, _) => Set(("evidence", null), ("version", 0)) },
        "DeleteJudgement" => new() { Prepare = JudgeAsync },
        "JudgeAnswer" => new() { Fields = (_, _) => Set(("isRight", true)) },
        "PublishAssistant" or "GetAssistantVersion" => new() { Fields = (_, _) => Set(("version", 1), ("withoutComparison", true)), Texts = new Dictionary<string, string> { ["version"] = "1" }, Prepare = SaveDraftAsync },
        "SaveAssistantDraft" => new() { Fields = (_, _) => Set(("profile", new JsonObject())) },
        "SaveAssistantProfile" => new() { Query = "withoutComparison=true", Fields = (_, _) => Set(("tone", "friendly"), ("avatarInitials", "P"), ("avatarColor", "#123456")) },
        "ListFindings" => new() { Texts = new Dictionary<string, string> { ["kind"] = "duplicate", ["state"] = "open" } },
        "GetArticleVersion" => new() { Texts = FirstEnglish, Prepare = PublishArticleAsync },
        "SaveArticle" or "ReviewArticle" or "PublishArticle" or "UnpublishArticle" or "ListArticleVersions" => new() { Texts = FirstEnglish },
        "AddModelAccount" or "ChangeModelAccount" => new()
        {
            Fields = (attempt, _) => Task.FromResult(new JsonObject(JsonSerializer.SerializeToNode(attempt.Mine.NewModelAccount())!.AsObject().Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())))
                { ["baseUrl"] = null, ["requestsPerMinute"] = 1, ["version"] = null }),
        },
        // Of another kind by the catalogue: nobody is called.
        "TestModelAccount" => new() { Fields = (_, _) => Set(("feature", "rerank"), ("model", "claude-haiku-5-5"), ("provider", null), ("baseUrl", null)) },
        "TestModel" => new() { Fields = (_, _) => Set(("feature", "rerank"), ("model", "claude-haiku-5-5"), ("provider", "anthropic"), ("baseUrl", null)) },
        "SaveModelSettings" => new() { Fields = (_, _) => Set(("version", null)) },
        "PublishModelSettings" or "GetModelSettingsVersion" => new()
        {
            Fields = (_, _) => Set(("version", 1)), Texts = new Dictionary<string, string> { ["version"] = "1" },
            Prepare = async (party, _, ct) => await party.OwnerAsync("PUT", "/v1/models/settings", new { settings = new { } }, ct),
        },
        "SaveRetrieval" => new()
        {
            Slots = [],
            Fields = (_, _) => Set(("mode", "keyword"), ("fusion", "rrf"), ("rrfK", 60), ("conceptual", .7), ("technical", .5), ("conversational", .8), ("exact", .3), ("patienceMs", 400), ("rerankPatienceMs", 800), ("rerankPassages", 5)),
        },
        // What they send are conversations, which the key with the one permission alone may not read.
        "CreateWebhook" or "ChangeWebhook" => new()
        {
            GrantsRights = true, Fields = (attempt, _) => Set(("url", attempt.Mine.NewWebhookUrl()), ("events", new JsonArray("message.created")), ("enabled", false), ("skipMissed", false), ("version", null)),
        },
        "ReplayWebhook" => new() { GrantsRights = true, Fields = (_, _) => Set(("since", "2026-01-01T00:00:00Z")) },
        "ReplayWebhookDelivery" => new() { GrantsRights = true },
        "ListWebhookDeliveries" => new() { Texts = new Dictionary<string, string> { ["state"] = "failed", ["type"] = "webhook.test" } },
        "EraseConversation" or "EraseCustomer" => new() { Fields = (_, _) => Set(("confirm", "erase")) },
        "SaveRetention" or "PreviewRetention" => new() { Slots = [], Fields = (_, _) => Set(("conversationDays", 3000), ("traceDays", 300), ("auditDays", 3000), ("version", null)) },
        // The name is not the workspace's: the proof goes on in it. Only a person who is an owner may, which a key is not.
        "EraseAllConversations" or "DeleteWorkspace" => new() { GrantsRights = true, Fields = (_, _) => Set(("confirm", "another"), ("password", Password), ("passcode", null)), AlsoFine = [NotValid] },
        "AddBrand" or "ChangeBrand" => new() { Fields = (attempt, _) => Set(("name", attempt.Mine.NewEmail()), ("color", "#112233"), ("supportAddress", attempt.Mine.NewEmail()), ("privacyUrl", "https://example.com/privacy"), ("termsUrl", null)) },
        "SetBrandLogo" => new() { Fields = (_, _) => Set(("image", Picture)) },
        "GetBrandLogo" => Recipe.ReadsNoIds,
        "GetWidgetLogo" => new() { Slots = [FrameKey], AlsoFine = [NotFound] },
        "StartExport" => new() { GrantsRights = true, AlsoFine = [NotNow] },
        "MakeExportLink" => new() { GrantsRights = true },
        // The link itself works once; that it is needed, and whose it is, has tests of its own.
        "DownloadExport" => new() { Texts = new Dictionary<string, string> { ["once"] = "px_used" }, AlsoFine = [NotValid] },
        "UploadFiles" => new() { Slots = [], TakesFiles = true },
        // Every customer of the proof says a word that begins so.
        "SearchConversations" => new() { Query = "q=canary" },
        "CreateTag" or "ChangeTag" => new() { Fields = (attempt, _) => Set(("name", attempt.Mine.NewTag()), ("color", "teal")) },
        "ActOnConversations" => new() { Fields = (_, _) => Set(("action", "tag"), ("agentId", null), ("resolved", null)) },
        "ExportConversations" => new() { Query = "format=jsonl" },
        "CreateConversationView" or "ChangeConversationView" => new() { Fields = (attempt, _) => Set(("name", attempt.Mine.Canary), ("filter", new JsonObject { ["status"] = "open" })) },
        "ChangeTask" => new() { Fields = (_, _) => Set(("state", "in_progress")) },
        "RateWidgetConversation" => new() { Fields = (_, _) => Set(("rating", 4)) },
        "CancelWidgetHandoff" => new() { Prepare = RequestHandoffAsync },
        "ReturnHandoff" or "CloseHandoff" => new() { Prepare = AcceptHandoffAsync },
        "Ask" => new() { Fields = (_, _) => Set(("history", new JsonArray()), ("profileVersion", 0)) },
        "Feed" => new() { Slots = [new Slot(SlotPlace.Header, "Last-Event-ID", Kinds.FeedCursor)], Streams = true },
        "GetCosts" => new() { Texts = new Dictionary<string, string> { ["by"] = "model", ["split"] = "" } },
        "SaveBudget" => new() { Fields = (attempt, _) => Set(("settings", new JsonObject()), ("basedOn", null), ("note", attempt.Mine.Canary)) },
        "PublishBudget" => new() { Fields = (_, _) => Set(("version", 0)) },
        "GET /widget/v1/frame" => new() { Slots = [FrameKey], AlsoFine = [NotBuilt] },
        "GET /" => new() { Slots = [], AlsoFine = [Redirect] },
        "GET /console/{**page:nonfile}" => new() { Slots = [], AlsoFine = [NotBuilt, NotFound] },
        "GET /openapi/{documentName}.json" => new() { Slots = [], Texts = new Dictionary<string, string> { ["documentName"] = "v1" } },
        "GET /demo" => new() { Slots = [], AlsoFine = [NotBuilt, NotFound] },
        _ => Recipe.None,
    };

    private static (string, JsonNode?)[] GoldenFields => [("expectedOutcome", "answered"), ("category", "simple"), ("tier", "small"), ("language", "en"), ("tags", new JsonArray("x"))];

    private static async Task AskGoldenAsync(Party party, IReadOnlyDictionary<string, string> ids, CancellationToken ct) => await party.KeptAsync(Kinds.GoldenQuestion, ct);

    private static async Task JudgeAsync(Party party, IReadOnlyDictionary<string, string> ids, CancellationToken ct) =>
        await party.OwnerAsync("PUT", $"/v1/turns/{ids[Kinds.Turn]}/judgement", new { isRight = true }, ct);

    private static async Task SaveDraftAsync(Party party, IReadOnlyDictionary<string, string> ids, CancellationToken ct) =>
        await party.OwnerAsync("POST", $"/v1/assistants/{ids[Kinds.Assistant]}/versions", new { profile = new { name = party.Canary } }, ct);

    private static Task<JsonObject> Set(params (string Name, JsonNode? Value)[] fields) =>
        Task.FromResult(new JsonObject(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    private async Task RequestHandoffAsync(Party party, IReadOnlyDictionary<string, string> ids, CancellationToken ct) =>
        await client.GetAsync(party.EndUser, "POST", $"/v1/widget/conversations/{ids[Kinds.Conversation]}/handoff", new { reason = party.Canary }, ct);

    private static async Task AcceptHandoffAsync(Party party, IReadOnlyDictionary<string, string> ids, CancellationToken ct) =>
        await party.OwnerAsync("POST", $"/v1/handoffs/{ids[Kinds.Handoff]}/accept", null, ct);

    private static async Task SetCanaryAsync(Party party, IReadOnlyDictionary<string, string> ids, CancellationToken ct) =>
        await party.OwnerAsync("PUT", $"/v1/quality/canaries/{ids[Kinds.Source]}", new { question = "Where is " + party.Canary }, ct);

    private static async Task PublishArticleAsync(Party party, IReadOnlyDictionary<string, string> ids, CancellationToken ct) =>
        await party.OwnerAsync("POST", $"/v1/knowledge/articles/{ids[Kinds.Article]}/texts/en/publish", null, ct);
}
