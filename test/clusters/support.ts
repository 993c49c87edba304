import { DefaultTokenResolver, Fn, StringConcat, type TerraformStack, Tokenization } from "cdktf";
import { type Block, type SynthesisedStack, stackOf } from "../support/synth";

/** Why a stack that `build` fills is refused. */
export function refusal(build: (stack: TerraformStack) => void): Error {
  try {
    stackOf(build);
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** What `build` returns, with its tokens in the terms of Terraform. */
export function resolved<T>(build: (stack: TerraformStack) => T): T {
  let value: T | undefined;
  const scope = stackOf((stack) => {
    value = build(stack);
  });
  return Tokenization.resolve(value, { scope, resolver: new DefaultTokenResolver(new StringConcat()), preparing: false });
}

/** A string that is known only when Terraform runs. */
export function token(): string {
  return Fn.trimspace("later");
}

/** The only block of a type whose attributes include these. */
export function blockWith({ resource = {} }: SynthesisedStack, type: string, attributes: Record<string, unknown>): Block {
  const found = Object.values(resource[type] ?? {}).filter((block) =>
    Object.entries(attributes).every(([name, value]) => block[name] === value),
  );
  if (found.length !== 1) throw new Error(`expected one ${type} with ${JSON.stringify(attributes)}, found ${found.length}`);
  return found[0]!;
}

/** Terraform addresses of what a block depends on explicitly, without the hashes that end them. */
export function dependencies(block: Block): string[] {
  return (block.depends_on ?? []).map((address: string) => address.replace(/_[0-9A-F]{8}$/, ""));
}
