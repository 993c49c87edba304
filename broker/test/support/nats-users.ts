import { nkeys } from "@nats-io/transport-node";

/** A user by key alone: what the server knows, and the seed that proves it. */
export function makeNkey(): { readonly publicKey: string; readonly seed: string } {
  const user = nkeys.createUser();
  return { publicKey: user.getPublicKey(), seed: new TextDecoder().decode(user.getSeed()) };
}

/** A user by JWT: the configuration of a server that trusts its operator, and the text of its .creds file. */
export function makeCredentials(): { readonly config: string; readonly credentials: string } {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  const accountKey = account.getPublicKey();
  const limits = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const operatorJwt = jwt(operator, operator.getPublicKey(), { type: "operator" });
  const accountJwt = jwt(operator, accountKey, { type: "account", limits });
  const userJwt = jwt(account, user.getPublicKey(), { type: "user", subs: -1, data: -1, payload: -1 });
  const seed = new TextDecoder().decode(user.getSeed());
  return {
    config: `operator: ${operatorJwt}\nresolver: MEMORY\nresolver_preload: { ${accountKey}: ${accountJwt} }`,
    credentials: `${block("NATS USER JWT", userJwt)}\n${block("USER NKEY SEED", seed)}`,
  };
}

function jwt(issuer: nkeys.KeyPair, subject: string, claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const header = part({ typ: "JWT", alg: "ed25519-nkey" });
  const body = part({ iat: 1, iss: issuer.getPublicKey(), sub: subject, name: "test", nats: { ...claims, version: 2 } });
  const signature = issuer.sign(new TextEncoder().encode(`${header}.${body}`));
  return `${header}.${body}.${Buffer.from(signature).toString("base64url")}`;
}

function block(name: string, text: string): string {
  return `-----BEGIN ${name}-----\n${text}\n------END ${name}------\n`;
}
