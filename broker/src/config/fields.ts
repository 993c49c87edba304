import * as z from "zod";

/*
 * The kinds of settings. Each says in `title` what it is for and in `description` what it takes: help, the README's tables and every
 * refusal are made of these two.
 *
 * `check` and `register` are used rather than `trim`, `min`, `max` and `meta`: each of those makes another schema and keeps the one before, 2 KB each.
 */

const LARGEST_PORT = 65_535;

/** A text without spaces around it, not empty. */
export const text = (purpose: string, takes: string) =>
  z.string().check(z.trim(), z.minLength(1)).register(z.globalRegistry, { title: purpose, description: takes });

/** True or false. */
export const toggle = (purpose: string) => z.boolean().register(z.globalRegistry, { title: purpose, description: "true or false" });

/** One of a few words. */
export const choice = <const Values extends readonly [string, ...string[]]>(purpose: string, values: Values) =>
  z.enum(values).register(z.globalRegistry, { title: purpose, description: `one of ${values.join(", ")}` });

/** A whole number within bounds. */
export const whole = (purpose: string, { min, max }: { min: number; max: number }) =>
  z
    .int()
    .check(z.gte(min), z.lte(max))
    .register(z.globalRegistry, { title: purpose, description: `a whole number from ${min} to ${max}` });

/** A whole number within bounds, or the word `off`. */
export const wholeOrOff = (purpose: string, { min, max }: { min: number; max: number }) =>
  z
    .union([z.literal("off"), z.int().check(z.gte(min), z.lte(max))])
    .register(z.globalRegistry, { title: purpose, description: `a whole number from ${min} to ${max}, or off` });

/** A port to listen on; 0 takes any free one. */
export const port = (purpose: string) =>
  z
    .int()
    .check(z.gte(0), z.lte(LARGEST_PORT))
    .register(z.globalRegistry, { title: purpose, description: `a port from 0 (any free one) to ${LARGEST_PORT}` });

/** A port to listen on, or the word `off`. */
export const portOrOff = (purpose: string) =>
  z
    .union([z.literal("off"), z.int().check(z.gte(0), z.lte(LARGEST_PORT))])
    .register(z.globalRegistry, { title: purpose, description: `a port from 0 (any free one) to ${LARGEST_PORT}, or off` });

/** A list of texts, with commas between them on the command line and in the environment. */
export const texts = (purpose: string, takes: string) =>
  z
    .array(z.string().check(z.trim(), z.minLength(1)))
    .min(1)
    .register(z.globalRegistry, { title: purpose, description: takes });
