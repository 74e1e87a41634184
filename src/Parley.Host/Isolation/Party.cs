using System.Globalization;
using System.Text.Json.Nodes;
using Parley.Conversations.Contracts;

namespace Parley.Host.Isolation;

/// <summary>
/// One of two that must not see each other: a tenant with its owner and a customer; or a second customer of the same tenant. It makes
/// things of every kind through the API, each marked with its canary.
/// </summary>
internal sealed class Party(ProofClient client, Guid tenantId, string slug, Credential owner, TenantDefaults defaults, TimeProvider time, Func<Guid, string, CancellationToken, Task<string>> bury)
{
    private const int ConversationsPerEndUser = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Dictionary<string, string> _kept = new(StringComparer.Ordinal);
    private int _conversations;
    private int _count;

    internal Guid TenantId { get; } = tenantId;

    internal string Slug { get; } = slug;

    /// <summary>Stands in every text that this party writes.</summary>
    internal string Canary { get; } = "canary" + Guid.CreateVersion7().ToString("N");

    internal Credential Owner { get; } = owner;

    /// <summary>The tenant's first assistant and widget.</summary>
    internal TenantDefaults Defaults { get; } = defaults;

    /// <summary>The customer to whom the conversation made last belongs.</summary>
    internal Credential EndUser { get; private set; } = Credential.Nobody;

    /// <summary>Ids of this party that its rows must mention, where it shares its tenant with the other.</summary>
    internal HashSet<string> EndUserIds { get; } = [];

    internal string NewEmail() => string.Create(CultureInfo.InvariantCulture, $"{Canary}-{++_count}@example.com");

    /// <summary>One of the kind that is used again and again, by who only reads or is refused.</summary>
    internal async Task<string> KeptAsync(string kind, CancellationToken ct) =>
        _kept.TryGetValue(kind, out var id) ? id : _kept[kind] = await MakeAsync(kind, ct);

    /// <summary>A fresh one of the kind.</summary>
    internal async Task<string> MakeAsync(string kind, CancellationToken ct) => kind switch
    {
        Kinds.Tenant => TenantId.ToString("D"),
        Kinds.User => Text(await OwnerAsync("POST", "/v1/members", new { email = NewEmail(), name = Canary, role = "agent" }, ct), "userId"),
        Kinds.ApiKey => Text(await OwnerAsync("POST", "/v1/api-keys", new { name = Canary, scopes = new[] { "members:read" } }, ct), "id"),
        Kinds.Role => Text(await OwnerAsync("POST", "/v1/roles", new { name = string.Create(CultureInfo.InvariantCulture, $"{Canary} role {++_count}"), permissions = new[] { "members:read" } }, ct), "key"),
        Kinds.Invitation => Text(await OwnerAsync("POST", "/v1/invitations", new { email = NewEmail(), role = "viewer" }, ct), "id"),
        Kinds.InvitationCode => await InviteAsync(NewEmail(), ct),
        Kinds.Assistant => Defaults.AssistantId.ToString("D"),
        Kinds.Avatar => Text(await OwnerAsync("POST", $"/v1/assistants/{Defaults.AssistantId}/avatars", new { data = Recipes.Picture }, ct), "id"),
        Kinds.Widget => Text(await OwnerAsync("POST", "/v1/widgets", new { name = Canary, allowedOrigins = Array.Empty<string>() }, ct), "id"),
        Kinds.WidgetKey => Defaults.PublicKey,
        Kinds.WidgetToken => await NewEndUserAsync(ct),
        Kinds.Import => (await UploadAsync(ct)).ImportId,
        Kinds.Website => await WebsiteAsync(ct),
        Kinds.Crawl => await PreviewAsync(ct),
        Kinds.Article => Text(await OwnerAsync("POST", "/v1/knowledge/articles", new { locale = "en", title = Canary, body = "The secret of " + Canary }, ct), "id"),
        Kinds.Collection => Text(await OwnerAsync("POST", "/v1/knowledge/collections", new { name = string.Create(CultureInfo.InvariantCulture, $"{Canary} {++_count}") }, ct), "id"),
        Kinds.Finding => await FindingAsync(ct),
        Kinds.Source => (await ImportAsync(ct)).SourceId,
        Kinds.Document => Text(First(await OwnerAsync("GET", "/v1/knowledge/documents?sourceId=" + (await ImportAsync(ct)).SourceId, null, ct)), "id"),
        Kinds.Conversation => await ConverseAsync(ct),
        Kinds.Message => Text(First(await OwnerAsync("GET", $"/v1/conversations/{await ConverseAsync(ct)}/messages", null, ct)), "id"),
        Kinds.Turn => await TurnAsync(ct),
        Kinds.Handoff => Text(await client.GetAsync(EndUserOf(await ConverseAsync(ct), out var id), "POST", $"/v1/widget/conversations/{id}/handoff", new { reason = Canary }, ct), "handoffId"),
        // Only what fails makes one: nothing does so on request.
        Kinds.Job => await bury(TenantId, Canary, ct),
        Kinds.Task => Text(await OwnerAsync("POST", "/v1/tasks", new { title = Canary }, ct), "id"),
        Kinds.Tag => Text(await OwnerAsync("POST", "/v1/tags", new { name = NewTag() }, ct), "id"),
        Kinds.View => Text(await OwnerAsync("POST", "/v1/conversations/views", new { name = Canary, filter = new { status = "open" }, shared = true }, ct), "id"),
        Kinds.GoldenQuestion => Text(await OwnerAsync("POST", "/v1/quality/golden-questions", new { question = $"Where is {Canary}?" }, ct), "id"),
        Kinds.GoldenRun => await GoldenRunAsync(ct),
        Kinds.ModelAccount => Text(await OwnerAsync("POST", "/v1/models/accounts", NewModelAccount(), ct), "id"),
        Kinds.IdentityKey => Text((await OwnerAsync("POST", "/v1/identity-keys", new { name = Canary }, ct))["key"]!, "id"),
        Kinds.Customer => Text(await client.GetAsync(Credential.Nobody, "POST", "/v1/widget/sessions", new { key = Defaults.PublicKey, locale = "en" }, ct), "endUserId"),
        Kinds.Brand => await BrandAsync(ct),
        Kinds.Export => await ExportAsync(ct),
        Kinds.Webhook => await WebhookAsync(ct),
        Kinds.WebhookDelivery => Text(await OwnerAsync("POST", $"/v1/webhooks/{await WebhookAsync(ct)}/test", null, ct), "id"),
        _ => throw new ProofException($"Nothing makes a '{kind}': add it to Isolation/Party.cs."),
    };

    /// <summary>The canary itself is as long as a tag may be.</summary>
    internal string NewTag() => string.Create(CultureInfo.InvariantCulture, $"{Canary[..30]} {++_count}");

    /// <summary>Off, so that nothing is sent by itself, to a name that never has an address (RFC 2606).</summary>
    internal object NewWebhook() => new { url = NewWebhookUrl(), events = new[] { "message.created" }, description = Canary, enabled = false };

    internal string NewWebhookUrl() => string.Create(CultureInfo.InvariantCulture, $"https://{Canary}.invalid/{++_count}");

    /// <summary>With a picture.</summary>
    private async Task<string> BrandAsync(CancellationToken ct)
    {
        var id = Text(await OwnerAsync("POST", "/v1/brands", new { name = string.Create(CultureInfo.InvariantCulture, $"{Canary} {++_count}") }, ct), "id");
        await OwnerAsync("PUT", $"/v1/brands/{id}/logo", new { image = Recipes.Picture }, ct);
        return id;
    }

    /// <summary>One that is ready: while one is made there is no second.</summary>
    private async Task<string> ExportAsync(CancellationToken ct)
    {
        await WaitAsync(Owner, "/v1/workspace/exports", page => page["items"]!.AsArray().All(item => item!["state"]!.GetValue<string>() is not ("queued" or "running")), ct);
        var id = Text(await OwnerAsync("POST", "/v1/workspace/exports", null, ct), "id");
        await WaitAsync(Owner, "/v1/workspace/exports/" + id, answer => Text(answer, "state") == "ready", ct);
        return id;
    }

    /// <summary>With two deliveries, so that their list has a second page.</summary>
    private async Task<string> WebhookAsync(CancellationToken ct)
    {
        var id = Text((await OwnerAsync("POST", "/v1/webhooks", NewWebhook(), ct))["webhook"]!, "id");
        await OwnerAsync("POST", $"/v1/webhooks/{id}/test", null, ct);
        await OwnerAsync("POST", $"/v1/webhooks/{id}/test", null, ct);
        return id;
    }

    /// <summary>At the provider's own address, which nobody calls here.</summary>
    internal object NewModelAccount() => new { name = string.Create(CultureInfo.InvariantCulture, $"{Canary} {++_count}"), provider = "anthropic", apiKey = Canary };

    private async Task<string> GoldenRunAsync(CancellationToken ct)
    {
        await KeptAsync(Kinds.GoldenQuestion, ct);
        return Text(await OwnerAsync("POST", "/v1/quality/golden-runs", new { candidateVersion = 0 }, ct), "id");
    }

    /// <summary>An invitation of this tenant for an address.</summary>
    internal async Task<string> InviteAsync(string email, CancellationToken ct) =>
        Text(await OwnerAsync("POST", "/v1/invitations", new { email, role = "viewer" }, ct), "code");

    /// <summary>A new customer, who from now on is <see cref="EndUser"/>; returns the session's token.</summary>
    internal async Task<string> NewEndUserAsync(CancellationToken ct)
    {
        var started = await client.GetAsync(Credential.Nobody, "POST", "/v1/widget/sessions", new { key = Defaults.PublicKey, locale = "en" }, ct);
        EndUser = new Credential(null, Text(started, "token"));
        EndUserIds.Add(Text(started, "endUserId"));
        _conversations = 0;
        return EndUser.Bearer!;
    }

    /// <summary>The customer says something new; returns the conversation.</summary>
    internal async Task<string> SpeakAsync(CancellationToken ct)
    {
        var id = Text(await client.GetAsync(EndUser, "POST", "/v1/widget/conversations", new { text = $"Where is {Canary}?" }, ct), "id");
        EndUserIds.Add(id);
        return id;
    }

    /// <summary>Waits until a request's answer holds what is waited for.</summary>
    internal async Task<JsonNode> WaitAsync(Credential who, string path, Func<JsonNode, bool> done, CancellationToken ct)
    {
        var until = time.GetUtcNow() + Patience;
        while (true)
        {
            var answer = await client.GetAsync(who, "GET", path, null, ct);
            if (done(answer))
            {
                return answer;
            }
            if (time.GetUtcNow() > until)
            {
                throw new ProofException($"GET {path} did not come to what is waited for: {answer.ToJsonString()}");
            }
            await Task.Delay(50, ct);
        }
    }

    internal static JsonNode First(JsonNode page) =>
        page["items"] is JsonArray { Count: > 0 } items ? items[0]! : throw new ProofException("A list that should have an item is empty.");

    internal static string Text(JsonNode node, string name) =>
        node[name]?.GetValue<string>() ?? throw new ProofException($"'{name}' is missing in {node.ToJsonString()}");

    internal Task<JsonNode> OwnerAsync(string method, string path, object? body, CancellationToken ct) => client.GetAsync(Owner, method, path, body, ct);

    private async Task<string> ConverseAsync(CancellationToken ct)
    {
        if (EndUser == Credential.Nobody || ++_conversations > ConversationsPerEndUser)
        {
            await NewEndUserAsync(ct);
        }
        return await SpeakAsync(ct);
    }

    private Credential EndUserOf(string conversation, out string id)
    {
        id = conversation;
        return EndUser;
    }

    private async Task<string> TurnAsync(CancellationToken ct)
    {
        var conversation = await ConverseAsync(ct);
        var turns = await WaitAsync(Owner, $"/v1/conversations/{conversation}/turns", page => page["items"]!.AsArray().Any(turn => turn!["state"]!.GetValue<string>() == "done"), ct);
        return Text(First(turns), "id");
    }

    /// <summary>An import whose files are there and which has not begun.</summary>
    private async Task<(string ImportId, string SourceId)> UploadAsync(CancellationToken ct, string? text = null)
    {
        var import = await OwnerAsync("POST", "/v1/knowledge/imports", new { name = $"{Canary} {++_count}", kind = "upload", mode = "partial" }, ct);
        var id = Text(import, "id");
        var reply = await client.SendAsync(Owner, new Call("POST", $"/v1/knowledge/imports/{id}/files") { FileText = text ?? $"The secret of {Canary}" }, ct);
        return reply.IsSuccess ? (id, Text(import, "sourceId")) : throw new ProofException("Files are not taken: " + reply.Short);
    }

    /// <summary>An address that is refused before anything is sent: the proof calls nobody.</summary>
    internal string RefusedAddress() => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:9/{Canary}-{++_count}");

    /// <summary>A website whose first run has ended.</summary>
    private async Task<string> WebsiteAsync(CancellationToken ct)
    {
        var added = await OwnerAsync("POST", "/v1/knowledge/websites", new { url = RefusedAddress(), name = Canary }, ct);
        await WaitAsync(Owner, "/v1/knowledge/imports/" + Text(added["import"]!, "id"), answer => Text(answer, "state") is "succeeded" or "failed", ct);
        return Text(added["source"]!, "id");
    }

    private async Task<string> PreviewAsync(CancellationToken ct)
    {
        var id = Text(await OwnerAsync("POST", "/v1/knowledge/websites/preview", new { url = RefusedAddress() }, ct), "id");
        await WaitAsync(Owner, "/v1/knowledge/crawls/" + id, answer => Text(answer, "state") != "running", ct);
        return id;
    }

    /// <summary>Two documents that say the same; returns what is found of them.</summary>
    private async Task<string> FindingAsync(CancellationToken ct)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"Number {++_count} of {Canary} is told here at some length, so that two documents which say it are found to say the same thing twice, word by word, in this tenant.");
        await ImportAsync(ct, text);
        var document = (await ImportAsync(ct, text)).SourceId;
        await OwnerAsync("POST", "/v1/knowledge/review", null, ct);
        return Text(First(await WaitAsync(Owner, "/v1/knowledge/findings?kind=duplicate&sourceId=" + document, page => page["items"]!.AsArray().Count > 0, ct)), "id");
    }

    private async Task<(string ImportId, string SourceId)> ImportAsync(CancellationToken ct, string? text = null)
    {
        var import = await UploadAsync(ct, text);
        await OwnerAsync("POST", $"/v1/knowledge/imports/{import.ImportId}/start", null, ct);
        await WaitAsync(Owner, $"/v1/knowledge/imports/{import.ImportId}", answer => Text(answer, "state") is "succeeded" or "failed", ct);
        return import;
    }
}
