// Files that are sent on their own, as soon as they are chosen.
//
// Each form[data-upload] inside a [data-place] sends its file by itself, several at once, with a
// bar, a way to stop and a way to try again; the file stays chosen until the portal has it. The
// portal answers in JSON:
//
//   201 {place, sections}   stored: the place and the side bar are drawn anew
//   409, 413, 422 {detail}  it cannot be taken: the sentence is shown, nothing else changes
//   401                     signed out: said, and sent again from here after signing in elsewhere
//   503, no answer          said; sent again when the line is back, or by hand
//
// Without this script each form is an ordinary one.

import { language } from "./language.js";

const page = document.querySelector("[data-upload-page]");
const words = document.querySelector("[data-upload-words]").dataset;
const spoken = document.querySelector("[data-upload-spoken]");
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const underway = new Set();

function sizeOf(bytes) {
  const mega = bytes >= 1_048_576;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: mega ? "megabyte" : "kilobyte",
    maximumFractionDigits: 1,
  }).format(bytes / (mega ? 1_048_576 : 1024));
}

function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-sm btn-outline-secondary";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

/** One file on its way to one place. */
class Sending {
  constructor(place, file) {
    this.place = place;
    this.file = file;
    this.form = place.querySelector("form[data-upload]");
    this.input = this.form.querySelector("input[type=file]");
    place.sending?.drop();
    place.sending = this;
    this.panel = document.createElement("div");
    this.panel.className = "place-sending";
    this.form.querySelector(".place-fault")?.remove();
    this.unmark();
    this.form.append(this.panel);
    if (file.size > Number(page.dataset.mostBytes)) {
      this.fail(fill(words.tooLarge, { name: file.name }), { again: false });
    } else {
      this.start();
    }
  }

  start() {
    underway.add(this);
    const bar = document.createElement("progress");
    const label = document.createElement("span");
    const amount = document.createElement("span");
    this.bar = bar;
    this.amount = amount;
    this.said = 0;
    label.textContent = fill(words.sending, { name: this.file.name });
    label.id = `${this.input.id}-sending`;
    bar.setAttribute("aria-labelledby", label.id);
    bar.max = 100;
    bar.value = 0;
    amount.className = "text-secondary";
    this.panel.replaceChildren(label, bar, amount, button(words.cancel, () => this.stop()));
    say(label.textContent);

    const body = new FormData(this.form);
    body.set("file", this.file, this.file.name);
    const request = new XMLHttpRequest();
    this.request = request;
    request.open("POST", this.form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => this.progress(event));
    request.upload.addEventListener("load", () => this.arrived());
    request.addEventListener("load", () => this.answered());
    request.addEventListener("error", () => this.broke());
    request.send(body);
  }

  progress({ loaded, total }) {
    const percent = Math.floor((100 * loaded) / total);
    this.bar.value = percent;
    this.amount.textContent = fill(words.progress, { sent: sizeOf(loaded), size: sizeOf(total), percent });
    // A screen reader hears a quarter at a time.
    if (percent >= this.said + 25 && percent < 100) {
      this.said = percent - (percent % 25);
      say(`${this.file.name}: ${percent} %`);
    }
  }

  arrived() {
    this.bar.removeAttribute("value");
    this.amount.textContent = fill(words.checking, { name: this.file.name });
    say(this.amount.textContent);
  }

  async answered() {
    underway.delete(this);
    let body = {};
    try {
      body = JSON.parse(this.request.responseText);
    } catch {
      // A proxy's page: the status alone has to do.
    }
    const { status } = this.request;
    if (status === 201) return this.done(body);
    if (status === 401) {
      this.tokenIsOld = true;
      return this.fail(fill(words.signedOut, { name: this.file.name }));
    }
    if (status === 403 && body.code === "csrf" && !this.tokenIsOld && (await this.renewToken())) {
      this.tokenIsOld = true;
      return this.start();
    }
    if (status === 413) return this.fail(fill(words.tooLarge, { name: this.file.name }), { again: false });
    this.fail(body.detail ?? words.unclear, { again: ![409, 422].includes(status) });
  }

  done({ detail, place, sections }) {
    const hadFocus = this.place.contains(document.activeElement);
    const made = document.createElement("template");
    made.innerHTML = place;
    const fresh = made.content.querySelector("[data-place]");
    this.place.replaceWith(fresh);
    begin(fresh);
    const bar = document.querySelector("[data-upload-sections]");
    if (bar && sections) bar.innerHTML = sections;
    // Nobody is thrown back to the top of the page.
    if (hadFocus) fresh.querySelector("[data-place-file]")?.focus();
    say(detail);
  }

  broke() {
    underway.delete(this);
    this.fail(fill(words.offline, { name: this.file.name }));
    window.addEventListener("online", () => this.place.sending === this && this.again(), { once: true });
  }

  stop() {
    this.request.abort();
    this.drop();
    say(fill(words.stopped, { name: this.file.name }));
    this.input.value = "";
    this.input.focus();
  }

  async again() {
    this.unmark();
    if (this.tokenIsOld) await this.renewToken();
    this.start();
  }

  /** Say at the place why it did not work, and offer what can be done. */
  fail(sentence, { again = true } = {}) {
    const text = document.createElement("p");
    text.className = "place-fault";
    text.id = `${this.input.id}-said`;
    text.setAttribute("role", "alert");
    text.textContent = sentence;
    this.panel.replaceChildren(text, ...(again ? [button(words.again, () => this.again())] : []));
    this.input.classList.add("is-invalid");
    this.input.setAttribute("aria-invalid", "true");
    this.described ??= this.input.getAttribute("aria-describedby");
    this.input.setAttribute("aria-describedby", `${this.described} ${text.id}`);
    if (!again) this.input.value = "";
  }

  unmark() {
    this.input.classList.remove("is-invalid");
    this.input.removeAttribute("aria-invalid");
    if (this.described) this.input.setAttribute("aria-describedby", this.described);
  }

  /** Take it off the page; another one begins. */
  drop() {
    underway.delete(this);
    this.request?.abort();
    this.panel.remove();
    if (this.place.sending === this) this.place.sending = null;
  }

  /** After signing in anew elsewhere the page's token is old; the page itself brings a new one. */
  async renewToken() {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "manual" });
      if (!answer.ok) return false;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const token = fresh.querySelector("input[name=csrfmiddlewaretoken]")?.value;
      if (!token) return false;
      for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
      return true;
    } catch {
      return false;
    }
  }
}

function say(sentence) {
  spoken.textContent = sentence;
}

function begin(place) {
  const form = place.querySelector("form[data-upload]");
  const input = form.querySelector("input[type=file]");
  const hint = document.createElement("span");
  // Chosen is sent: the button is for those without this script.
  form.querySelector("[data-upload-button]").hidden = true;
  hint.className = "place-drop";
  hint.textContent = words.drop;
  form.querySelector(".place-choice").append(hint);
  input.addEventListener("change", (event) => {
    event.stopPropagation(); // forms.js would write the name once more
    if (input.files[0]) new Sending(place, input.files[0]);
  });
  for (const name of ["dragenter", "dragover"]) {
    place.addEventListener(name, (event) => {
      event.preventDefault();
      place.classList.add("is-over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    place.addEventListener(name, () => place.classList.remove("is-over"));
  }
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    const file = event.dataTransfer.files[0];
    if (file) new Sending(place, file);
  });
}

for (const place of page.querySelectorAll("[data-place]")) begin(place);
// A file that misses its place must not open in the window and take the page away.
for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
window.addEventListener("beforeunload", (event) => {
  if (underway.size) event.preventDefault();
});
