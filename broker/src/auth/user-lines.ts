/** The lines of a file of users, to be changed one by one; what else is in the file stays as it is. */
export class UserLines {
  #lines: string[];

  constructor(text: string) {
    this.#lines = text.split("\n");
    if (this.#lines.at(-1) === "") this.#lines.pop();
  }

  /** Names and what comes after their colons, in the file's order. */
  get users(): readonly (readonly [name: string, secret: string])[] {
    return this.#lines.flatMap((line) => {
      const name = nameIn(line);
      return name === undefined ? [] : [[name, line.slice(name.length + 1).replace(/\r$/, "")] as const];
    });
  }

  has(name: string): boolean {
    return this.#lines.some((line) => nameIn(line) === name);
  }

  /** Where the user was, or at the end. */
  set(name: string, secret: string): void {
    const line = `${name}:${secret}`;
    const index = this.#lines.findIndex((other) => nameIn(other) === name);
    if (index < 0) this.#lines.push(line);
    else this.#lines = this.#lines.flatMap((other, i) => (i === index ? [line] : nameIn(other) === name ? [] : [other]));
  }

  delete(name: string): void {
    this.#lines = this.#lines.filter((line) => nameIn(line) !== name);
  }

  toString(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }
}

function nameIn(line: string): string | undefined {
  const colon = line.indexOf(":");
  return colon < 1 || line.startsWith("#") ? undefined : line.slice(0, colon);
}
