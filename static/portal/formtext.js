// What a form says, as a list of [name, value], and how to put it back. Shared by autosave.js.

import { fit, tablesIn } from "./rows.js";

const NEVER = new Set(["csrfmiddlewaretoken", "revision", "next", "base", "opened_by"]);
const CELL = /^(\w+)-(\d+)-(\w+)$/; // partners-0-country

/**
 * All typed and chosen values in the order of the form; files and machinery are left out, and so
 * are rows that are empty or to be removed: the others are numbered anew, as the server will.
 */
export function snapshotOf(form) {
  const entries = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NEVER.has(name));
  const { plain, rows } = apart(form, entries);
  const numbers = new Map();
  const kept = [...rows.values()].filter(
    ({ cells }) => !cells.has("remove") && [...cells].some(([cell, value]) => cell !== "id" && value.trim()),
  );
  return [
    ...plain,
    ...kept.flatMap(({ table, cells }) => {
      const number = numbers.get(table) ?? 0;
      numbers.set(table, number + 1);
      return [...cells].map(([cell, value]) => [`${table}-${number}-${cell}`, value]);
    }),
  ];
}

/** Entries that are cells of rows apart from all others: {plain, rows: "table-n" -> {table, cells}}. */
function apart(form, entries) {
  const tables = tablesIn(form);
  const plain = [];
  const rows = new Map();
  for (const [name, value] of entries) {
    const [, table, number, cell] = CELL.exec(name) ?? [];
    if (!tables.has(table)) {
      plain.push([name, value]);
      continue;
    }
    const key = `${table}-${number}`;
    if (!rows.has(key)) rows.set(key, { table, cells: new Map() });
    rows.get(key).cells.set(cell, value);
  }
  return { plain, rows };
}

function group(entries) {
  const values = new Map();
  for (const [name, value] of entries) {
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return values;
}

/** Set every named field to what the entries say. Names the form does not have are passed over. */
export function fillForm(form, entries) {
  const { rows } = apart(form, entries);
  for (const [name, table] of tablesIn(form)) {
    if (!entries.some(([entry]) => entry === name)) continue; // these rows are not mentioned
    fit(table, [...rows.values()].filter((row) => row.table === name).length);
  }
  const wanted = group(entries);
  for (const field of form.elements) {
    if (!field.name || NEVER.has(field.name) || ["file", "submit", "button"].includes(field.type)) continue;
    const values = wanted.get(field.name);
    if (field.type === "checkbox" || field.type === "radio") {
      // A box that is not ticked is not in the list at all; for text, absent means "not mentioned".
      if (values || isWhole(entries, form)) field.checked = (values ?? []).includes(field.value);
    } else if (!values) {
      continue;
    } else if (field.type === "select-multiple") {
      for (const option of field.options) option.selected = values.includes(option.value);
    } else {
      field.value = values.shift() ?? "";
    }
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

/** True if the entries cover the form's text fields, that is, if they are a whole snapshot. */
function isWhole(entries, form) {
  const names = new Set(entries.map(([name]) => name));
  return snapshotOf(form).every(([name]) => {
    const field = form.elements.namedItem(name);
    return names.has(name) || field instanceof RadioNodeList || ["checkbox", "radio"].includes(field?.type);
  });
}

function labelOf(form, name) {
  const table = tablesIn(form).get(name);
  if (table) return table.querySelector("legend").textContent.replace("*", "").trim();
  const item = form.elements.namedItem(name);
  const field = item instanceof RadioNodeList ? item[0] : item;
  const legend = item instanceof RadioNodeList && field?.closest("fieldset")?.querySelector("legend");
  const label = legend || field?.labels?.[0];
  return label ? label.textContent.replace("*", "").trim() : name;
}

/** What a person reads for a value: the words of an option or of the label of a box. */
function wordsFor(form, name, value) {
  const item = form.elements.namedItem(name);
  const fields = item instanceof RadioNodeList ? [...item] : [item];
  for (const field of fields) {
    if (field?.options) return [...field.options].find((option) => option.value === value)?.text ?? value;
    if (["checkbox", "radio"].includes(field?.type) && field.value === value) {
      return field.labels?.[0]?.textContent.trim() || value;
    }
  }
  return value;
}

/** The same entries with one line for each row, under the name of its table: "Name; Peru; role". */
function withRowsAsLines(form, entries) {
  const { plain, rows } = apart(form, entries);
  const tables = tablesIn(form);
  const lines = [...rows.values()].map(({ table, cells }) => {
    const pattern = tables.get(table).querySelector("template").content;
    const said = [...cells].filter(([cell, value]) => cell !== "id" && value.trim());
    const words = said.map(([cell, value]) => {
      const options = pattern.querySelector(`[name$="-${cell}"]`)?.options;
      return [...(options ?? [])].find((option) => option.value === value)?.text ?? value;
    });
    return [table, words.join("; ")];
  });
  return [...plain.filter(([name]) => !tables.has(name)), ...lines];
}

/** Fields that differ: [{label, mine, theirs}]; several values of one field are joined by lines. */
export function differences(form, mine, theirs) {
  const [left, right] = [mine, theirs].map((entries) => group(withRowsAsLines(form, entries)));
  const found = [];
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const read = (values) => (values ?? []).map((value) => wordsFor(form, name, value)).join("\n");
    const [one, other] = [read(left.get(name)), read(right.get(name))];
    if (one.replaceAll("\r\n", "\n") !== other.replaceAll("\r\n", "\n")) {
      found.push({ label: labelOf(form, name), mine: one || "–", theirs: other || "–" });
    }
  }
  return found;
}

/** Entries as the server writes a version down: name -> its values. */
export function sentBy(entries) {
  return Object.fromEntries(group(entries));
}

/** The opposite: a version of the server's as entries. */
export function entriesOf(sent) {
  return Object.entries(sent).flatMap(([name, values]) => values.map((value) => [name, value]));
}

/** Everything that is written in a form as one plain text, each answer under its label. */
export function asText(form) {
  return differences(form, snapshotOf(form), [])
    .map(({ label, mine }) => `${label}\n${mine}\n`)
    .join("\n");
}

/** Whether two lists of entries say the same to a server that trims and composes what it reads. */
export function saysTheSame(one, other) {
  const plain = (entries) =>
    JSON.stringify(entries.map(([name, value]) => [name, value.normalize("NFC").replace(/\r\n?/g, "\n").trim()]));
  return plain(one) === plain(other);
}
