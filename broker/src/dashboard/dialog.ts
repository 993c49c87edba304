import { button, type Child, h } from "./dom.js";

export interface Question {
  readonly title: string;
  readonly body: readonly Child[];
  /** What the button says that goes on with it. */
  readonly action: string;
}

/** Asks before something is done that clients notice. Escape is no. */
export function confirmed({ title, body, action }: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = button("Cancel", () => dialog.close());
    cancel.autofocus = true;
    const dialog: HTMLDialogElement = h(
      "dialog",
      { "aria-labelledby": "dialog-title", onclose: () => done() },
      h("h2", { id: "dialog-title" }, title),
      ...body.map((child) => (typeof child === "string" ? h("p", {}, child) : child)),
      h(
        "div",
        { class: "actions" },
        cancel,
        button(action, () => dialog.close("yes"), "danger"),
      ),
    );
    const done = () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    };
    document.body.append(dialog);
    dialog.showModal();
  });
}
