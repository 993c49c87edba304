import { App, TerraformStack, Testing } from "cdktf";

/** The parts of synthesised Terraform JSON that tests read. */
export interface SynthesisedStack {
  readonly resource?: Record<string, Record<string, Block>>;
  readonly data?: Record<string, Record<string, Block>>;
  readonly provider?: Record<string, unknown>;
  readonly terraform?: Record<string, unknown>;
  readonly output?: Record<string, Block>;
}

/** Attributes of one block; their form is the provider's. */
// biome-ignore lint/suspicious/noExplicitAny: synthesised JSON has no narrower type, and a test that asserts states it anyway.
export type Block = Record<string, any>;

/** A stack of its own, as `build` fills it, synthesised to JSON. */
export function synthesise(build: (stack: TerraformStack) => void): SynthesisedStack {
  return JSON.parse(Testing.synth(stackOf(build), false));
}

/** A stack of its own, as `build` fills it. */
export function stackOf(build: (stack: TerraformStack) => void): TerraformStack {
  const stack = new TerraformStack(new App(), "test");
  build(stack);
  return stack;
}

/** All blocks of one resource type. */
export function resourcesOf(synthesised: SynthesisedStack, type: string): Block[] {
  return Object.values(synthesised.resource?.[type] ?? {});
}

/** The only block of one resource type. */
export function resourceOf(synthesised: SynthesisedStack, type: string): Block {
  const found = resourcesOf(synthesised, type);
  if (found.length !== 1) throw new Error(`expected one ${type}, found ${found.length}`);
  return found[0]!;
}

/** Bill of materials: each type with how many there are, data sources marked. */
export function billOfMaterials({ resource = {}, data = {} }: SynthesisedStack): string[] {
  const lines = (blocks: Record<string, object>, prefix: string) =>
    Object.entries(blocks).map(([type, byId]) => `${prefix}${type} × ${Object.keys(byId).length}`);
  return [...lines(resource, ""), ...lines(data, "data ")].sort();
}
