import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { Inbox, inTime } from "./foreign-inbox.js";

export interface Ended {
  /** Null if a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs beside the test, and is killed at its end if it still does. */
export class Program {
  /** Lines of its standard output, as they come, unless `onLine` takes them. */
  readonly lines = new Inbox<string>("line");
  /** Settles when it is gone and all its output has been read. */
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcessWithoutNullStreams;
  #onLine: (line: string) => void = (line) => this.lines.push(line);
  #stdout = "";
  #stderr = "";

  private constructor(path: string, args: readonly string[]) {
    this.#child = spawn(path, args, { stdio: "pipe" });
    this.#child.stdout.on("data", (chunk) => {
      this.#stdout += chunk;
    });
    this.#child.stderr.on("data", (chunk) => {
      this.#stderr += chunk;
    });
    this.#child.stdin.on("error", () => {}); // a program may end before it has read its input
    createInterface(this.#child.stdout).on("line", (line) => this.#onLine(line));
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (exitCode) => {
        this.lines.end(new Error(`${path} has ended with ${exitCode}: ${this.#stderr}`));
        resolve({ exitCode, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  static start(path: string, args: readonly string[]): Program {
    const program = new Program(path, args);
    onTestFinished(() => program.kill());
    return program;
  }

  /** Runs a program to its end. */
  static async run(path: string, args: readonly string[], input = ""): Promise<Ended> {
    const program = Program.start(path, args);
    program.endInput(input);
    return inTime(program.ended, `${path} did not end`);
  }

  /** Runs a program that has to succeed; gives what it printed. */
  static async output(path: string, args: readonly string[], input = ""): Promise<string> {
    const { exitCode, stdout, stderr } = await Program.run(path, args, input);
    if (exitCode !== 0) throw new Error(`${path} ${args.join(" ")} ended with ${exitCode}: ${stderr || stdout}`);
    return stdout;
  }

  /** Gives the lines to come to `take`. */
  onLine(take: (line: string) => void): void {
    this.#onLine = take;
  }

  writeLine(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  endInput(last = ""): void {
    this.#child.stdin.end(last);
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended.catch(() => {}); // it could not be started: the test has been told
  }
}
