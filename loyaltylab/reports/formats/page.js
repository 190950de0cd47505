"use strict";
// Everything here is extra: without it the page can be read, printed, and its code shown.
const root = document.documentElement;
const remembered = {
  get() { try { return localStorage.getItem("loyaltylab-colours"); } catch { return null; } },
  set(value) { try { localStorage.setItem("loyaltylab-colours", value); } catch { /* private window */ } },
};
const paint = (colours) => (colours === "auto" ? delete root.dataset.colours : (root.dataset.colours = colours));
paint(["light", "dark"].find((known) => known === remembered.get()) || "auto");

function numberIn(text) {
  const plain = text.replace(/\u2212/g, "-").replace(/[\s\u00a0\u202f]/g, "");
  const western = root.lang === "nl" ? plain.replace(/\./g, "").replace(",", ".") : plain.replace(/,/g, "");
  const found = /^[^\d+.-]*([+-]?\d*\.?\d+(?:e[+-]?\d+)?)/i.exec(western);
  return found ? Number(found[1]) : NaN;
}

function sortable(table) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  if (rows.length < 2) return;
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    const texts = new Map(rows.map((row) => [row, row.cells[column].textContent.trim()]));
    const numbers = new Map(rows.map((row) => [row, numberIn(texts.get(row))]));
    const numeric = head.style.textAlign === "right";
    const order = (a, b) => {
      if (!numeric) return texts.get(a).localeCompare(texts.get(b), root.lang);
      const [x, y] = [numbers.get(a), numbers.get(b)];
      return isNaN(x) || isNaN(y) ? isNaN(x) - isNaN(y) : x - y;
    };
    button.addEventListener("click", () => {
      const next = { ascending: "descending", descending: "none" }[head.getAttribute("aria-sort")] || "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      const sorted = next === "none" ? rows : [...rows].sort(order);
      if (next !== "none") head.setAttribute("aria-sort", next);
      if (next === "descending") sorted.reverse();
      body.append(...sorted);
    });
  });
}

// What a telephone shows as cards needs the headings at hand; roles keep it a table to who hears it.
function cards(table) {
  const heads = [...table.tHead.rows[0].cells].map((head) => head.textContent.trim());
  if (heads.length < 3) return;
  table.classList.add("cards");
  table.setAttribute("role", "table");
  [...table.rows].forEach((row) => {
    row.setAttribute("role", "row");
    [...row.cells].forEach((cell, column) => {
      cell.setAttribute("role", cell.tagName === "TH" ? "columnheader" : "cell");
      cell.dataset.heading = heads[column];
    });
  });
}

async function copy(text, said) {
  try {
    await navigator.clipboard.writeText(text.textContent);
    return said.dataset.copied;
  } catch { /* not allowed here, as in a page opened from disk */ }
  getSelection().selectAllChildren(text);
  return document.execCommand("copy") ? said.dataset.copied : said.dataset.selected;
}

document.addEventListener("DOMContentLoaded", () => {
  const label = document.getElementById("colours");
  const choice = label.querySelector("select");
  label.hidden = false;
  choice.value = root.dataset.colours || "auto";
  choice.addEventListener("change", () => { paint(choice.value); remembered.set(choice.value); });

  document.querySelector("nav details").open = matchMedia("(min-width: 60rem)").matches;
  document.querySelectorAll(".table table").forEach((table) => { cards(table); sortable(table); });

  // A link into a folded table opens it, and paper has everything.
  const folds = [...document.querySelectorAll(".fold")];
  const unfold = () => { const fold = document.getElementById(location.hash.slice(1))?.closest(".fold"); if (fold) fold.open = true; };
  addEventListener("hashchange", unfold);
  addEventListener("beforeprint", () => folds.forEach((fold) => { fold.open = true; }));
  unfold();

  const said = document.getElementById("said");
  document.querySelectorAll(".cite button").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      said.textContent = await copy(button.nextElementSibling, said);
      setTimeout(() => { said.textContent = ""; }, 2500);
    });
  });

  // What scrolls sideways must be reachable without a mouse.
  const reach = () => document.querySelectorAll(".table, .wide, pre").forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; else box.removeAttribute("tabindex");
  });
  document.getElementById("show-code").addEventListener("change", reach);
  addEventListener("resize", reach);
  reach();
});
