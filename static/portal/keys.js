// Working with the keyboard alone: j and k go from stop to stop, digits give a mark, ? explains.
//
//   <... data-key-stop>            a link, or a part of the page with fields in it
//   <a data-key-next>              n: the next letter
//   <button data-submits>          Ctrl+Enter anywhere in its form
//   <dialog data-keys-dialog>      the explanation, with a box data-keys-off that switches letters off
//   <button data-keys-help>        opens it with the mouse
//
// Single letters do nothing while somebody writes, and can be switched off for good: speech input
// presses them by accident (WCAG 2.1.4).

const OFF = "portal-keys-off";
const dialog = document.querySelector("[data-keys-dialog]");
const box = dialog?.querySelector("[data-keys-off]");
const stops = () => [...document.querySelectorAll("[data-key-stop]")];
let here = null;

function isOff() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
}

function writes(element) {
  return element.matches("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])");
}

document.addEventListener("focusin", (event) => {
  here = event.target.closest("[data-key-stop]") ?? here;
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const button = event.target.closest("form")?.querySelector("[data-submits]") ?? document.querySelector("[data-submits]");
    if (!button || button.closest("[inert]")) return;
    event.preventDefault();
    button.click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isOff() || writes(event.target)) return;
  if (act(event.key)) event.preventDefault();
});

/** Whether the key meant something. */
function act(key) {
  if (key === "j") return go(1);
  if (key === "k") return go(-1);
  if (key === "n") return follow("[data-key-next]");
  if (key === "?") return explain();
  if (/^[0-5]$/.test(key)) return choose(key) || wish(key);
  if (key === ".") return half();
  if (key === "c") return choose("none");
  return false;
}

function go(step) {
  const all = stops();
  if (!all.length) return false;
  const at = all.indexOf(here);
  // From nowhere, j begins at the first one and k at the last.
  const next = at < 0 ? all.at(step > 0 ? 0 : -1) : all[Math.min(Math.max(at + step, 0), all.length - 1)];
  here = next;
  const field = next.matches("a") ? next : (next.querySelector("input:checked") ?? next.querySelector("input, textarea"));
  next.scrollIntoView({ block: "nearest" });
  (field ?? next).focus();
  return true;
}

function follow(selector) {
  const link = document.querySelector(selector);
  link?.click();
  return Boolean(link);
}

function marks() {
  return here && !here.closest("[inert]") ? [...here.querySelectorAll(".scale input")] : [];
}

function choose(value) {
  const radio = marks().find((one) => one.value === value);
  if (!radio) return false;
  radio.focus();
  radio.click(); // fires input and change, which autosave listens to
  return true;
}

/** Where there are no marks but a few words to choose from: 1 is the first of them. */
function wish(key) {
  const radio = here && !here.closest("[inert]") ? here.querySelectorAll(".inline-choice input")[Number(key) - 1] : null;
  if (!radio || radio.disabled || here.querySelector(".scale, textarea")) return false;
  radio.focus();
  radio.click(); // fires change, which htmx listens to
  return true;
}

/** 3 becomes 3.5, and 3.5 becomes 3 again. */
function half() {
  const value = Number(marks().find((one) => one.checked)?.value);
  if (Number.isNaN(value)) return false;
  return choose(String(Number.isInteger(value) ? value + 0.5 : value - 0.5));
}

function explain() {
  if (!dialog) return false;
  box.checked = isOff();
  dialog.showModal();
  return true;
}

document.querySelector("[data-keys-help]")?.addEventListener("click", explain);
dialog?.querySelector("[data-close]").addEventListener("click", () => dialog.close());
box?.addEventListener("change", () => {
  try {
    if (box.checked) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  } catch {
    // Storage is switched off: then the keys stay on.
  }
});
