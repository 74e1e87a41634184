/** One event of a text/event-stream. */
export type ServerEvent = { event: string; data: string; id: string | null };

/** Reads a stream of server-sent events in pieces of any size, as the HTML standard lays them out. */
export class SseParser {
  #rest = "";
  #event = "";
  #data: string[] = [];
  #id: string | null = null;
  /** Milliseconds the server asks to wait before reconnecting. */
  retry: number | null = null;

  push(chunk: string): ServerEvent[] {
    this.#rest += chunk;
    const out: ServerEvent[] = [];
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(this.#rest);
      if (!end) return out;
      const line = this.#rest.slice(0, end.index);
      this.#rest = this.#rest.slice(end.index + end[0].length);
      if (line === "") {
        if (this.#data.length > 0) out.push({ event: this.#event || "message", data: this.#data.join("\n"), id: this.#id });
        this.#event = "";
        this.#data = [];
        this.#id = null;
      } else if (!line.startsWith(":")) this.#field(line);
    }
  }

  #field(line: string) {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.#event = value;
    else if (name === "data") this.#data.push(value);
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
  }
}
