/** How the generated description is read: the server always writes every property, and reads a missing one as null. */

/** A response: nothing in it is optional. */
export type Whole<T> = unknown extends T ? T : T extends readonly (infer U)[] ? Whole<U>[] : T extends object ? { [K in keyof T]-?: Whole<Exclude<T[K], undefined>> } : T;

/** A request: what may be null may be left out. */
export type Loose<T> = { [K in keyof T as null extends T[K] ? never : K]: T[K] } & { [K in keyof T as null extends T[K] ? K : never]?: T[K] };

/**
 * A shape with words in place of "string" and known contents in place of "unknown". Only properties that the
 * description has can be refined, and only to what it allows: a rename on the server fails the build here.
 */
export type Refine<T, R extends { [K in keyof R]: K extends keyof T ? T[K] : never }> = Omit<T, keyof R> & R;

/** Query names as the console writes them; the server does not tell their case apart. */
export type Query<T> = { [K in keyof T as Uncapitalize<K & string>]?: T[K] | undefined };
