// Two versions side by side, and the buttons to choose with.

import { differences } from "./formtext.js";

/**
 * Fill `region` with a title, the fields in which two versions differ, and one button a choice.
 * `folded` hides the comparison behind a line that opens it.
 */
export function drawChoice(form, region, { title, left, right, same, folded, choices }) {
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
      cell.dir = "auto";
      cell.tabIndex = 0; // long texts scroll, with the keyboard too
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
  let shown = list;
  if (folded) {
    shown = document.createElement("details");
    const line = document.createElement("summary");
    line.textContent = folded;
    shown.append(line, list);
  }
  region.replaceChildren(head, shown, row);
  region.hidden = false;
}
