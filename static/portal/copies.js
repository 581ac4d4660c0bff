// The copy of a text that the server does not have yet.
//
// It lives in sessionStorage, which belongs to one tab: it survives a reload, a crash and a signing
// in anew, and ends with the tab. localStorage would show it to whoever uses the same computer next,
// for weeks. A copy goes as soon as the server has the text; all go when their owner signs out in
// any tab, and when another person is signed in. So what lies here is a few seconds of typing, or
// what could not be sent, and only in front of its writer.

const PREFIX = "portal-text:";
const person = document.body.dataset.person ?? "";
const channel = "BroadcastChannel" in window ? new BroadcastChannel("portal-signed-out") : null;

const named = (key) => `${PREFIX}${person}:${key}`;

export function keep(key, copy) {
  try {
    sessionStorage.setItem(named(key), JSON.stringify(copy));
  } catch {
    // Storage is full or switched off: the page itself still holds the text.
  }
}

export function drop(key) {
  try {
    sessionStorage.removeItem(named(key));
  } catch {
    // as above
  }
}

/** The copy under this key, or null. */
export function find(key) {
  try {
    return JSON.parse(sessionStorage.getItem(named(key)));
  } catch {
    return null;
  }
}

function dropAll(except = "\0") {
  try {
    for (const name of Object.keys(sessionStorage)) {
      if (name.startsWith(PREFIX) && !name.startsWith(except)) sessionStorage.removeItem(name);
    }
  } catch {
    // as above
  }
}

// A page without a person may be the way back in: whoever signs in next decides.
if (person) dropAll(named(""));
document.addEventListener("submit", (event) => {
  if (!new URL(event.target.action, location.href).pathname.endsWith("/accounts/logout/")) return;
  dropAll();
  channel?.postMessage("signed-out");
});
channel?.addEventListener("message", () => dropAll());
