import { Ajv2020 } from "ajv/dist/2020.js";
import type { Reply } from "./support.js";

interface Media {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

interface Document {
  readonly components: { readonly schemas: { readonly Problem: object } };
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Media>> }>>>>;
}

/** Holds answers to what the OpenAPI document says of them. */
export class OpenApiCheck {
  readonly #document: Document;
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });

  constructor(document: Document) {
    this.#document = document;
  }

  /** Throws if the document does not know of such an answer. */
  check(method: string, path: string, { status, json, text, headers }: Reply): void {
    const operation = this.#operation(method === "HEAD" ? "GET" : method, path.split("?")[0]!);
    const isProblem = /problem/.test(headers["content-type"]?.toString() ?? "");
    if (isProblem) {
      this.#validate(this.#document.components.schemas.Problem, json, `${method} ${path}`);
      return;
    }
    if (operation === undefined) throw new Error(`${method} ${path} got ${status}, and is not in the document`);
    const response = operation.responses[status];
    if (response === undefined) throw new Error(`${method} ${path} got ${status}, which the document does not list`);
    const schema = response.content?.["application/json"]?.schema;
    if (method === "HEAD") return;
    if (schema === undefined) {
      if (text !== "") throw new Error(`${method} ${path} has a body, which the document does not list`);
    } else this.#validate(schema, json, `${method} ${path}`);
  }

  #operation(method: string, path: string) {
    const segments = path.split("/");
    const template = Object.keys(this.#document.paths).find((candidate) => {
      const parts = candidate.split("/");
      return parts.length === segments.length && parts.every((part, i) => part.startsWith("{") || part === segments[i]);
    });
    return template === undefined ? undefined : this.#document.paths[template]![method.toLowerCase()];
  }

  #validate(schema: object, value: unknown, what: string): void {
    if (!this.#ajv.validate(schema, value)) throw new Error(`${what}: ${this.#ajv.errorsText()} in ${JSON.stringify(value)}`);
  }
}
