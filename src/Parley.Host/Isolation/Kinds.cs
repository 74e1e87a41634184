using System.Collections.Frozen;

namespace Parley.Host.Isolation;

/// <summary>What ids stand for, by the name under which an endpoint takes them. An id of an unknown kind fails the proof.</summary>
internal static class Kinds
{
    internal const string Tenant = "tenant", User = "user", ApiKey = "apiKey", Role = "role", Invitation = "invitation", InvitationCode = "invitationCode",
        Assistant = "assistant", Avatar = "avatar", Widget = "widget", WidgetKey = "widgetKey", WidgetToken = "widgetToken",
        Source = "source", Website = "website", Crawl = "crawl", Article = "article",
        Collection = "collection", Finding = "finding", Import = "import", Document = "document", Conversation = "conversation", Message = "message",
        Turn = "turn", Handoff = "handoff", Task = "task", Tag = "tag", View = "view", GoldenQuestion = "goldenQuestion", GoldenRun = "goldenRun", Job = "job", ModelAccount = "modelAccount", Webhook = "webhook", WebhookDelivery = "webhookDelivery", IdentityKey = "identityKey", Customer = "customer", Export = "export", Brand = "brand", Cursor = "cursor", FeedCursor = "feedCursor";

    private static readonly FrozenDictionary<string, string> ByName = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["tenant"] = Tenant, ["user"] = User, ["member"] = User, ["agent"] = User, ["owner"] = User, ["apiKey"] = ApiKey, ["invitation"] = Invitation,
        ["assistant"] = Assistant, ["avatar"] = Avatar, ["widget"] = Widget, ["source"] = Source, ["website"] = Website, ["crawl"] = Crawl, ["article"] = Article,
        ["collection"] = Collection, ["finding"] = Finding, ["import"] = Import, ["document"] = Document,
        ["conversation"] = Conversation, ["message"] = Message, ["turn"] = Turn, ["handoff"] = Handoff, ["task"] = Task, ["tag"] = Tag, ["view"] = View, ["goldenQuestion"] = GoldenQuestion, ["goldenRun"] = GoldenRun,
        ["expectedDocument"] = Document, ["sourceConversation"] = Conversation, ["job"] = Job, ["account"] = ModelAccount, ["webhook"] = Webhook, ["delivery"] = WebhookDelivery, ["identityKey"] = IdentityKey,
        ["customer"] = Customer, ["export"] = Export, ["brand"] = Brand,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Texts that name things although they are no ids.</summary>
    private static readonly FrozenDictionary<string, string> TextsByName = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["cursor"] = Cursor, ["code"] = InvitationCode, ["key"] = WidgetKey, ["token"] = WidgetToken, ["roleKey"] = Role, ["Last-Event-ID"] = FeedCursor,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Texts that look like ids and name nothing of ours: the client's own ids, keys that a client makes up.</summary>
    private static readonly FrozenSet<string> OwnIds = new[] { "clientId", "externalId", "Idempotency-Key", "apiKey" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Belongs to one end user; the other kinds are the tenant's.</summary>
    internal static bool IsOfEndUser(string kind) => kind is Conversation or Message or Turn or Handoff or WidgetToken or FeedCursor;

    /// <summary>A position that an earlier answer gave.</summary>
    internal static bool IsCursor(string kind) => kind is Cursor or FeedCursor;

    /// <summary>Public by nature: everybody may use it, and sees then what its tenant publishes with it.</summary>
    internal static bool IsPublic(string kind) => kind is WidgetKey;

    /// <summary>The kind of an id parameter; null: unknown.</summary>
    /// <param name="name">Of the parameter or property.</param>
    /// <param name="pattern">The route: <c>id</c> alone takes its kind from the segment before it.</param>
    internal static string? OfId(string name, string pattern)
    {
        var noun = name.Equals("id", StringComparison.OrdinalIgnoreCase) ? SegmentBefore("{" + name, pattern)
            : name.EndsWith("Ids", StringComparison.Ordinal) ? name[..^3]
            : name.EndsWith("Id", StringComparison.Ordinal) ? name[..^2]
            : name;
        return noun is null ? null : ByName.GetValueOrDefault(Singular(noun));
    }

    /// <summary>The kind of a text that names a thing. Known: false where it looks like a name of a thing that nobody has told of.</summary>
    internal static (string? Kind, bool Known) OfText(string name)
    {
        if (OwnIds.Contains(name))
        {
            return (null, true);
        }
        if (TextsByName.TryGetValue(name, out var kind))
        {
            return (kind, true);
        }
        string[] endings = ["Id", "Ids", "Key", "Token", "Code", "Cursor", "Hash", "Slug"];
        var suspicious = endings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal) || name.Equals(ending, StringComparison.OrdinalIgnoreCase));
        return (null, !suspicious);
    }

    private static string? SegmentBefore(string parameter, string pattern)
    {
        var segments = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var index = Array.FindIndex(segments, segment => segment.StartsWith(parameter, StringComparison.OrdinalIgnoreCase));
        return index > 0 ? segments[index - 1] : null;
    }

    /// <summary>api-keys → apikey.</summary>
    private static string Singular(string noun)
    {
        var word = noun.Replace("-", "", StringComparison.Ordinal);
        return word.EndsWith('s') ? word[..^1] : word;
    }
}
