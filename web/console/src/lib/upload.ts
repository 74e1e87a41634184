/** From what was dropped to what is sent: pure path handling, no network. */
export type Dropped = { path: string; file: File };
export type Skipped = { path: string; reason: "type" | "hidden" | "empty" | "large" };
export type UploadPlan = { name: string; files: Dropped[]; skipped: Skipped[]; bytes: number };

export const maxFileBytes = 50 * 1024 * 1024;
/** What the server may read, by name; what a file really is, its content says there. */
export const extensions = "md mdx markdown mdown html htm xhtml txt text pdf docx docm pptx pptm xlsx xlsm csv tsv adoc asciidoc asc ad rst rest zip".split(" ");
const readable = new RegExp(`\\.(${extensions.join("|")})$`, "i");
const ignoredFolders = new Set(["node_modules", "__MACOSX", "dist", "build"]);

/** Slashes one way, no dots, no empty steps, one form of accented letters: the same file always has the same path. */
export function cleanPath(path: string): string {
  const out: string[] = [];
  for (const step of path.normalize("NFC").replaceAll("\\", "/").split("/")) {
    if (step === "" || step === ".") continue;
    if (step === "..") out.pop();
    else out.push(step);
  }
  return out.join("/");
}

/** The folder that everything is in, if there is one: it names the source and is not part of the paths. */
export function commonRoot(paths: readonly string[]): string {
  const roots = new Set(paths.map((p) => (p.includes("/") ? p.slice(0, p.indexOf("/")) : "")));
  return roots.size === 1 ? ([...roots][0] ?? "") : "";
}

function refusal(path: string, file: File): Skipped["reason"] | null {
  const steps = path.split("/");
  if (steps.some((s) => s.startsWith(".") || ignoredFolders.has(s))) return "hidden";
  if (!readable.test(path)) return "type";
  if (file.size === 0) return "empty";
  return file.size > maxFileBytes ? "large" : null;
}

export function planUpload(dropped: readonly Dropped[]): UploadPlan {
  const cleaned = dropped.map((d) => ({ path: cleanPath(d.path), file: d.file })).filter((d) => d.path);
  const root = commonRoot(cleaned.map((d) => d.path));
  const files = new Map<string, Dropped>();
  const skipped: Skipped[] = [];
  for (const d of cleaned) {
    const path = root ? d.path.slice(root.length + 1) : d.path;
    const reason = refusal(path, d.file);
    if (reason) skipped.push({ path, reason });
    else files.set(path, { path, file: d.file });
  }
  const list = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const single = list.length === 1 ? (list[0]?.path.replace(/^.*\//, "").replace(/\.[^.]+$/, "") ?? "") : "";
  return { name: root || single, files: list, skipped, bytes: list.reduce((n, d) => n + d.file.size, 0) };
}

/** Batches small enough to show progress and to repeat when the line breaks. */
export function batches(files: readonly Dropped[], maxBytes = 8 * 1024 * 1024, maxFiles = 100): Dropped[][] {
  const out: Dropped[][] = [];
  let bytes = 0;
  for (const f of files) {
    const last = out.at(-1);
    if (!last || last.length >= maxFiles || bytes + f.file.size > maxBytes) {
      out.push([f]);
      bytes = f.file.size;
    } else {
      last.push(f);
      bytes += f.file.size;
    }
  }
  return out;
}

type Entry = { isFile: boolean; isDirectory: boolean; name: string; fullPath: string };
type FileEntry = Entry & { file: (ok: (f: File) => void, bad: (e: unknown) => void) => void };
type FolderEntry = Entry & { createReader: () => { readEntries: (ok: (e: Entry[]) => void, bad: (e: unknown) => void) => void } };

/** All files below the entries of a drop. A reader gives at most a hundred at a time and must be asked until it gives none. */
export async function readEntries(entries: readonly Entry[]): Promise<Dropped[]> {
  const out: Dropped[] = [];
  const queue = [...entries];
  for (let entry = queue.shift(); entry; entry = queue.shift()) {
    if (entry.isFile) {
      const file = await new Promise<File>((ok, bad) => (entry as FileEntry).file(ok, bad));
      out.push({ path: entry.fullPath, file });
    } else if (entry.isDirectory && !ignoredFolders.has(entry.name) && !entry.name.startsWith(".")) {
      const reader = (entry as FolderEntry).createReader();
      for (;;) {
        const some = await new Promise<Entry[]>((ok, bad) => reader.readEntries(ok, bad));
        if (some.length === 0) break;
        queue.push(...some);
      }
    }
  }
  return out;
}

export async function readDrop(data: DataTransfer): Promise<Dropped[]> {
  // Must be read before the first await: the browser empties the list after the event.
  const entries = [...data.items].map((i) => i.webkitGetAsEntry()).filter((e) => e !== null);
  const files = [...data.files];
  if (entries.length > 0) return readEntries(entries);
  return files.map((file) => ({ path: file.name, file }));
}

export function readInput(files: FileList): Dropped[] {
  return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}
