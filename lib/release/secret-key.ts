import type { Release } from "@cdktf/provider-helm/lib/release";
import type { GeneratedSecret } from "./generated-secret";

/** A key of a Secret in the namespace. */
export interface SecretKey {
  /** Its name, or one that is made here, which then comes first. */
  readonly secret: string | GeneratedSecret;
  readonly key: string;
}

/** Name of the Secret. */
export function secretName({ secret }: SecretKey): string {
  return typeof secret === "string" ? secret : secret.secretName;
}

/** Releases that make the Secrets, for `dependsOn`. */
export function secretReleases(...keys: readonly (SecretKey | undefined)[]): Release[] {
  return keys.flatMap((key) => (key && typeof key.secret !== "string" ? [key.secret.resource] : []));
}
