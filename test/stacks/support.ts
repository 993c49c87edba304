import { App, type TerraformStack, Testing } from "cdktf";
import type { Construct } from "constructs";
import type { IBrokerNodePool } from "../../lib";
import { type CheckedSettings, readSettings } from "../../stacks/settings";
import { decodeUserData } from "../nodes/read-user-data";
import type { SynthesisedStack } from "../support/synth";

type StackClass = new (scope: Construct, id: string, settings: CheckedSettings) => TerraformStack & { readonly pool: IBrokerNodePool };

/** A stack with these settings, as the application builds it, and what Terraform gets of it. */
export function build(Stack: StackClass, id: string, context: object = {}): SynthesisedStack & { readonly pool: IBrokerNodePool } {
  const stack = new Stack(new App(), id, readSettings(context, {}));
  // Where `app.synth()` gives a stack its backend when it has none.
  stack.prepareStack();
  return { ...JSON.parse(Testing.synth(stack, false)), pool: stack.pool };
}

/** For a reviewer: user data as lines, no bookkeeping of cdktf, no folder of this machine. */
export function readable({ pool: _, ...synthesised }: ReturnType<typeof build>): string {
  const text = JSON.stringify(
    synthesised,
    (key, value) => {
      if (key === "//") return undefined;
      return key === "user_data" ? decodeUserData(value).split("\n") : value;
    },
    2,
  );
  return `${text.replaceAll(`${process.cwd()}/`, "./")}\n`;
}
