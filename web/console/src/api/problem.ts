import type { FormProblem } from "@parley/ui";
import { t } from "@/strings";

/** A refusal the server explained (RFC 9457), or the lack of any answer. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: Record<string, string[]> = {},
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.name = "Problem";
  }

  static offline() {
    return new Problem(0, "offline", t.problem.offline);
  }

  static of(response: Response, body: unknown): Problem {
    const p = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
    const text = (key: string) => (typeof p[key] === "string" ? p[key] : undefined);
    const retry = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
    return new Problem(
      response.status,
      text("code") ?? `http.${response.status}`,
      text("detail") ?? text("title") ?? t.problem.byStatus(response.status),
      readFields(p.errors),
      Number.isNaN(retry) ? null : retry,
    );
  }
}

function readFields(errors: unknown): Record<string, string[]> {
  if (typeof errors !== "object" || errors === null) return {};
  return Object.fromEntries(
    Object.entries(errors).map(([name, texts]) => [name.charAt(0).toLowerCase() + name.slice(1), (Array.isArray(texts) ? texts : [texts]).map(String)]),
  );
}

/** One sentence a person can act on. */
export function explain(error: unknown): string {
  if (!(error instanceof Problem)) return t.problem.unexpected;
  const own = t.problem.byCode[error.code];
  if (own) return own;
  if (error.status === 429 && error.retryAfter) return t.problem.slowDown(error.retryAfter);
  if (error.status >= 500) return t.problem.server;
  const fields = Object.values(error.fields).flat();
  return fields.length > 0 ? fields.join(" ") : error.message;
}

/** The fields of what was sent within something else: "rules.failedAttempts" is the form's "failedAttempts". */
export function nestedProblem(error: unknown): FormProblem {
  const p = formProblem(error);
  return { ...p, ...(p.fields && { fields: Object.fromEntries(Object.entries(p.fields).map(([name, texts]) => [name.slice(name.indexOf(".") + 1), texts])) }) };
}

export function formProblem(error: unknown): FormProblem {
  return { message: explain(error), ...(error instanceof Problem && { fields: error.fields }) };
}
