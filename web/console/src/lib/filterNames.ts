/** What the list is narrowed by, as it stands in the address. */
export const filterNames = ["q", "status", "owner", "agentId", "channel", "outcome", "language", "confidence", "rating", "tagId", "from", "to"] as const;
export type Filter = { [K in (typeof filterNames)[number]]?: string };
