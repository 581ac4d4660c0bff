// Signing in again without leaving the page on which somebody writes.
//
// On "autosave:signed-out" a dialog opens, and when the person of this page is signed in again the
// document hears "portal:signed-in". With a second factor the rest happens in a new tab, and we look
// again when this one has the focus.

import { csrfToken } from "./token.js";

const PAUSE_AFTER_LATER = 180_000; // whoever chose "later" is not asked again at the next save
const person = document.body.dataset.person;
let open = null;
let askedAt = -Infinity;

document.addEventListener("autosave:signed-out", async () => {
  const template = document.getElementById("sign-in-here");
  if (open || !template || !person || performance.now() - askedAt < PAUSE_AFTER_LATER) return;
  open = ask(template);
  const signedIn = await open;
  open = null;
  askedAt = signedIn ? -Infinity : performance.now();
  if (signedIn) document.dispatchEvent(new CustomEvent("portal:signed-in"));
});

function ask(template) {
  const dialog = template.content.firstElementChild.cloneNode(true);
  const form = dialog.querySelector("form");
  const said = dialog.querySelector("[data-said]");
  const factor = dialog.querySelector("[data-factor]");
  document.body.append(dialog);

  return new Promise((resolve) => {
    const end = (signedIn) => {
      window.removeEventListener("focus", look);
      dialog.close();
      dialog.remove();
      resolve(signedIn);
    };
    const say = (sentence) => {
      said.textContent = sentence;
      said.hidden = !sentence;
    };
    /** Who is signed in now? The page goes on only for the person it was opened by. */
    async function look() {
      const now = await whoIsIn();
      if (now?.person === person) return end(true);
      if (now?.person) say(said.dataset.tOther.replace("{name}", now.name));
      return undefined;
    }

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      say("");
      const button = form.querySelector("button[type=submit]");
      button.disabled = true;
      try {
        const answer = await send(form);
        const body = await answer.json().catch(() => ({}));
        if (answer.status === 429) say(said.dataset.tOften);
        else if (!answer.ok) say(faults(body) || said.dataset.tFailed);
        else if (body.location?.includes("/2fa/")) {
          form.hidden = true;
          factor.hidden = false;
          factor.querySelector("a").href = body.location;
          factor.querySelector("a").focus();
        } else await look();
      } catch {
        say(said.dataset.tFailed);
      } finally {
        button.disabled = false;
        form.elements.password.value = "";
        if (!form.hidden) form.elements.password.focus();
      }
    });
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      end(false);
    });
    dialog.querySelector("[data-later]").addEventListener("click", () => end(false));
    window.addEventListener("focus", look);
    dialog.showModal();
  });
}

function send(form) {
  const body = new URLSearchParams(new FormData(form));
  body.set("csrfmiddlewaretoken", csrfToken());
  return fetch(form.action, {
    method: "POST",
    body,
    credentials: "same-origin",
    headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
  });
}

async function whoIsIn() {
  try {
    const answer = await fetch("/accounts/whoami/", { credentials: "same-origin" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function faults(body) {
  const fields = Object.values(body.form?.fields ?? {}).flatMap((field) => field.errors ?? []);
  return [...(body.form?.errors ?? []), ...fields].join(" ");
}
