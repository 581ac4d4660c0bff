// Nothing typed is ever lost.
//
// A form with data-autosave="URL" data-revision="N" data-storage-key="KEY" is posted to URL about
// three seconds after a change, when the window loses focus and when the page is hidden. Until the
// server has confirmed a text, a copy of it stays in this tab (see copies.js). The server decides:
//
//   200 {revision, saved_label}         saved; the copy goes
//   412 {revision, ...}                 somebody saved meanwhile: nothing is sent until a person has
//                                       chosen. A form with a field "base" (what it was opened with)
//                                       is merged by the server, see below; of others both texts are
//                                       shown, from `current`
//   409, 403, 404, 413, 422 {detail}    refused: the sentence is shown, the text and the copy stay
//   409 {code: "other_person"}          somebody else is signed in now: nothing goes in their name
//   a redirect, 401, {login: true}      signed out: signin.js asks, then we try again
//   no answer, 5xx, 429                 keep the copy, try again, each time a little later
//
// One request at a time. Files are left to the ordinary submit. signin.js, which signs
// people in without leaving the page, hears "autosave:signed-out" and answers "portal:signed-in".

import { drawChoice } from "./choice.js";
import * as copies from "./copies.js";
import { asText, entriesOf, fillForm, saysTheSame, sentBy, snapshotOf } from "./formtext.js";
import { language } from "./language.js";
import "./merging.js";
import { csrfToken } from "./token.js";

const PAUSE = 3000;
const LONGEST_WAIT = 60_000;
const TIMEOUT = 20_000;
const KEEPALIVE_LIMIT = 60_000; // browsers refuse larger bodies once the page is going away

class Autosave {
  constructor(form) {
    this.form = form;
    this.url = form.dataset.autosave;
    this.revision = form.dataset.revision;
    this.key = form.dataset.storageKey;
    this.line = form.querySelector("[data-autosave-status]");
    this.conflict = form.querySelector("[data-autosave-conflict]");
    this.restore = form.querySelector("[data-autosave-restore]");
    this.download = form.querySelector("[data-autosave-download]");
    this.base = form.elements.namedItem("base"); // what the server had when the page was opened
    this.panel = document.querySelector("[data-autosave-merge]");
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
    document.addEventListener("portal:signed-in", () => this.save());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.save({ leaving: true });
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.dirty && !this.leaving) event.preventDefault();
    });
    window.addEventListener("pageshow", () => {
      this.leaving = false;
    });
    this.download?.addEventListener("click", () => this.hand(asText(this.form)));
    // The ordinary submit comes after a save like any other: a page that cannot be reached or is
    // out of date must not take the place of the one that holds the text.
    this.form.addEventListener(
      "submit",
      (event) => {
        clearTimeout(this.timer);
        if (this.leaving || !(this.dirty || this.request)) {
          this.leaving = true;
          return;
        }
        event.preventDefault();
        event.stopImmediatePropagation();
        this.submitAfterSaving(event.submitter);
      },
      { capture: true },
    );
  }

  async submitAfterSaving(submitter) {
    await this.save();
    // A fault in one field (422) is best said by the page itself.
    if (this.halted || (this.dirty && this.text !== this.refusedText)) return;
    this.leaving = true;
    this.form.requestSubmit(submitter);
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
    if (this.request) await this.request;
    if (this.request) return this.save({ leaving }); // somebody else was woken first
    if (this.halted || this.leaving || !this.dirty || this.text === this.refusedText) return;
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
    let body;
    try {
      ({ answer, body } = await this.post(text, { keepalive: leaving && text.length < KEEPALIVE_LIMIT }));
      if (body?.code === "csrf" && (await this.renewToken())) {
        ({ answer, body } = await this.post(text)); // signed in anew elsewhere: our token was old
      }
      // Only now are both versions needed: a slow line does not carry them every few seconds.
      if (answer.status === 412 && this.base) ({ answer, body } = await this.post(text, { withBase: true }));
    } catch {
      return this.later("kept");
    }
    if (this.unanswered(answer, body)) return;
    if (body) this.form.dispatchEvent(new CustomEvent("autosave:answer", { detail: body, bubbles: true }));
    if (answer.status === 412) return body.panel ? this.choose(body.panel) : this.disagree(body);
    if (body?.values) return this.merged(text, answer, body);
    if (answer.ok && body) return this.confirmed(text, body);
    return this.refused(answer.status, body ?? {}, text);
  }

  /** Whether the server could not deal with it now; then we have arranged to ask again. */
  unanswered(answer, body) {
    if (answer.type === "opaqueredirect" || answer.status === 401 || body?.login || body?.code === "csrf") {
      this.later("signed-out");
      this.form.dispatchEvent(new CustomEvent("autosave:signed-out", { bubbles: true }));
      return true;
    }
    if (answer.status === 429 || answer.status >= 500 || (answer.ok && !body)) {
      this.later("kept");
      return true;
    }
    return false;
  }

  post(text, { keepalive = false, withBase = false } = {}) {
    const data = new FormData();
    for (const [name, value] of JSON.parse(text)) data.append(name, value);
    data.set("revision", this.revision);
    if (withBase) data.set("base", this.base.value);
    return this.fetch(this.url, data, keepalive);
  }

  /** The answer and what it says, or null if that is not JSON. */
  async fetch(url, data, keepalive = false) {
    const answer = await fetch(url, {
      method: "POST",
      body: data,
      keepalive,
      credentials: "same-origin",
      redirect: "manual",
      headers: {
        Accept: "application/json",
        "X-CSRFToken": csrfToken() || (this.form.elements.csrfmiddlewaretoken?.value ?? ""),
        "X-Portal-Person": document.body.dataset.person ?? "",
        "X-Requested-With": "autosave",
      },
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const isJson = (answer.headers.get("content-type") ?? "").includes("json");
    return { answer, body: isJson ? await answer.json() : null };
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
    this.builds(body.revision, sentBy(JSON.parse(text)));
    if (this.dirty) {
      this.keepCopy(); // typed on while it was under way
      this.plan(PAUSE);
    } else {
      this.dropCopy();
    }
    this.show("saved", body.saved_label);
  }

  /** From here on the page builds on this revision, in which the server holds `values`. */
  builds(revision, values) {
    this.revision = String(revision);
    const input = this.form.elements.namedItem("revision");
    if (input) input.value = this.revision;
    if (this.base && values) this.base.value = JSON.stringify(values);
  }

  refused(status, body, text) {
    this.keepCopy();
    // The other fields may have been saved: what follows builds on that, or it would look stale.
    if (body.revision) this.builds(body.revision);
    this.refusedText = text;
    // 422 can be mended by typing on; the others cannot.
    this.halted = status !== 422;
    const words = this.line.dataset;
    const fields = Object.values(body.fields ?? {}).flat();
    const sentence = body.detail || (status === 413 ? words.tTooLarge : words.tRefused);
    this.show("refused", [sentence, ...fields].join(" "));
  }

  // --- Two people, merged by the server ---------------------------------------------------------
  /** Both changed different answers: what is new from the other one appears on the page. */
  merged(text, answer, body) {
    const sent = sentBy(JSON.parse(text));
    const now = sentBy(snapshotOf(this.form));
    const belongs = (key) => body.taken.some((name) => key === name || key.startsWith(`${name}-`));
    const part = (values) => JSON.stringify(Object.entries(values).filter(([key]) => belongs(key)).sort());
    if (part(sent) !== part(now)) {
      // Typed meanwhile in just such an answer: the page keeps its revision and compares anew.
      this.show("typing");
      return this.plan(PAUSE);
    }
    const untouched = this.text === text;
    const theirs = body.taken.flatMap((name) => (body.values[name] ? [] : [[name, ""]]));
    fillForm(this.form, [...entriesOf(body.values).filter(([key]) => belongs(key)), ...theirs]);
    this.failures = 0;
    this.builds(body.revision, body.values);
    if (!answer.ok) return this.refused(answer.status, body, this.text);
    this.saved = untouched ? this.text : "";
    if (untouched) this.dropCopy();
    this.show("saved", [body.saved_label, body.notice].filter(Boolean).join(". "));
    if (!untouched) this.plan(PAUSE);
  }

  /** Both changed the same answer: a person chooses, here, without leaving the page. */
  choose(html) {
    this.keepCopy();
    this.halted = true;
    this.show("conflict");
    const page = new DOMParser().parseFromString(html, "text/html");
    this.panel.replaceChildren(...page.body.childNodes);
    this.panel.hidden = false;
    this.form.inert = true; // what was compared must stay as it was compared
    const choice = this.panel.querySelector("form");
    choice.addEventListener("submit", (event) => {
      event.preventDefault();
      this.chosen(choice);
    });
    this.panel.scrollIntoView({ block: "start" });
    choice.querySelector("input:not([type=hidden]), summary, button")?.focus({ preventScroll: true });
  }

  async chosen(choice) {
    const buttons = [...choice.querySelectorAll("button")];
    const data = new FormData(choice);
    for (const button of buttons) button.disabled = true;
    try {
      const { answer, body } = await this.fetch(choice.action, data);
      if (body?.panel) return this.choose(body.panel);
      if (!body?.values) {
        // Not now; the panel stays, with all that was chosen and written in it.
        if (!this.unanswered(answer, body)) this.show("refused", body?.detail);
        clearTimeout(this.timer);
        return;
      }
      this.form.inert = false;
      this.panel.hidden = true;
      this.panel.replaceChildren();
      this.halted = false;
      this.failures = 0;
      fillForm(this.form, entriesOf(body.values));
      this.builds(body.revision, body.values);
      if (!answer.ok) return this.refused(answer.status, body, this.text);
      this.saved = this.text;
      this.dropCopy();
      this.show("saved", [body.saved_label, body.notice].filter(Boolean).join(". "));
      this.form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
    } catch {
      this.show("kept");
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }

  // --- Two versions of a form that is not merged --------------------------------------------------
  disagree(body) {
    this.keepCopy();
    this.halted = true;
    this.show("conflict");
    const theirs = Object.entries(body.current ?? {}).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => [name, one === null ? "" : String(one)]),
    );
    const words = this.conflict.dataset;
    // Of rows every cell counts, also those that the saved text does not have.
    const named = new Set(theirs.map(([name]) => name.split("-")[0]));
    const mine = snapshotOf(this.form).filter(([name]) => named.has(name.split("-")[0]));
    const go = (take) => {
      this.conflict.hidden = true;
      this.halted = false;
      this.builds(body.revision);
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
    copies.keep(this.key, {
      text: this.text,
      revision: this.revision,
      base: this.base?.value,
      at: new Date().toISOString(),
    });
  }

  dropCopy() {
    copies.drop(this.key);
  }

  offerCopy() {
    const copy = copies.find(this.key);
    if (!copy) return;
    const kept = JSON.parse(copy.text);
    if (saysTheSame(kept, snapshotOf(this.form))) {
      if (this.saved) this.dropCopy(); // the server has it
      return;
    }
    const words = this.restore.dataset;
    const when = new Intl.DateTimeFormat(language, {
      dateStyle: "medium",
      timeStyle: "short",
    }).format(Date.parse(copy.at));
    drawChoice(this.form, this.restore, {
      title: words.tTitle.replace("{when}", when),
      left: [words.tMine, kept],
      right: [words.tTheirs, snapshotOf(this.form)],
      folded: words.tLook,
      choices: [
        [
          words.tRestore,
          () => {
            this.restore.hidden = true;
            fillForm(this.form, kept);
            // It builds on what its writer had seen, not on what a colleague saved since: if there
            // is such a thing, the server will say so and both are merged.
            this.builds(copy.revision);
            if (this.base && copy.base) this.base.value = copy.base;
            this.keepCopy();
            this.save();
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

  /** Hand over a text as a file, without asking the server, which may be what is missing. */
  hand(text) {
    const link = document.createElement("a");
    link.href = `data:text/plain;charset=utf-8,${encodeURIComponent(`\ufeff${text}`)}`;
    link.download = "text.txt";
    link.click();
  }

  show(state, text) {
    const word = state.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
    this.line.dataset.state = state === "conflict" ? "refused" : state;
    if (this.download) this.download.hidden = !["kept", "signed-out", "refused"].includes(state);
    const sentence = text || this.line.dataset[`t${word[0].toUpperCase()}${word.slice(1)}`];
    // Said once: a screen reader need not hear "saving" every three seconds.
    if (this.line.textContent !== sentence) this.line.textContent = sentence;
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);
