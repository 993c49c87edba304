import { call, token } from "./api.js";
import { field, h } from "./dom.js";

/** Asks for a token. `why` says what was wrong with the one before, and is empty for the first. */
export function signIn(why: string, done: () => void): HTMLElement {
  const input = h("input", { name: "token", type: "password", required: true, autocomplete: "off", spellcheck: "false" });
  const problem = h("p", { class: "verdict bad", role: "alert", hidden: why === "" }, why && `This token is refused: ${why}.`);
  const submit = async (event: Event) => {
    event.preventDefault();
    token.keep(input.value.trim());
    try {
      await call("/cluster");
      done();
    } catch (error) {
      // A 401 has shown this screen again; anything else is told here.
      problem.hidden = false;
      problem.textContent = (error as Error).message;
    }
  };
  return h(
    "main",
    { class: "sign-in" },
    h("h1", {}, "mqttd"),
    h("p", {}, "This broker asks for a token. A token of scope read lets you look, one of scope admin change things too."),
    problem,
    h("form", { onsubmit: submit }, field("Token", input), h("button", { class: "primary" }, "Sign in")),
    h(
      "p",
      { class: "quiet" },
      "Tokens are in the file that admin.tokensFile names; the Helm chart keeps one in a Secret. The browser forgets it with this tab.",
    ),
  );
}
