export type Child = Node | string | number | null | undefined | false;

/** Listeners by `onclick` and so on; true and false set and leave out an attribute; everything else is an attribute's text. */
export type Attributes = Readonly<Record<string, unknown>>;

/** An element with attributes and children. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...shown(children));
  return element;
}

/** The same of SVG. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(element, attributes);
  element.append(...shown(children));
  return element;
}

export function fill(place: Element, ...children: Child[]): void {
  place.replaceChildren(...shown(children));
}

export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, String(value));
  }
}

/** A button that looks like one of its kind. */
export function button(
  label: string,
  onclick: (event: Event) => unknown,
  kind: "" | "danger" | "quiet" | "primary" = "",
): HTMLButtonElement {
  return h("button", { type: "button", class: kind || undefined, onclick }, label);
}

/** A labelled field of a form. */
export function field(label: string, control: HTMLElement, kind = ""): HTMLLabelElement {
  return h("label", { class: `field ${kind}` }, h("span", {}, label), control);
}

export function select(name: string, options: readonly (readonly [value: string, label: string])[], value = ""): HTMLSelectElement {
  const element = h("select", { name }, ...options.map(([of, label]) => h("option", { value: of }, label)));
  element.value = value;
  return element;
}

function shown(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child) =>
    child === null || child === undefined || child === false ? [] : [typeof child === "number" ? String(child) : child],
  );
}
