import { en } from "./en.ts";

/** The texts that every page needs; those of Knowledge and Settings stand apart, and only their pages fetch them. */
export const t = en;
