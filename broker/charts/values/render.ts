import { Document, isMap, isScalar, type Pair, stringify } from "yaml";
import * as z from "zod";

/*
 * A chart's values, described once in TypeScript, as the files that Helm and people read: values.yaml, values.schema.json and the table
 * in the chart's README.
 */

const COMMENT_WIDTH = 116;
const GENERATED = "Made by `npm run charts` from broker/charts/values; edit it there.";

interface Value {
  readonly path: readonly string[];
  readonly description: string;
  readonly example: unknown;
  readonly byDefault: unknown;
  /** Values of its own in it, which follow. */
  readonly isSection: boolean;
}

/** `values.yaml`: every value with its default, what it is for above it. */
export function valuesYaml(title: string, values: z.ZodObject): string {
  const document = new Document(values.parse({}));
  document.commentBefore = comment(`${title}\n${GENERATED}`);
  for (const { path, description, example } of describedBy(values)) {
    const pair = pairAt(document, path);
    if (!isScalar(pair.key)) continue;
    pair.key.commentBefore = comment(example === undefined ? description : `${description}. For example:\n${exampleOf(path, example)}`);
    if (path.length === 1) pair.key.spaceBefore = true;
    if (isMap(pair.value) && pair.value.items.length === 0) pair.value.flow = true;
  }
  return document.toString({ lineWidth: 0 });
}

/** `values.schema.json`, in the draft that Helm 3 and Terraform's tools know. Without spaces: Helm keeps it in every release, of 1 MiB at most. */
export function valuesSchema(values: z.ZodObject): string {
  const schema = z.toJSONSchema(values, {
    target: "draft-7",
    io: "input",
    // Defaults and examples stand in values.yaml; here they would only make each release larger.
    override: ({ jsonSchema }) => {
      delete jsonSchema.default;
      delete jsonSchema.example;
    },
  });
  return `${JSON.stringify(schema)}\n`;
}

/** Every value as a row of a Markdown table. */
export function valuesTable(values: z.ZodObject): string {
  const rows = describedBy(values)
    .filter(({ isSection }) => !isSection)
    .map(
      ({ path, description, byDefault }) =>
        `| \`${path.join(".")}\` | \`${JSON.stringify(byDefault)}\` | ${description.replaceAll("|", "\\|")} |`,
    );
  return ["| value | default | for what |", "| --- | --- | --- |", ...rows].join("\n");
}

/** Every value that has a description, in order, sections before what is in them. */
export function describedBy(values: z.ZodObject): Value[] {
  return within(values, values.parse({}) as Record<string, unknown>, []);
}

function within(schema: z.ZodObject, defaults: Record<string, unknown>, path: readonly string[]): Value[] {
  return Object.entries(schema.shape).flatMap(([name, field]) => {
    const place = [...path, name];
    const byDefault = defaults[name];
    if (byDefault === undefined) return [];
    const { description, example } = metaOf(field as z.ZodType);
    if (description === undefined) throw new Error(`value '${place.join(".")}' has no description`);
    const inner = unwrapped(field as z.ZodType);
    // A section whose default is empty, like `affinity`, stands for itself.
    const isSection = inner instanceof z.ZodObject && Object.keys(byDefault as object).length > 0;
    const below = isSection ? within(inner, byDefault as Record<string, unknown>, place) : [];
    return [{ path: place, description, example, byDefault, isSection }, ...below];
  });
}

function metaOf(schema: z.ZodType): { description?: string; example?: unknown } {
  const own = schema.meta();
  if (own?.description !== undefined) return own as { description: string; example?: unknown };
  const { innerType } = schema.def as unknown as { innerType?: z.ZodType };
  return innerType ? metaOf(innerType) : {};
}

function unwrapped(schema: z.ZodType): z.ZodType {
  const { innerType } = schema.def as unknown as { innerType?: z.ZodType };
  return innerType ? unwrapped(innerType) : schema;
}

function pairAt(document: Document, path: readonly string[]): Pair {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1));
  if (!isMap(parent)) throw new Error(`values.yaml has nothing at ${path.join(".")}`);
  return parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) as Pair;
}

function exampleOf(path: readonly string[], example: unknown): string {
  return stringify({ [path.at(-1)!]: example }, { lineWidth: 0 })
    .trimEnd()
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}

/** Lines of at most so many characters; what begins with blanks stays as it is. */
function comment(text: string): string {
  return text
    .split("\n")
    .flatMap((line) => (line.startsWith(" ") ? [line] : folded(line)))
    .map((line) => ` ${line}`)
    .join("\n");
}

function folded(line: string): string[] {
  const lines = [""];
  for (const word of line.split(" ")) {
    const last = lines.at(-1)!;
    if (last !== "" && last.length + 1 + word.length > COMMENT_WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
