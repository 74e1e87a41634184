import type { PathsWithMethod, SuccessResponse } from "openapi-typescript-helpers";
import { Problem } from "./problem.ts";
import type { paths } from "./schema.gen.ts";
import type { Loose, Query, Whole } from "./shapes.ts";

/** Resolves when the person has signed in again, or rejects when they leave. Set by the page that can ask them. */
let reauthenticate: (() => Promise<void>) | null = null;

export function onSessionExpired(ask: (() => Promise<void>) | null) {
  reauthenticate = ask;
}

/**
 * One request with the session's cookie. An expired session does not fail it: the person is asked to sign in over the
 * page, and the request goes out again, so that nothing typed is lost.
 */
async function sessionFetch(request: Request): Promise<Response> {
  const anonymous = request.headers.has(anonymousHeader);
  request.headers.delete(anonymousHeader);
  if (request.method !== "GET") request.headers.set("X-Parley-Csrf", "1");
  for (;;) {
    let response: Response;
    try {
      // A body can be read once only; the original stays for another attempt.
      response = await fetch(request.clone());
    } catch (error) {
      if (request.signal.aborted) throw error;
      throw Problem.offline();
    }
    if (response.status !== 401 || anonymous || !reauthenticate) return response;
    await reauthenticate();
  }
}

/** Never sent: it marks a request whose caller handles 401 itself, because it is signing in. */
const anonymousHeader = "x-anonymous";

type Method = "get" | "post" | "put" | "patch" | "delete";
type Operation<P extends keyof paths, M extends Method> = paths[P][M] extends object ? paths[P][M] : never;
type Parameters<O, Where extends "path" | "query"> = O extends { parameters: infer A } ? (Where extends keyof A ? NonNullable<A[Where]> : never) : never;
type Body<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? Loose<B> : O extends { requestBody?: { content: { "application/json": infer B } } } ? Loose<B> | undefined : never;
type Answer<O> = O extends { responses: infer R extends Record<string | number, unknown> } ? Whole<SuccessResponse<R>> : never;

type Options<O> = {
  query?: Query<Parameters<O, "query">>;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  anonymous?: boolean;
} & ([Parameters<O, "path">] extends [never] ? { path?: never } : { path: Parameters<O, "path"> }) &
  ([Body<O>] extends [never] ? { body?: never } : undefined extends Body<O> ? { body?: Body<O> } : { body: Body<O> });

type Raw = { path?: unknown; query?: Record<string, unknown>; headers?: Record<string, string>; signal?: AbortSignal | undefined; anonymous?: boolean; body?: unknown };
/** The address of a call: what stands in braces, and what is asked for behind the question mark; nothing for what is not given. */
export function addressOf(path: string, o: Pick<Raw, "path" | "query">): string {
  const at = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String((o.path as Record<string, unknown> | undefined)?.[name])));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(o.query ?? {})) if (value !== undefined && value !== null && value !== "") query.append(name, String(value));
  return query.size > 0 ? `${at}?${query}` : at;
}

async function send(method: Method, path: string, o: Raw): Promise<unknown> {
  const response = await sessionFetch(
    new Request(addressOf(path, o), {
      method: method.toUpperCase(),
      credentials: "same-origin",
      headers: { ...o.headers, ...(o.body !== undefined && { "Content-Type": "application/json" }), ...(o.anonymous && { [anonymousHeader]: "1" }) },
      ...(o.body !== undefined && { body: JSON.stringify(o.body) }),
      ...(o.signal && { signal: o.signal }),
    }),
  );
  let data: unknown;
  try {
    const text = await response.text();
    if (text !== "") data = JSON.parse(text);
  } catch (error) {
    if (o.signal?.aborted) throw error;
    // The line broke in the middle of the answer. What refuses without words of ours, such as a proxy, is known by its status.
    if (response.ok) throw Problem.offline();
  }
  if (!response.ok) throw Problem.of(response, data);
  return data;
}

const method =
  <M extends Method>(name: M) =>
  <P extends PathsWithMethod<paths, M> & keyof paths>(path: P, ...[options]: object extends Options<Operation<P, M>> ? [Options<Operation<P, M>>?] : [Options<Operation<P, M>>]) =>
    send(name, path, (options ?? {}) as Raw) as Promise<Answer<Operation<P, M>>>;

export const get = method("get");
export const post = method("post");
export const put = method("put");
export const patch = method("patch");
export const remove = method("delete");

/** Files as multipart parts; the description has no words for their names, which are relative paths. */
export async function upload<T>(path: string, form: FormData, signal?: AbortSignal): Promise<T> {
  const response = await sessionFetch(new Request(path, { method: "POST", body: form, credentials: "same-origin", ...(signal && { signal }) }));
  if (!response.ok) throw Problem.of(response, await response.json().catch(() => null));
  return (await response.json()) as T;
}

/** For what the description does not have yet. */
export const request = <T>(name: Method, path: string, options: Pick<Raw, "query" | "signal" | "body"> = {}) => send(name, path, options) as Promise<T>;
