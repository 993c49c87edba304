import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const BROKER = fileURLToPath(new URL("..", import.meta.url));
const TEXTS = /^(licen[cs]e|copying|notice)(\.|-|$)/i;

/**
 * The licences of every package that is part of the bundle: each text once, under the packages that have it.
 *
 * @param inputs files that went into the bundle, as paths from the folder of the broker
 * @throws where a package says nothing about its licence
 */
export function thirdPartyLicences(inputs) {
  const folders = new Set(inputs.filter((path) => path.includes("node_modules/")).map((path) => packageFolder(join(BROKER, path))));
  const packages = [...folders].map(readPackage);
  const texts = new Map();
  for (const each of packages) texts.set(each.text, [...(texts.get(each.text) ?? []), each]);
  const sections = [...texts].map(([text, having]) => [
    having
      .map(({ title }) => title)
      .sort()
      .join("\n"),
    text,
  ]);
  sections.sort(([one], [other]) => (one < other ? -1 : 1));
  const intro = "mqttd.js holds code of these packages, under these licences.\n";
  return [intro, ...sections.map(([titles, text]) => `${"-".repeat(80)}\n${titles}\n\n${text}\n`)].join("\n");
}

function packageFolder(file) {
  let folder = dirname(file);
  // Some packages have a package.json without a name in the folder of each kind of module.
  while (!isPackage(folder)) folder = dirname(folder);
  return folder;
}

function isPackage(folder) {
  const manifest = join(folder, "package.json");
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version !== undefined;
}

function readPackage(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const files = readdirSync(folder)
    .filter((file) => TEXTS.test(file))
    .sort();
  if (files.length === 0 && typeof license !== "string") {
    throw new Error(`${name} ${version} goes into the bundle and says nothing about its licence: see what it is, or do without it`);
  }
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim());
  return {
    title: `${name} ${version} (${license})`,
    text: texts.join("\n\n") || `No text comes with it; its package.json says ${license}.`,
  };
}
