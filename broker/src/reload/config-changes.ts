import type { Config, ListenerConfig } from "../config/config.js";
import { isSame } from "./is-same.js";
import { isReloadable, saysWhoMayCome } from "./reloadable-settings.js";

/** What is different in settings that were read again, by name: values may be secrets. */
export interface ConfigChanges {
  /** Places of what is about to change, such as `mqtt.maxQos`, `listeners[tls:default].tls.cert` or `listeners[new one]`. */
  readonly applied: readonly string[];
  /** Places of what stays as it is until the broker starts again. */
  readonly needsRestart: readonly string[];
  /** The settings to put in force: those read, and of what needs a restart those that run. */
  readonly config: Config;
}

type Tree = Readonly<Record<string, unknown>>;

export function changesBetween(running: Config, read: Config): ConfigChanges {
  const applied: string[] = [];
  const needsRestart: string[] = [];

  /** `isMoved`: it is part of a port that is to be reached in another way. */
  function merged(was: Tree, is: Tree, place: string, isMoved = false): Tree {
    const moves = isMoved || was.host !== is.host || was.transport !== is.transport;
    const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
    const values = keys.map((key) => [key, value(was[key], is[key], place === "" ? key : `${place}.${key}`, moves)] as const);
    // As it was, so that parts see that it has not changed.
    if (values.every(([key, one]) => one === was[key])) return was;
    return Object.fromEntries(values.filter(([, one]) => one !== undefined));
  }

  function value(was: unknown, is: unknown, place: string, isMoved: boolean): unknown {
    if (isTree(was) && isTree(is)) return merged(was, is, place, isMoved);
    if (isSame(was, is)) return was;
    // Where the port is to be may be a place that needs no authentication, but where it is until the restart is none.
    if (!isReloadable(place) || (isMoved && saysWhoMayCome(place))) {
      needsRestart.push(place);
      return was;
    }
    applied.push(place);
    return is;
  }

  function listener(is: ListenerConfig): ListenerConfig {
    const place = `listeners[${is.name}]`;
    const was = running.listeners.find(({ name }) => name === is.name);
    if (was === undefined || isElsewhere(was, is)) {
      applied.push(place);
      return is;
    }
    // The layers of a listener follow from its transport, and stay with it.
    const { tls: _, webSocket: __, ...rest } = is;
    const layers = { ...(was.tls && { tls: was.tls }), ...(was.webSocket && { webSocket: was.webSocket }) };
    return merged({ ...was }, { ...(was.transport === is.transport ? is : { ...rest, ...layers }) }, place) as unknown as ListenerConfig;
  }

  const { listeners: _, ...runningRest } = running;
  const { listeners, ...readRest } = read;
  const rest = merged(runningRest, readRest, "") as Omit<Config, "listeners">;
  const nextListeners = listeners.map(listener);
  for (const { name } of running.listeners) if (!listeners.some((one) => one.name === name)) applied.push(`listeners[${name}]`);
  return { applied, needsRestart, config: { ...rest, listeners: nextListeners } };
}

/** Whether a listener of the same name has another port: then it is another one. On the same port the two could not be bound at a time. */
export function isElsewhere(was: ListenerConfig, is: ListenerConfig): boolean {
  return was.port !== is.port;
}

/** A section of settings; lists, and tables such as those of users, are one value. */
function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
