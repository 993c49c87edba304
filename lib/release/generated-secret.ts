import type { Release } from "@cdktf/provider-helm/lib/release";
import { Construct } from "constructs";
import { checkValues } from "./chart-schema";
import { installRelease } from "./install-release";
import { secretCommand } from "./kubectl";
import type { BrokerNamespace } from "./namespace";
import { chartPath, packagedChart } from "./packaged-chart";

export interface GeneratedSecretProps {
  readonly namespace: BrokerNamespace;
  /** Name of the Secret, and of its release. */
  readonly name: string;
  /** Passwords to make: a key of the Secret each, and its length, 16 to 128 letters and digits. */
  readonly passwords: Readonly<Record<string, number>>;
  /**
   * Further keys with fixed text; `<key>` in it stands for that password.
   *
   * @default - none
   */
  readonly texts?: Readonly<Record<string, string>>;
  /**
   * Further keys that are password files of the companion broker: for each user, the key of its password.
   *
   * @default - none
   */
  readonly userFiles?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * A Secret whose passwords are made in the cluster by Helm and kept over upgrades. They are in no settings, no plan and no Terraform state; who may read Secrets
 * of the namespace can read them.
 */
export class GeneratedSecret extends Construct {
  readonly secretName: string;
  readonly namespace: BrokerNamespace;
  /** For `dependsOn`. */
  readonly resource: Release;

  /** @throws InvalidPropsError */
  constructor(scope: Construct, id: string, props: GeneratedSecretProps) {
    super(scope, id);
    const { namespace, name, passwords, texts = {}, userFiles = {} } = props;
    this.secretName = name;
    this.namespace = namespace;

    const chart = packagedChart(this, "generated-secret");
    const values = { name, passwords, texts, userFiles };
    checkValues(this, chart.schema, values);
    this.resource = installRelease(this, {
      name,
      namespace: namespace.name,
      chart: chartPath(this, chart),
      values,
      dependsOn: [namespace.resource],
    });
  }

  /** Prints one of its passwords. */
  command(key: string): string {
    return secretCommand(this.namespace.name, this.secretName, key);
  }
}
