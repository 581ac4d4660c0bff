// The token that every form sends, read from the cookie at the last moment: signing in again, in
// this tab or another, makes a new one, and the token drawn into the page is then an old one.

const COOKIE = /(?:^|; )(?:__Host-csrf|csrftoken)=([^;]+)/;

export function csrfToken() {
  return decodeURIComponent(COOKIE.exec(document.cookie)?.[1] ?? "");
}

/** Put the newest token into a form that is about to be sent. */
export function renewToken(form) {
  const token = csrfToken();
  const input = form.elements.namedItem("csrfmiddlewaretoken");
  if (token && input) input.value = token;
}
