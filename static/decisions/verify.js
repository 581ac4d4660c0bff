// Looks at a document in the browser and asks the portal only about its fingerprint.
//
// A receipt is recognised by what it holds: it is written anew as the portal writes it (sorted names, no
// white space, UTF-8), so white space in the file does no harm. Of any other file the bytes
// themselves are hashed. Where the browser has no `crypto.subtle` (an address without
// HTTPS), the form is sent as it is without this script.

const MOST_BYTES_OF_A_RECEIPT = 64 * 1024;
const FORMAT = "chang-e8-receipt-1";

const form = document.querySelector("[data-verify]");

if (form && globalThis.crypto?.subtle) {
  form.querySelector("[data-verify-note]").hidden = false;
  form.querySelector("[data-verify-whole]").hidden = false;
  form.addEventListener("submit", (event) => {
    // The one button that does send it: a signature is looked at by the portal.
    if (event.submitter?.name === "whole") return;
    const file = form.querySelector("input[type=file]").files[0];
    if (!file) return;
    event.preventDefault();
    ask(file);
  });
  // A file may be dropped anywhere on the form.
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    ask(file);
  });
}

async function ask(file) {
  const bytes = await file.arrayBuffer();
  const receipt = receiptIn(bytes);
  const question = new URLSearchParams();
  if (receipt) {
    question.set("sha256", await sha256(new TextEncoder().encode(canonical(receipt))));
    question.set("code", receipt.code);
  } else {
    question.set("sha256", await sha256(bytes));
  }
  location.assign(`${form.action.split("?")[0]}?${question}`);
}

function receiptIn(bytes) {
  if (bytes.byteLength > MOST_BYTES_OF_A_RECEIPT) return null;
  try {
    const found = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return found?.format === FORMAT && typeof found.code === "string" ? found : null;
  } catch {
    return null; // no JSON: some other document
  }
}

/** Canonical JSON, as the portal writes it. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
