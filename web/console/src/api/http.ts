import { Problem } from "./problem.ts";

/** Resolves when the person has signed in again, or rejects when they leave. Set by the page that can ask them. */
let reauthenticate: (() => Promise<void>) | null = null;

export function onSessionExpired(ask: (() => Promise<void>) | null) {
  reauthenticate = ask;
}

type Options = {
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  form?: FormData;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** The caller handles 401 itself: it is signing in. */
  anonymous?: boolean;
};

export function url(path: string, query: Options["query"] = {}): string {
  const pairs = Object.entries(query).filter(([, v]) => v !== undefined && v !== null && v !== "");
  const search = new URLSearchParams(pairs.map(([k, v]) => [k, String(v)])).toString();
  return search ? `${path}?${search}` : path;
}

/**
 * One request with the session's cookie. An expired session does not fail it: the person is asked to sign in over the
 * page, and the request goes out again, so that nothing typed is lost.
 */
export async function request<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const headers = new Headers(options.headers);
  if (method !== "GET") headers.set("X-Parley-Csrf", "1");
  let body: BodyInit | undefined = options.form;
  if (options.body !== undefined) {
    headers.set("Content-Type", "application/json");
    body = JSON.stringify(options.body);
  }
  for (;;) {
    let response: Response;
    try {
      response = await fetch(url(path, options.query), {
        method,
        headers,
        credentials: "same-origin",
        ...(body !== undefined && { body }),
        ...(options.signal && { signal: options.signal }),
      });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw Problem.offline();
    }
    if (response.status === 401 && !options.anonymous && reauthenticate) {
      await reauthenticate();
      continue;
    }
    if (!response.ok) throw await Problem.from(response);
    if (response.status === 204 || response.headers.get("Content-Length") === "0") return undefined as T;
    return (await response.json()) as T;
  }
}
