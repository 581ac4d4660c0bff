// Rows of fields: one more at once, without a way to the server. Without this script the same button
// saves the page and comes back with more empty rows.
//
//   <fieldset data-rows="NAME" data-most="N"> ... <ol data-rows-list> ... </ol>
//     <button data-rows-add> <template data-rows-pattern>one row, numbered __n__</template>

const PATTERN_NUMBER = "__n__";

/** The rows of fields in a form: name of the answer -> its fieldset. */
export function tablesIn(form) {
  return new Map([...form.querySelectorAll("[data-rows]")].map((table) => [table.dataset.rows, table]));
}

function listOf(table) {
  return table.querySelector("[data-rows-list]");
}

/** An id as the server gives them, so that saving the same row twice does not make two. */
function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function append(table) {
  const list = listOf(table);
  const name = table.dataset.rows;
  const taken = [...list.querySelectorAll(`[name^="${name}-"]`)].map((field) => Number(field.name.split("-")[1]));
  const number = Math.max(-1, ...taken) + 1;
  const row = table.querySelector("template[data-rows-pattern]").content.firstElementChild.cloneNode(true);
  for (const part of row.querySelectorAll("*")) {
    for (const attribute of ["id", "name", "for"]) {
      const value = part.getAttribute(attribute);
      if (value) part.setAttribute(attribute, value.replace(PATTERN_NUMBER, number));
    }
  }
  row.querySelector("[data-rows-number]").textContent = number + 1;
  row.querySelector(`[name="${name}-${number}-id"]`).value = freshId();
  list.append(row);
  row.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true })); // counters begin
  limit(table);
  return row;
}

function limit(table) {
  const full = listOf(table).children.length >= Number(table.dataset.most);
  table.querySelector("[data-rows-add]").disabled = full;
}

/** Make room for exactly these many filled rows, all empty, and one more. */
export function fit(table, rows) {
  listOf(table).replaceChildren();
  for (let number = 0; number < Math.min(rows + 1, Number(table.dataset.most)); number += 1) append(table);
}

function start(table) {
  const button = table.querySelector("[data-rows-add]");
  button.type = "button";
  button.addEventListener("click", () => {
    const row = append(table);
    row.querySelector("input:not([type=hidden]), textarea, select").focus();
  });
  limit(table);
}

for (const table of document.querySelectorAll("[data-rows]")) start(table);
