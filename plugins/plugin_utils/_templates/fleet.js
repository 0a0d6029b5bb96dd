/* Copyright (c) 2026, OpenCHAMI contributors
   GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
   SPDX-License-Identifier: GPL-3.0-or-later */
"use strict";
// The page is whole without this script: it only filters, and shows a tile's tip at once.
{
  const field = document.querySelector("#filter");
  const shown = document.querySelector("#shown");
  const tip = document.querySelector("#tip");
  const tiles = [...document.querySelectorAll(".row .t")].map((node) => [node, node.title.toLowerCase()]);
  const lines = [...document.querySelectorAll("tbody tr")].map((node) => [node, node.textContent.toLowerCase()]);
  const rows = [...document.querySelectorAll(".row")];
  const racks = [...document.querySelectorAll(".rack")];
  const chips = [...document.querySelectorAll(".chips button")];

  const filter = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hide = ([node, text]) => {
      const found = words.every((word) => text.includes(word));
      node.classList.toggle("hidden", !found);
      return found;
    };
    const found = tiles.filter(hide).length;
    lines.forEach(hide);
    [...rows, ...racks].forEach((part) => part.classList.toggle("hidden", !part.querySelector(".t:not(.hidden)")));
    chips.forEach((chip) => chip.setAttribute("aria-pressed", words.length > 0 && chip.dataset.q === words.join(" ")));
    shown.textContent = words.length ? `${found.toLocaleString("en")} of ${tiles.length.toLocaleString("en")}` : "";
  };

  let pinned = null;
  const tell = (event) => {
    const tile = event.target.closest(".row .t");
    if (event.type === "click") pinned = tile === pinned ? null : tile;
    const told = tile || pinned;
    tip.textContent = told ? told.title : "";
  };

  document.documentElement.classList.add("js");
  document.querySelector(".filter").hidden = false;
  field.addEventListener("input", filter);
  chips.forEach((chip) => chip.addEventListener("click", () => {
    field.value = field.value === chip.dataset.q ? "" : chip.dataset.q;
    filter();
  }));
  document.addEventListener("mouseover", tell);
  document.addEventListener("click", tell);
  filter();
}
