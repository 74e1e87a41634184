namespace Parley.Identity.Workspaces;

/// <summary>One table of an archive.</summary>
/// <param name="Name">In the database, and of the file.</param>
/// <param name="What">What it holds, in words for who opens the archive.</param>
/// <param name="Without">Columns that are left out: secrets, and what is computed from the rest.</param>
internal sealed record ExportedTable(string Name, string What, params string[] Without);

/// <summary>
/// What an archive of a workspace holds, and what it does not and why. A test compares both lists with the tables that there are: one that is
/// added later must be put into either.
/// </summary>
internal static class ExportCatalogue
{
    internal static IReadOnlyList<ExportedTable> Tables { get; } =
    [
        new("configurations", "Every version of settings: assistants, widgets, models, budget, handover, retention."),
        new("published_configurations", "Which version is in force."),
        new("roles", "Roles and, of those of your own, their permissions."),
        new("v_members", "Members with name, address and role."),
        new("invitations", "Invitations that wait.", "code_hash"),
        new("api_keys", "API keys: names, scopes, times. Never the keys themselves.", "key_hash"),
        new("audit", "The audit log.", "payload_salt"),
        new("audit_chain", "The chain that shows whether the audit log was changed."),
        new("brands", "Brands."),
        new("assistants", "Assistants."),
        new("assistant_avatars", "Pictures of assistants; the bytes as \\x and hexadecimal digits."),
        new("widgets", "Widgets."),
        new("identity_keys", "Identity keys: names and times. Never the keys themselves."),
        new("companies", "Companies of customers."),
        new("end_users", "Customers and visitors."),
        new("conversations", "Conversations."),
        new("messages", "Messages: who, when, in which conversation.", "terms"),
        new("message_parts", "What messages say; files are named by their hash."),
        new("events", "Everything that happened in conversations, in order.", "xid", "position"),
        new("conversation_summaries", "Summaries that a model wrote."),
        new("tags", "Tags."),
        new("conversation_tags", "Which conversation has which tag."),
        new("conversation_views", "Saved views."),
        new("conversation_view_defaults", "The view with which somebody's list opens."),
        new("tasks", "Tasks."),
        new("resolutions", "The ledger of how conversations ended."),
        new("handoffs", "Handoffs to people."),
        new("handoff_transitions", "What became of each handoff."),
        new("turns", "Answers of the assistant: outcome, confidence, language, times."),
        new("turn_steps", "How each answer came about: ids, scores, reasons."),
        new("knowledge_sources", "Sources of knowledge."),
        new("documents", "Documents; the file they were read from is named by its hash."),
        new("document_versions", "What documents said before."),
        new("sections", "The text of documents, by heading."),
        new("collections", "Collections of articles."),
        new("articles", "Articles."),
        new("article_texts", "Articles' texts by language."),
        new("article_versions", "Versions of articles that were published."),
        new("imports", "Imports."),
        new("import_files", "Files of imports and what became of them."),
        new("web_pages", "Pages of websites."),
        new("knowledge_findings", "Passages that say the same or contradict each other."),
        new("golden_questions", "Golden questions."),
        new("golden_runs", "Comparisons."),
        new("golden_results", "Results of comparisons, question by question."),
        new("answer_judgements", "Answers that people called right or wrong."),
        new("canaries", "Canary questions of sources."),
        new("webhooks", "Webhooks. Never their secrets.", "xid", "position", "skip", "leased_by", "lease_until", "fence"),
        new("webhook_deliveries", "What was sent to programs."),
        new("webhook_attempts", "How each attempt went."),
        new("model_accounts", "Accounts of model providers. Never their keys."),
        new("model_decisions", "Which model was asked, and why."),
        new("usage", "Paid calls."),
        new("usage_days", "Costs by day."),
        new("cost_anomalies", "Days that cost more than usual."),
        new("budget_alerts", "Alerts of the budget."),
        new("objects", "Files: hash, size, kind. The files themselves are under files/, named by their hash."),
        new("workspace_exports", "Archives like this one.", "link_hash"),
    ];

    /// <summary>What is left out, and why.</summary>
    internal static IReadOnlyDictionary<string, string> LeftOut { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["secrets"] = "keys of others",
        ["tenant_keys"] = "keys that open the secrets",
        ["memberships"] = "in v_members, with names and addresses",
        ["end_user_sessions"] = "tokens with which visitors are signed in",
        ["idempotency_keys"] = "copies of answers, kept for a day",
        ["jobs"] = "work that waits: ids of what is in the other tables",
        ["job_history"] = "work that was done: ids of what is in the other tables",
        ["batches"] = "paid work under way", ["batch_items"] = "paid work under way", ["batch_contents"] = "paid work under way: its result is stored when it is there",
        ["budget_scopes"] = "counters; usage has what they count", ["budget_reservations"] = "money held for calls under way",
        ["crawls"] = "work under way", ["crawl_pages"] = "work under way",
        ["knowledge_state"] = "a counter", ["document_removals"] = "for indexes that are brought up to date",
        ["chunks"] = "computed from sections", ["chunk_vectors"] = "computed from sections", ["embedding_sets"] = "computed from sections",
        ["vector_work"] = "computed from sections", ["question_vectors"] = "computed, kept for a day",
    };
}
