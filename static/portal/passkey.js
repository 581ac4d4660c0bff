// Says on the page what went wrong with a passkey; allauth's own script only tells the console.

const said = document.querySelector("[data-passkey-said]");
// Browsers keep passkeys for names, never for numbers such as 127.0.0.1.
const numeric = /^[\d.]+$|:/.test(window.location.hostname);

function say(sentence) {
  said.textContent = sentence;
  said.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const possible = window.PublicKeyCredential && !numeric;
  say(possible ? said.dataset.tFailed : said.dataset.tImpossible);
});
