/** The texts of the command palette, fetched when it is opened for the first time. */
export const pt = {
  palette: {
    title: "Search and commands",
    field: "Search conversations, documents and pages",
    list: "Results",
    pages: "Pages",
    actions: "Actions",
    conversations: "Conversations",
    documents: "Documents",
    articles: "Articles",
    nothing: (q: string) => `Nothing matches “${q}”`,
    hint: "Type two letters or more to search what was said and written.",
    searching: "Searching",
    found: (n: number) => (n === 1 ? "1 result" : `${n} results`),
    failed: "The search did not work. Type on, or try again in a moment.",
    all: "All conversations with these words",
    keys: { move: "Move", open: "Open" },
  },
};
