// Deadlines: the reader's own zone and a countdown by the server's clock.
//
// The page says what the server's clock read when it answered (data-now). The browser knows when
// that answer began to arrive. The difference is how wrong the browser's clock is; it is added to
// every later reading. Units and plurals come from Intl, so no language needs a table here.

import { language } from "./language.js";

/** Milliseconds to add to Date.now() to get the server's time. */
function clockError(serverNow) {
  const [load] = performance.getEntriesByType("navigation");
  const arrived = load && load.responseStart > 0 ? performance.timeOrigin + load.responseStart : Date.now();
  return Date.parse(serverNow) - arrived;
}

function unitParts(value, unit) {
  const parts = new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).formatToParts(value);
  const text = (wanted) => parts.filter(wanted).map((part) => part.value).join("").trim();
  // Arabic says "two days" in one word, without a number: then the word stands alone.
  const number = text((part) => part.type === "integer" || part.type === "group");
  return [number || new Intl.NumberFormat(language).format(value), text((part) => part.type === "unit")];
}

function drawCountdown(place, milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const days = Math.floor(seconds / 86400);
  const wanted = [
    [Math.floor((seconds % 86400) / 3600), "hour"],
    [Math.floor((seconds % 3600) / 60), "minute"],
    [seconds % 60, "second"],
  ];
  if (days > 0) wanted.unshift([days, "day"]);
  place.replaceChildren(
    ...wanted.map(([value, unit]) => {
      const [number, word] = unitParts(value, unit);
      const box = document.createElement("span");
      const figure = document.createElement("b");
      const label = document.createElement("small");
      figure.textContent = number;
      label.textContent = word;
      box.append(figure, " ", label);
      return box;
    }),
  );
}

function drawReaderZone(deadline, until) {
  const row = deadline.querySelector("[data-reader-zone]");
  if (!row) return;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const when = new Intl.DateTimeFormat(language, {
    dateStyle: "long",
    timeStyle: "short",
    hourCycle: "h23",
  }).format(until);
  const offset = new Intl.DateTimeFormat("en", { timeZoneName: "longOffset" })
    .formatToParts(until)
    .find((part) => part.type === "timeZoneName").value;
  row.querySelector("dd").textContent = `${when} (${zone}, ${offset.replace("GMT", "UTC")})`;
  row.hidden = false;
}

for (const deadline of document.querySelectorAll("[data-deadline]")) {
  const until = Date.parse(deadline.dataset.until);
  const error = clockError(deadline.dataset.now);
  drawReaderZone(deadline, until);

  const place = deadline.querySelector("[data-countdown]");
  if (!place) continue;
  const tick = () => {
    const left = until - (Date.now() + error);
    if (left > 0) {
      drawCountdown(place, left);
      // Aim at the next full second of the remaining time, not at "a second from now".
      setTimeout(tick, (left % 1000) + 5);
      return;
    }
    place.hidden = true;
    deadline.querySelector("[data-closed]").hidden = false;
    deadline.dispatchEvent(new CustomEvent("portal:deadline", { bubbles: true }));
  };
  tick();
}
