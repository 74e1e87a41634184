import { en } from "./en.ts";

/** All texts of the console. A further language is a further file of this shape, chosen here before the first render. */
export const t = en;
