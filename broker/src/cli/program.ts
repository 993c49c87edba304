import { Argument, Command } from "commander";
import type { BenchRequest } from "../bench/bench.js";
import { VERSION } from "../version.js";
import { addBenchCommand } from "./bench-command.js";
import { completionScript, SHELLS, type Shell } from "./completion.js";
import { addCtlCommand, type CtlAsked } from "./ctl-command.js";
import { addDoctorCommand, type DoctorRequest } from "./doctor-command.js";
import { addPasswdCommand, type PasswdRequest } from "./passwd-command.js";
import { addSettingOptions, NAMES_OF_SETTINGS } from "./setting-options.js";
import { addStoreCommand, type StoreRequest } from "./store-command.js";
import type { Terminal } from "./terminal.js";

/** What the commands do, each given the flags as text. */
export interface Actions {
  start(flags: ReadonlyMap<string, string>): void | Promise<void>;
  check(flags: ReadonlyMap<string, string>): void;
  print(flags: ReadonlyMap<string, string>): void;
  passwd(request: PasswdRequest): Promise<void>;
  store(request: StoreRequest): Promise<void>;
  doctor(request: DoctorRequest): Promise<void>;
  bench(request: BenchRequest): Promise<void>;
  ctl(asked: CtlAsked): Promise<void>;
}

const SIGNALS = `
Signals:
  SIGHUP           reads the configuration file and the files that it names again: users, access, limits, certificates
                   and listeners change, connections stay; one mistake, and everything stays as it was
  SIGTERM, SIGINT  no longer ready; after drain.delaySeconds accepts nobody and tells every client to go, within
                   shutdownSeconds; then writes what is to be kept and exits with 0; a second one ends it at once`;

const EXIT_CODES = "Exit codes: 0 all well, 1 it failed, 2 the command line is not understood.";

const CTL_EXIT_CODES = `${EXIT_CODES.slice(0, -1)},
            3 nobody answers at the admin port.`;

/** The command line of `mqttd`. Throws commander's CommanderError where that would exit. */
export function program(actions: Actions, { out, err }: Pick<Terminal, "out" | "err">): Command {
  const mqttd = new Command("mqttd")
    .description("MQTT 3.1, 3.1.1 and 5.0 broker: one process, one core, as many connections as its memory holds.")
    .version(VERSION, "-v, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    // Flags of a command are its own: --version of bench is MQTT's.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err })
    .showHelpAfterError("(mqttd --help lists the commands, mqttd <command> --help their flags)")
    .addHelpText(
      "after",
      examples(
        ["mqttd start", "on 127.0.0.1: MQTT on 1883, WebSocket on 8083"],
        ["mqttd config check --config mqttd.yaml", "is the file right?"],
      ),
    )
    .addHelpText("after", `\n${EXIT_CODES}`);

  const start = mqttd.command("start").description("run the broker until SIGTERM or SIGINT");
  withSettings(start, actions.start)
    .addHelpText("after", SIGNALS)
    .addHelpText(
      "after",
      examples(
        ["mqttd start", "loopback only, anyone may connect"],
        ["mqttd start --host 0.0.0.0 --allow-anonymous", "every address, open to all who reach it"],
        ["mqttd start --tls-port 8883 --tls-cert-file cert.pem --tls-key-file key.pem", "TLS too"],
        ["MQTTD_LOG_LEVEL=debug mqttd start --config mqttd.yaml --port 1884", "all sources together"],
      ),
    );

  const config = mqttd.command("config").description("check or print the settings without starting");
  withSettings(config.command("check").description("say everything that is wrong with the settings, or what they make"), actions.check);
  withSettings(config.command("print").description("print every setting as it is in effect, as YAML"), actions.print);

  addPasswdCommand(mqttd, actions.passwd)
    .addHelpText(
      "after",
      examples(
        ["mqttd passwd --create users alice", "a new file; asks for the password twice"],
        ["mqttd passwd --password-stdin users bob < bob.txt", "for scripts"],
        ["mqttd passwd --scheme pbkdf2-sha512 --cost 101 users carol", "in a form that mosquitto reads too, at its own cost"],
        ["mqttd passwd --scheme scram-sha-256 --create scram-users dave", "for authentication by SCRAM"],
        ["mqttd passwd --delete users bob", "takes effect when the broker reads its files again"],
      ),
    )
    .addHelpText("after", `\n${EXIT_CODES}`);

  const storeExamples = examples(
    ["mqttd store check", "is the store whole, and what is in it?"],
    ["mqttd store export --data-dir /var/lib/mqttd store.jsonl", "a copy that can be read, and kept"],
    ["mqttd store import --data-dir /var/lib/mqttd-new store.jsonl", "the same store in another place"],
  );
  for (const command of addStoreCommand(mqttd, actions.store)) {
    command.addHelpText("after", storeExamples).addHelpText("after", `\n${EXIT_CODES}`);
  }

  const benchExamples = examples(
    ["mqttd bench conn -c 50000 -R 1000", "50,000 connections, 1,000 a second, on one address and port of the broker"],
    [
      "mqttd bench conn -h broker -c 200000 --ifaddr 10.0.0.5,10.0.0.6,10.0.0.7,10.0.0.8 --processes 8",
      "more than one address has ports for",
    ],
    ["mqttd bench sub -t bench/%i -q 1 --payload-hdrs cnt64,ts", "receive, and find loss, duplicates and latency"],
    ["mqttd bench pub -t bench/%i -q 1 -F 20 -I 100 --payload-hdrs cnt64,ts", "10 messages a second and client for these subscribers"],
  );
  for (const command of addBenchCommand(mqttd, actions.bench)) {
    command.addHelpText("after", benchExamples).addHelpText("after", `\n${EXIT_CODES}`);
  }

  addDoctorCommand(mqttd, actions.doctor)
    .addHelpText(
      "after",
      examples(
        ["mqttd doctor --connections 100000", "is this machine fit for that many?"],
        ["mqttd doctor --plan /etc/mqttd/plan.json --config /etc/mqttd/mqttd.yaml", "in a pod: is what its pool promised in force?"],
        ["mqttd doctor --require nats,clock --json", "for scripts; these two are a must"],
      ),
    )
    .addHelpText(
      "after",
      "\nExit codes: 0 nothing that is required is wrong, 1 something is, 2 the command line, settings or plan are not understood.",
    );
  addCtlCommand(mqttd, actions.ctl)
    .addHelpText(
      "after",
      examples(
        ["mqttd ctl status", "is it running, and ready?"],
        ["mqttd ctl clients list --state connected --json", "for scripts"],
        ["kubectl exec mqttd-0 -- mqttd ctl clients show device-7", "in the pod it finds the port, and the token, by itself"],
        ["mqttd ctl broker stats --watch 5", "again every five seconds"],
      ),
    )
    .addHelpText("after", `\n${CTL_EXIT_CODES}`);

  mqttd
    .command("completion")
    .description("print a script that completes this command line in a shell")
    .addArgument(new Argument("<shell>").choices(SHELLS))
    .addHelpText("after", examples(["source <(mqttd completion bash)", "in this shell; in ~/.bashrc, in all"]))
    .action((shell: Shell) => out(completionScript(mqttd, shell)));
  return mqttd;
}

function withSettings(command: Command, action: (flags: ReadonlyMap<string, string>) => void | Promise<void>): Command {
  const flags = addSettingOptions(command);
  return command
    .action(() => action(flags()))
    .addHelpText("after", `\n${NAMES_OF_SETTINGS}`)
    .addHelpText("after", `\n${EXIT_CODES}`);
}

function examples(...lines: readonly (readonly [command: string, effect: string])[]): string {
  return ["\nExamples:", ...lines.map(([command, effect]) => `  ${command}\n      ${effect}`)].join("\n");
}
