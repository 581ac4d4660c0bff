// What forms do beyond HTML: counts, fields that depend on others, a question before a serious
// step, one submit at a time, the size of a chosen file. Every form works without it.

import "./copies.js"; // on every page: signing out takes unsaved copies along
import "./signin.js";
import { language } from "./language.js";
import { renewToken } from "./token.js";

const words = document.getElementById("portal-words")?.dataset ?? {};
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// --- Focus on what is wrong --------------------------------------------------------------------
document.querySelector("[data-error-summary]")?.focus();

// --- Counts in characters as people count them (code points, not UTF-16 halves) ------------------
const number = new Intl.NumberFormat(language);

function startCount(field) {
  const limit = Number(field.dataset.limit);
  const shown = document.createElement("div");
  const spoken = document.createElement("div");
  shown.className = "count";
  shown.setAttribute("aria-hidden", "true");
  spoken.className = "visually-hidden";
  spoken.setAttribute("aria-live", "polite");
  field.after(shown, spoken);
  let pause;
  const count = () => {
    const used = [...field.value].length;
    shown.textContent = fill(words.count, { n: number.format(used), limit: number.format(limit) });
    shown.classList.toggle("is-near", used > limit * 0.95 && used <= limit);
    shown.classList.toggle("is-over", used > limit);
    clearTimeout(pause);
    // Spoken only near the end, and only when the writer pauses.
    pause = setTimeout(() => {
      const text = used > limit ? words.countOver : words.countLeft;
      spoken.textContent = used < limit * 0.8 ? "" : fill(text, { n: number.format(Math.abs(limit - used)) });
    }, 1200);
  };
  field.addEventListener("input", count);
  count();
}

// --- Fields that depend on another field --------------------------------------------------------
function valuesOf(form, name) {
  return new FormData(form).getAll(name);
}

function showDependents(form) {
  for (const part of form.querySelectorAll("[data-show-when]")) {
    // "level=unit,system;night=yes": every condition must hold. Hidden fields keep their values.
    part.hidden = !part.dataset.showWhen.split(";").every((condition) => {
      const [name, wanted] = condition.split("=");
      const allowed = wanted.split(",").map((value) => value.trim());
      return valuesOf(form, name.trim()).some((value) => allowed.includes(value));
    });
  }
}

// --- Files: name and size at once, too large before the upload -----------------------------------
function sizeOf(bytes) {
  const mega = bytes >= 1_048_576;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: mega ? "megabyte" : "kilobyte",
    maximumFractionDigits: 1,
  }).format(bytes / (mega ? 1_048_576 : 1024));
}

function showFiles(input) {
  let list = input.nextElementSibling;
  if (!list?.matches(".file-chosen")) {
    list = document.createElement("ul");
    list.className = "file-chosen";
    list.setAttribute("aria-live", "polite");
    input.after(list);
  }
  const limit = Number(input.dataset.maxBytes) || Infinity;
  list.replaceChildren(
    ...[...input.files].map((file) => {
      const line = document.createElement("li");
      const over = file.size > limit;
      line.classList.toggle("is-over", over);
      line.textContent = over
        ? fill(words.fileOver, { name: file.name, size: sizeOf(file.size), limit: sizeOf(limit) })
        : `${file.name} (${sizeOf(file.size)})`;
      return line;
    }),
  );
}

// --- A question before a serious step -----------------------------------------------------------
function ask(control) {
  const dialog = document.createElement("dialog");
  dialog.className = "confirm";
  const title = document.createElement("h2");
  const text = document.createElement("p");
  const row = document.createElement("div");
  const no = document.createElement("button");
  const yes = document.createElement("button");
  title.id = "confirm-title";
  title.textContent = control.dataset.confirmTitle || words.confirmTitle;
  text.textContent = control.dataset.confirm;
  row.className = "form-actions";
  no.type = yes.type = "button";
  no.className = "btn btn-outline-secondary";
  no.textContent = words.confirmCancel;
  yes.className = control.matches(".btn-outline-danger, .btn-danger") ? "btn btn-danger" : "btn btn-primary";
  yes.textContent = control.dataset.confirmOk || words.confirmOk;
  row.append(no, yes);
  dialog.append(title, text, row);
  dialog.setAttribute("aria-labelledby", title.id);
  document.body.append(dialog);
  return new Promise((answer) => {
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => dialog.close("yes"));
    dialog.addEventListener("close", () => {
      dialog.remove();
      control.focus();
      answer(dialog.returnValue === "yes");
    });
    dialog.showModal();
    no.focus(); // Enter by habit changes nothing
  });
}

const agreed = new WeakSet();

/**
 * Whether a form is known to lack an answer: then nothing is asked, and the server says what is
 * missing. A choice between radio buttons; a comment on a mark of `data-explains="name: 0 0.5 5"`;
 * one of the texts with the same `data-one-of`. What this does not know is told after the question.
 */
function lacks(form) {
  const said = new FormData(form);
  const empty = (field) => !field.value.trim();
  const texts = [...form.querySelectorAll("[data-one-of]")];
  return (
    [...form.querySelectorAll("input[type=radio]")].some((radio) => !said.has(radio.name)) ||
    texts.some((text) => texts.filter((one) => one.dataset.oneOf === text.dataset.oneOf).every(empty)) ||
    [...form.querySelectorAll("[data-explains]")].some((field) => {
      const [name, marks] = field.dataset.explains.split(": ");
      return empty(field) && marks.split(" ").includes(said.get(name));
    })
  );
}

document.addEventListener("click", async (event) => {
  const control = event.target.closest("[data-confirm]");
  if (!control || agreed.delete(control)) return;
  if ("whenComplete" in control.dataset && lacks(control.form)) return;
  event.preventDefault();
  event.stopPropagation();
  if (await ask(control)) {
    agreed.add(control);
    control.click();
  }
}, true);

// --- One submit at a time -----------------------------------------------------------------------
const underway = new WeakMap();

function release(form) {
  for (const button of underway.get(form) ?? []) button.disabled = false;
  underway.delete(form);
}

// Signed in again meanwhile, in another tab: the token in the page is old, the cookie's is not.
document.addEventListener("submit", (event) => {
  if (event.target.method === "post") renewToken(event.target);
}, true);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[data-no-guard], [hx-post]")) return;
  if (underway.has(form)) {
    event.preventDefault();
    return;
  }
  const buttons = [...form.elements].filter((element) => element.type === "submit" && !element.disabled);
  underway.set(form, buttons);
  // After this event: a disabled button would not send its own name and value.
  setTimeout(() => {
    for (const button of buttons) button.disabled = true;
  });
  // A download answers without leaving the page; nobody should be locked out for longer than this.
  setTimeout(() => release(form), 15_000);
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) release(form);
});

// --- Begin, now and for whatever htmx brings in ---------------------------------------------------
const begun = new WeakSet();

function begin(root) {
  for (const field of root.querySelectorAll("[data-limit]")) {
    if (begun.has(field)) continue;
    begun.add(field);
    startCount(field);
  }
  for (const form of document.forms) showDependents(form);
}

document.addEventListener("change", (event) => {
  if (event.target.matches("input[type=file]")) showFiles(event.target);
  if (event.target.form) showDependents(event.target.form);
});
document.addEventListener("htmx:load", (event) => begin(event.target));
begin(document);
