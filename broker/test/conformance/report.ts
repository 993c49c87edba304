import { CLAUSES, type Clause, type Standard } from "./clauses.js";
import { type ClauseKey, type TitledTest, testsByClause } from "./evidence.js";
import { REASONS } from "./reasons.js";

const BINDS_THE_CLIENT = "Binds the client only";

export function keyOf({ standard, id }: Clause): ClauseKey {
  return `${standard} ${id}`;
}

/** Clauses that a server can break and that have neither a test nor a reason. */
export function unshownClauses(tests: readonly TitledTest[]): ClauseKey[] {
  const shown = testsByClause(tests);
  return CLAUSES.filter((clause) => clause.duty !== "client")
    .map(keyOf)
    .filter((key) => !shown.has(key) && REASONS[key] === undefined);
}

/** conformance.md: each clause with the first test of each file that shows it, or why there is none. */
export function conformanceReport(tests: readonly TitledTest[]): string {
  const shown = testsByClause(tests);
  return [
    "# Conformance",
    "",
    "Every numbered statement of both standards in our words, and the tests that name it: of each test file the first. Generated",
    "from the titles of the tests by `npx tsx broker/test/conformance/generate.ts`; `conformance.test.ts` fails while a statement",
    "that a server can break has neither a test nor a reason, and while this file is out of date.",
    ...section("5.0", "MQTT 5.0", shown),
    ...section("3.1.1", "MQTT 3.1.1", shown),
    "",
  ].join("\n");
}

function section(standard: Standard, title: string, shown: ReadonlyMap<ClauseKey, readonly TitledTest[]>): string[] {
  const clauses = CLAUSES.filter((clause) => clause.standard === standard);
  const count = clauses.filter((clause) => shown.has(keyOf(clause))).length;
  return [
    "",
    `## ${title}`,
    "",
    `${clauses.length} statements, ${count} of them named by tests.`,
    "",
    "| Statement | Binds | Means | Shown by |",
    "| --- | --- | --- | --- |",
    ...clauses.map((clause) => row(clause, shown.get(keyOf(clause)) ?? [])),
  ];
}

function row(clause: Clause, tests: readonly TitledTest[]): string {
  const evidence = tests.length > 0 ? firstOfEachFile(tests).map(cite).join("<br>") : reasonOf(clause);
  return `| ${clause.id} | ${clause.duty} | ${plain(clause.meaning)} | ${evidence} |`;
}

function firstOfEachFile(tests: readonly TitledTest[]): TitledTest[] {
  return tests.filter((test, at) => tests.findIndex(({ file }) => file === test.file) === at);
}

function cite({ file, title }: TitledTest): string {
  return `\`${file}\` ${plain(title.replaceAll(" > ", ": "))}`;
}

function reasonOf(clause: Clause): string {
  const reason = REASONS[keyOf(clause)] ?? (clause.duty === "client" ? BINDS_THE_CLIENT : "**nothing yet**");
  return `*${reason}*`;
}

/** Titles hold whatever tests are about: characters of tables and of HTML, and control characters. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is replaced
  const visible = text.replace(/[\u0000-\u001f\u007f\ufeff]/g, (character) => `U+${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return visible.replace(/[\\|<>*_`]/g, "\\$&");
}
