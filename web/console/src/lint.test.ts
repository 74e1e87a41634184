import { ESLint } from "eslint";
import { join } from "node:path";
import { expect, it } from "vitest";

const web = join(import.meta.dirname, "../..");
const eslint = new ESLint({ overrideConfigFile: join(web, "eslint.config.mjs"), cwd: web });
/** The first look reads the types of everything. */
const patient = { timeout: 120_000 };
const problems = (results: ESLint.LintResult[]) => results.flatMap((r) => r.messages.map((m) => `${r.filePath}:${m.line} ${m.ruleId ?? ""} ${m.message}`));

async function rulesHit(code: string): Promise<(string | null)[]> {
  const results = await eslint.lintText(code, { filePath: join(web, "console/src/Example.tsx") });
  return results.flatMap((r) => r.messages.map((m) => m.ruleId));
}

it.each([
  ["text between tags", "export const A = () => <p>Hello there</p>;"],
  ["text in an expression", "export const A = ({ x }: { x: boolean }) => <p>{x ? 'Yes sir' : null}</p>;"],
  ["text in a template", "export const A = ({ n }: { n: number }) => <p>{`You have ${n}`}</p>;"],
  ["a spoken attribute", 'export const A = () => <button aria-label="Close it" />;'],
  ["a placeholder", "export const A = () => <input placeholder={'Type here'} />;"],
])("refuses %s outside the catalogue", patient, async (_, code) => expect(await rulesHit(code)).toContain("parley/no-literal-text"));

it("lets signs and attributes nobody reads pass", patient, async () => {
  expect(await rulesHit('export const A = () => <p className="wide" data-kind="note">{" · "}</p>;')).toEqual([]);
});

it.each(["<p style={{ marginLeft: 4 }} />", "<div ml={4} />", "<p style={{ left: 0 }} />"])("refuses a physical direction: %s", patient, async (jsx) =>
  expect(await rulesHit(`export const A = () => ${jsx};`)).toContain("parley/logical-only"),
);

it("finds nothing to refuse in the console and the shared components", patient, async () => {
  expect(problems(await eslint.lintFiles(["console/src", "ui/src"]))).toEqual([]);
});
