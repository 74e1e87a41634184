using System.Collections.Frozen;

namespace Parley.Platform.Authorization;

/// <summary>The permission catalogue: <c>resource:action</c>. Roles and API key scopes are sets of these.</summary>
public static class Permission
{
    /// <summary>See sources, documents and imports.</summary>
    public const string KnowledgeRead = "knowledge:read";

    /// <summary>Import, change and delete knowledge.</summary>
    public const string KnowledgeWrite = "knowledge:write";

    /// <summary>See conversations, their transcripts and traces.</summary>
    public const string ConversationsRead = "conversations:read";

    /// <summary>Reply, note, close.</summary>
    public const string ConversationsWrite = "conversations:write";

    /// <summary>See the queue.</summary>
    public const string HandoffsRead = "handoffs:read";

    /// <summary>Accept, hand back, close.</summary>
    public const string HandoffsWrite = "handoffs:write";

    /// <summary>See the assistant's configuration and ask in the playground.</summary>
    public const string AssistantRead = "assistant:read";

    /// <summary>Change and publish the assistant's configuration.</summary>
    public const string AssistantWrite = "assistant:write";

    /// <summary>See widgets.</summary>
    public const string WidgetsRead = "widgets:read";

    /// <summary>Change widgets.</summary>
    public const string WidgetsWrite = "widgets:write";

    /// <summary>See members and roles.</summary>
    public const string MembersRead = "members:read";

    /// <summary>Add, change and remove members.</summary>
    public const string MembersWrite = "members:write";

    /// <summary>See API keys (never their secret).</summary>
    public const string ApiKeysRead = "api-keys:read";

    /// <summary>Make and revoke API keys.</summary>
    public const string ApiKeysWrite = "api-keys:write";

    /// <summary>Read the audit log.</summary>
    public const string AuditRead = "audit:read";

    /// <summary>See golden questions and evaluation runs.</summary>
    public const string QualityRead = "quality:read";

    /// <summary>Change golden questions and start runs.</summary>
    public const string QualityWrite = "quality:write";

    /// <summary>See the work that failed for good.</summary>
    public const string JobsRead = "jobs:read";

    /// <summary>Try it again, or give it up.</summary>
    public const string JobsWrite = "jobs:write";

    /// <summary>See accounts of model providers (never their keys), which models serve what, and the catalogue with its prices.</summary>
    public const string ModelsRead = "models:read";

    /// <summary>Change them, and test a connection, which may cost something.</summary>
    public const string ModelsWrite = "models:write";

    /// <summary>See what paid calls cost, and the budget.</summary>
    public const string CostsRead = "costs:read";

    /// <summary>Change the budget.</summary>
    public const string CostsWrite = "costs:write";

    /// <summary>See webhooks (never their secrets) and what was sent to them; contents only with <see cref="ConversationsRead"/>.</summary>
    public const string WebhooksRead = "webhooks:read";

    /// <summary>Make, change and test webhooks and send again. What is sent are conversations, so it needs <see cref="ConversationsRead"/> as well.</summary>
    public const string WebhooksWrite = "webhooks:write";

    /// <summary>See how long what is kept, and archives that one asked for.</summary>
    public const string PrivacyRead = "privacy:read";

    /// <summary>Change it, delete customers and conversations for good, export the workspace.</summary>
    public const string PrivacyWrite = "privacy:write";

    /// <summary>Talk as an end user in a widget session; never part of a role or an API key.</summary>
    public const string WidgetTalk = "widget:talk";

    /// <summary>All that a role or an API key may hold.</summary>
    public static FrozenSet<string> All { get; } = new[]
    {
        KnowledgeRead, KnowledgeWrite, ConversationsRead, ConversationsWrite, HandoffsRead, HandoffsWrite, AssistantRead, AssistantWrite,
        WidgetsRead, WidgetsWrite, MembersRead, MembersWrite, ApiKeysRead, ApiKeysWrite, AuditRead, QualityRead, QualityWrite, JobsRead, JobsWrite,
        ModelsRead, ModelsWrite, CostsRead, CostsWrite, WebhooksRead, WebhooksWrite, PrivacyRead, PrivacyWrite,
    }.ToFrozenSet();

    /// <summary>The built-in roles of every tenant.</summary>
    public static FrozenDictionary<string, FrozenSet<string>> BuiltInRoles { get; } = new Dictionary<string, FrozenSet<string>>
    {
        ["owner"] = All,
        ["manager"] = All.Except([ApiKeysWrite, MembersWrite, ModelsWrite, WebhooksWrite, PrivacyWrite]).ToFrozenSet(),
        ["agent"] = new[] { KnowledgeRead, ConversationsRead, ConversationsWrite, HandoffsRead, HandoffsWrite, AssistantRead, MembersRead }.ToFrozenSet(),
        ["viewer"] = All.Where(p => p.EndsWith(":read", StringComparison.Ordinal) && p is not (ApiKeysRead or AuditRead or JobsRead or ModelsRead or WebhooksRead or PrivacyRead)).ToFrozenSet(),
    }.ToFrozenDictionary();

    /// <summary>What a widget session may do.</summary>
    public static FrozenSet<string> EndUser { get; } = new[] { WidgetTalk }.ToFrozenSet();
}
