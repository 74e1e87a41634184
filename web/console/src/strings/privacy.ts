import { count, number } from "./format.ts";

/** The texts of Settings, Privacy and of deleting for good, apart from the rest: only the pages that need them fetch them. */
export const pv = {
  privacy: {
    retention: {
      title: "How long things are kept",
      text: "Every night, what is older than this is deleted for good. Leave a field empty to keep everything.",
      conversations: "Conversations",
      conversationsHint: "Days after a conversation was closed. Messages, files and traces go with it, and visitors without a conversation.",
      traces: "How answers came about",
      tracesHint: "Days. Steps and scores of each answer, 395 days at most.",
      audit: "Details of the audit log",
      auditHint: "Days, 365 at least. Who did what and when stays.",
      days: "days",
      wrong: "Enter a whole number of days, or nothing.",
      look: "What would go now?",
      looking: (c: number, v: number, a: number, e: number) =>
        `${count(c, "conversation", "conversations")}, ${count(v, "visitor", "visitors")} without one, the steps of ${count(a, "answer", "answers")}, details of ${count(e, "audit entry", "audit entries")}.`,
      save: "Save",
      saved: "Saved. It is applied every night.",
      askTitle: "Delete older conversations from now on?",
      askText: (n: number) => `${count(n, "conversation goes", "conversations go")} in the coming night, and nothing brings them back.`,
      ask: "Delete every night",
    },

    exports: {
      title: "Export",
      text: "Everything this workspace holds in one ZIP file: tables as JSON Lines, files, and a manifest with checksums. Without passwords and keys.",
      start: "Start export",
      started: "The export has begun",
      empty: "No exports",
      emptyText: "An export takes a moment and is kept for seven days, for you alone.",
      columns: { at: "Asked for", state: "State", content: "Holds" },
      states: { queued: "Waiting", running: "Running", ready: "Ready", failed: "Failed", expired: "Over" } as Record<string, string>,
      progress: (done: number, total: number) => `${number.format(done)} of ${number.format(total)}`,
      holds: (rows: number, files: number, megabytes: number) => `${count(rows, "row", "rows")}, ${count(files, "file", "files")}, ${megabytes < 0.1 ? "less than 0.1" : number.format(Math.round(megabytes * 10) / 10)} MB`,
      download: "Download",
      notYours: "Somebody else's",
      until: "until",
    },

    danger: {
      title: "Danger zone",
      conversations: "Delete all conversations",
      conversationsText: "Every conversation and every customer, for good. Knowledge, settings and members stay.",
      workspace: "Delete this workspace",
      workspaceText: "Everything in it, for good: conversations, knowledge, settings, keys, files, members. Widgets and keys stop at once, and everybody is signed out.",
      confirmName: (name: string) => `Type “${name}” to confirm`,
      nameWrong: "This is not the workspace's name.",
      password: "Your password",
      passwordMissing: "Enter your password.",
      code: "Code of your authenticator app",
      codeHint: "Or a recovery code. Leave it empty if you have no second factor.",
      begun: (n: number) => `${count(n, "conversation is", "conversations are")} being deleted`,
      owners: "Only an owner can do this.",
      exportFirst: "Nothing brings it back. Export first what you may need.",
    },

    erase: {
      menu: "Delete for good",
      conversation: "Delete this conversation",
      customer: "Delete this customer",
      conversationTitle: "Delete this conversation for good?",
      conversationText: "Its messages, its files, how each answer came about, and what programs were told of it. Golden questions that were made of it go, too.",
      customerTitle: "Delete this customer for good?",
      customerText: (name: string, n: number) => `Everything that is known of ${name}: ${count(n, "conversation", "conversations")} with all messages, and who they are.`,
      word: "erase",
      type: "Type “erase” to confirm",
      typeWrong: "Type erase.",
      done: "Deleted for good",
    },
  },
};
