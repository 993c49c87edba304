import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { secretCommand } from "../lib/release/kubectl";
import { SETTING_PLACES } from "../stacks/environment";
import { readSettings } from "../stacks/settings";
import { platformTable, region, settingsTable, sizeExample } from "./support/readme-tables";

const README = readFileSync("README.md", "utf8");
const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));

describe("the README", () => {
  it.each(["eks", "aks", "gke"])("shows the code of stacks/%s.ts as it is", (cloud) => {
    expect(between(`<!-- region ${cloud} -->\n\`\`\`ts\n`, "\n```")).toBe(region(`stacks/${cloud}.ts`, cloud));
  });

  it.each([
    ["companion", "stacks/deploy-brokers.ts"],
    ["kubeconfig", "stacks/kubeconfig.ts"],
    ["load-test", "stacks/load-test.ts"],
  ])("shows the code of %s as it is", (name, file) => {
    expect(between(`<!-- region ${name} -->\n\`\`\`ts\n`, "\n```")).toBe(region(file, name));
  });

  it("shows what each cloud does as the plan decides it", () => {
    expect(between("<!-- table platforms -->\n", "\n<!-- end -->")).toBe(platformTable());
  });

  it("shows a load test that the settings take, for which its command makes the Secret", () => {
    const { loadTest } = JSON.parse(`{${between("beside the brokers':\n\n```json\n", "\n```")}}`);
    expect(readSettings({ loadTest }, {}).loadTest).toMatchObject(loadTest);
    const command = between(`${loadTest.credentialsSecret}"\n}\n`, "\n## ");
    expect(command).toContain(`kubectl --namespace mqtt-load create secret generic ${loadTest.credentialsSecret} `);
    expect(command).toContain(`password="$(${secretCommand("mqtt", "mqttd-users", "password")})"`);
  });

  it("shows a sizing as it is worked out", () => {
    expect(between("<!-- size -->\n```\n", "\n```\n<!-- end -->")).toBe(sizeExample());
  });

  it("lists every setting", () => {
    expect(between("<!-- table settings -->\n", "\n<!-- end -->")).toBe(settingsTable());
  });

  it("names only scripts and files that exist", () => {
    const commands = [...README.matchAll(/npm run ([a-z:]+)/g)].map(([, name = ""]) => name);
    expect(commands.length).toBeGreaterThan(1);
    for (const name of commands) expect(scripts).toHaveProperty([name]);
    for (const [, path = ""] of README.matchAll(/\]\(([a-z][^):]*)\)/g)) expect(existsSync(path), path).toBe(true);
  });

  it("has a line in its map for each folder", () => {
    const map = between("## What is where\n", "\n`npm run check`");
    const folders = [
      "bench",
      "broker",
      "stacks",
      "test",
      ...readdirSync("lib", { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [`lib/${entry.name}`] : [])),
    ];
    for (const folder of folders) expect(map).toContain(`| \`${folder}\` |`);
  });
});

describe("the deployment workflow", () => {
  const workflow = parse(readFileSync(".github/workflows/deploy.yml", "utf8"));
  const { env, steps } = workflow.jobs.stack;

  it("sets only settings that exist", () => {
    const variables = Object.keys(env).filter((name) => name.startsWith("BROKER_POOLS_"));
    expect(variables.length).toBeGreaterThan(5);
    expect(variables.filter((name) => !SETTING_PLACES.some(({ variable }) => variable === name))).toEqual([]);
  });

  it("synthesises always, shows the difference on a pull request and deploys on main only", () => {
    const runs = Object.fromEntries(steps.map((step: Record<string, string>) => [step.run, step.if]));
    expect(runs).toHaveProperty(["npx cdktf synth"], undefined);
    expect(runs['npx cdktf diff "${{ matrix.stack }}" --skip-synth']).toBe("github.event_name == 'pull_request'");
    expect(runs['npx cdktf deploy "${{ matrix.stack }}*" --skip-synth --auto-approve']).toBe("github.event_name == 'push'");
    expect(workflow.on.push.branches).toEqual(["main"]);
  });

  it("enters each cloud by OIDC and stores no secret", () => {
    expect(workflow.permissions).toEqual({ contents: "read", "id-token": "write" });
    expect(
      steps.filter((step: Record<string, string>) => step.name?.startsWith("Enter ")).map((step: Record<string, string>) => step.if),
    ).toEqual(["matrix.stack == 'eks'", "matrix.stack == 'aks'", "matrix.stack == 'gke'"]);
    expect(JSON.stringify(workflow)).not.toContain("secrets.");
  });
});

describe("the repository", () => {
  it("names no package registry's host", () => {
    const lock = readFileSync("package-lock.json", "utf8");
    expect(lock).not.toMatch(/"resolved": "http/);
    expect(`${README}${readFileSync(".ci/run", "utf8")}`).not.toMatch(/registry\.[a-z]+\.|proxy\.golang|pypi\.org/);
  });
});

function between(start: string, end: string): string {
  const from = README.indexOf(start);
  if (from < 0) throw new Error(`README.md has no '${start.trim()}'`);
  const begin = from + start.length;
  return README.slice(begin, README.indexOf(end, begin));
}
