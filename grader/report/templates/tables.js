// Sorting and filtering of the tables that ask for it. Without this everything
// can still be read: the controls are made here, so that none is there in vain.
"use strict";

const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

// "–" stands for nothing, and comes last whichever way a column is sorted.
const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
const absent = (text) => text === "–" || text === "";

function sort(table, heading, column) {
  const down = heading.getAttribute("aria-sort") === "ascending";
  for (const other of heading.parentNode.cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [value(row, column), row]);
  rows.sort(([a], [b]) => absent(a) - absent(b) || (down ? -1 : 1) * words.compare(a, b));
  body.append(...rows.map(([, row]) => row));
}

function sortable(table) {
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    if (!heading.textContent.trim()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(table, heading, column));
    heading.append(button);
  });
}

function labelled(text, control) {
  const label = document.createElement("label");
  label.append(text, control);
  return label;
}

function filterable(table) {
  const rows = [...table.tBodies[0].rows];
  const text = document.createElement("input");
  text.type = "search";
  const status = document.createElement("select");
  const statuses = new Set(rows.map((row) => row.querySelector(".status").textContent));
  status.append(new Option("all", ""), ...[...statuses].sort().map((each) => new Option(each, each)));
  const shown = document.createElement("output");
  const filter = () => {
    const sought = text.value.toLowerCase().split(/\s+/);
    let count = 0;
    for (const row of rows) {
      const said = row.textContent.toLowerCase();
      const right = !status.value || row.querySelector(".status").textContent === status.value;
      row.hidden = !(right && sought.every((word) => said.includes(word)));
      count += !row.hidden;
    }
    shown.value = `${count} of ${rows.length} shown`;
  };
  text.addEventListener("input", filter);
  status.addEventListener("input", filter);
  const controls = document.createElement("div");
  controls.className = "controls";
  controls.append(labelled("Find ", text), labelled("Status ", status), shown);
  table.parentNode.before(controls);
  filter();
}

document.querySelectorAll("table.sortable").forEach(sortable);
document.querySelectorAll("table.filterable").forEach(filterable);
