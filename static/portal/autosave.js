// Nothing typed is ever lost.
//
// A form with data-autosave="URL" data-revision="N" data-storage-key="KEY" is posted to URL about
// three seconds after a change, when the window loses focus and when the page is hidden. Until the
// server has confirmed a text, a copy of it stays in this browser's storage. The server decides:
//
//   200 {revision, saved_label}         saved; the copy goes
//   412 {revision, current: {...}}      somebody saved meanwhile: both texts are shown, the person
//                                       chooses, nothing is sent until then
//   409, 403, 422 {detail, fields}      refused: the sentence is shown, the text and the copy stay
//   a redirect, 401, {login: true}      signed out: keep typing, we try again
//   no answer, 5xx, 429                 keep the copy, try again, each time a little later
//
// One request at a time. Files are left to the ordinary submit.

import { differences, fillForm, snapshotOf } from "./formtext.js";

const PAUSE = 3000;
const LONGEST_WAIT = 60_000;
const TIMEOUT = 20_000;
const KEEPALIVE_LIMIT = 60_000; // browsers refuse larger bodies once the page is going away
const PREFIX = "portal-text:";

class Autosave {
  constructor(form) {
    this.form = form;
    this.url = form.dataset.autosave;
    this.revision = form.dataset.revision;
    this.key = PREFIX + form.dataset.storageKey;
    this.line = form.querySelector("[data-autosave-status]");
    this.conflict = form.querySelector("[data-autosave-conflict]");
    this.restore = form.querySelector("[data-autosave-restore]");
    this.saved = JSON.stringify(snapshotOf(form));
    this.request = null; // the promise of the request under way
    this.halted = false; // a conflict waits for a person, or the server refused for good
    this.failures = 0;
    this.refusedText = null; // 422: not sent again until it has changed
    this.timer = null;
    this.leaving = false;

    this.show("idle");
    // Re-rendered after a refused submit, the page holds text that the server has not stored.
    if (form.querySelector("[data-error-summary], .is-invalid")) this.saved = "";
    this.offerCopy();
    this.listen();
    if (this.dirty) this.plan(PAUSE);
  }

  get text() {
    return JSON.stringify(snapshotOf(this.form));
  }

  get dirty() {
    return this.text !== this.saved;
  }

  listen() {
    const touched = () => this.touched();
    this.form.addEventListener("input", touched);
    this.form.addEventListener("change", touched);
    window.addEventListener("blur", () => this.save());
    window.addEventListener("online", () => this.save());
    // Back from the tab in which they signed in again.
    window.addEventListener("focus", () => this.failures && this.save());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.save({ leaving: true });
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.dirty && !this.leaving) event.preventDefault();
    });
    window.addEventListener("pageshow", () => {
      this.leaving = false;
    });
    // The ordinary submit waits for a save under way, or it would arrive with a stale revision.
    this.form.addEventListener(
      "submit",
      (event) => {
        clearTimeout(this.timer);
        if (!this.request) {
          this.leaving = true;
          return;
        }
        event.preventDefault();
        event.stopImmediatePropagation();
        const submitter = event.submitter;
        this.request.then(() => {
          if (!this.halted) this.form.requestSubmit(submitter);
        });
      },
      { capture: true },
    );
  }

  touched() {
    if (!this.dirty) return;
    this.keepCopy();
    if (this.halted) return;
    if (!["kept", "signed-out"].includes(this.line.dataset.state)) this.show("typing");
    this.plan(PAUSE);
  }

  plan(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), milliseconds);
  }

  async save({ leaving = false } = {}) {
    clearTimeout(this.timer);
    if (this.halted || this.leaving || !this.dirty || this.text === this.refusedText) return;
    if (this.request) {
      await this.request;
      return this.save({ leaving });
    }
    this.request = this.send(leaving);
    try {
      await this.request;
    } finally {
      this.request = null;
    }
  }

  async send(leaving) {
    const text = this.text;
    if (this.failures === 0) this.show("saving");
    let answer;
    try {
      answer = await this.post(leaving && text.length < KEEPALIVE_LIMIT);
      if (answer.status === 403 && !(await isJson(answer)) && (await this.renewToken())) {
        answer = await this.post(false); // signed in anew elsewhere: the page's token was old
      }
    } catch {
      return this.later("kept");
    }
    if (answer.type === "opaqueredirect" || answer.status === 401) return this.later("signed-out");
    if (answer.status === 429 || answer.status >= 500) return this.later("kept");
    let body;
    try {
      body = await answer.json();
    } catch {
      return this.later(answer.status === 403 ? "signed-out" : "kept");
    }
    if (body.login) return this.later("signed-out");
    if (answer.ok) return this.confirmed(text, body);
    if (answer.status === 412) return this.disagree(body);
    return this.refused(answer.status, body, text);
  }

  post(keepalive) {
    const body = new FormData();
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value === "string" && name !== "revision") body.append(name, value);
    }
    body.set("revision", this.revision);
    return fetch(this.url, {
      method: "POST",
      body,
      keepalive,
      credentials: "same-origin",
      redirect: "manual",
      headers: {
        Accept: "application/json",
        "X-CSRFToken": this.form.elements.csrfmiddlewaretoken?.value ?? "",
        "X-Requested-With": "autosave",
      },
      signal: AbortSignal.timeout(TIMEOUT),
    });
  }

  /** After signing in again the old token is refused; the page itself hands out the new one. */
  async renewToken() {
    const answer = await fetch(window.location.href, { credentials: "same-origin", redirect: "manual" });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("input[name=csrfmiddlewaretoken]")?.value;
    if (!token) return false;
    for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = token;
    return true;
  }

  later(state) {
    this.keepCopy();
    this.failures += 1;
    this.show(state);
    this.plan(Math.min(1000 * 2 ** this.failures, LONGEST_WAIT));
  }

  confirmed(text, body) {
    this.failures = 0;
    this.saved = text;
    this.setRevision(body.revision);
    if (this.dirty) {
      this.plan(PAUSE); // typed on while it was under way
    } else {
      this.dropCopy();
    }
    this.show("saved", body.saved_label);
  }

  setRevision(revision) {
    this.revision = String(revision);
    const input = this.form.elements.namedItem("revision");
    if (input) input.value = this.revision;
  }

  refused(status, body, text) {
    this.keepCopy();
    // The other fields may have been saved: what follows builds on that, or it would look stale.
    if (body.revision) this.setRevision(body.revision);
    this.refusedText = text;
    // 422 can be mended by typing on; the others cannot.
    this.halted = status !== 422;
    const fields = Object.values(body.fields ?? {}).flat();
    this.show("refused", [body.detail || this.line.dataset.tRefused, ...fields].join(" "));
  }

  // --- Two versions ---------------------------------------------------------------------------
  disagree(body) {
    this.keepCopy();
    this.halted = true;
    this.show("conflict");
    const theirs = Object.entries(body.current ?? {}).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => [name, one === null ? "" : String(one)]),
    );
    const words = this.conflict.dataset;
    const named = new Set(theirs.map(([name]) => name));
    const mine = snapshotOf(this.form).filter(([name]) => named.has(name));
    const go = (take) => {
      this.conflict.hidden = true;
      this.halted = false;
      this.setRevision(body.revision);
      if (take) fillForm(this.form, theirs);
      this.saved = ""; // whichever it is, it is saved under the new revision
      this.save();
    };
    drawChoice(this.form, this.conflict, {
      title: words.tTitle,
      left: [words.tMine, mine],
      right: [words.tTheirs, theirs],
      same: words.tSame,
      choices: [
        [words.tKeepMine, () => go(false)],
        [words.tTakeTheirs, () => go(true)],
      ],
    });
    this.conflict.scrollIntoView({ block: "center" });
  }

  // --- The copy in this browser ---------------------------------------------------------------
  keepCopy() {
    try {
      const copy = { text: this.text, revision: this.revision, at: new Date().toISOString() };
      localStorage.setItem(this.key, JSON.stringify(copy));
    } catch {
      // Storage is full or switched off: the page itself still holds the text.
    }
  }

  dropCopy() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // as above
    }
  }

  offerCopy() {
    let copy;
    try {
      copy = JSON.parse(localStorage.getItem(this.key));
    } catch {
      return;
    }
    if (!copy) return;
    const here = JSON.stringify(snapshotOf(this.form));
    if (copy.text === here) {
      if (this.saved) this.dropCopy(); // the server has it
      return;
    }
    const kept = JSON.parse(copy.text);
    const words = this.restore.dataset;
    const when = new Intl.DateTimeFormat(document.documentElement.lang.replace(/^en$/, "en-GB"), {
      dateStyle: "medium",
      timeStyle: "short",
    }).format(Date.parse(copy.at));
    drawChoice(this.form, this.restore, {
      title: words.tTitle.replace("{when}", when),
      left: [words.tMine, kept],
      right: [words.tTheirs, snapshotOf(this.form)],
      choices: [
        [
          words.tRestore,
          () => {
            this.restore.hidden = true;
            fillForm(this.form, kept);
            this.touched();
          },
        ],
        [
          words.tDiscard,
          () => {
            this.restore.hidden = true;
            this.dropCopy();
          },
        ],
      ],
    });
  }

  show(state, text) {
    const word = state.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
    this.line.dataset.state = state === "conflict" ? "refused" : state;
    const sentence = text || this.line.dataset[`t${word[0].toUpperCase()}${word.slice(1)}`];
    // Said once: a screen reader need not hear "saving" every three seconds.
    if (this.line.textContent !== sentence) this.line.textContent = sentence;
  }
}

async function isJson(answer) {
  return (answer.headers.get("content-type") ?? "").includes("json");
}

/** Show the fields in which two versions differ, side by side, and the buttons to choose with. */
function drawChoice(form, region, { title, left, right, same, choices }) {
  const head = document.createElement("p");
  const list = document.createElement("dl");
  const row = document.createElement("div");
  head.textContent = title;
  row.className = "form-actions";
  for (const { label, mine, theirs } of differences(form, left[1], right[1])) {
    const name = document.createElement("dt");
    name.textContent = label;
    list.append(name);
    for (const [heading, value] of [[left[0], mine], [right[0], theirs]]) {
      const cell = document.createElement("dd");
      const small = document.createElement("small");
      small.textContent = heading;
      cell.append(small, value);
      list.append(cell);
    }
  }
  for (const [label, act] of choices) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outline-secondary";
    button.textContent = label;
    button.addEventListener("click", act);
    row.append(button);
  }
  if (!list.children.length) list.append(same ?? "");
  region.replaceChildren(head, list, row);
  region.hidden = false;
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);
