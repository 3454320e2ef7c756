/* Fields for assumptions: once set, all of them stand in the address as `assume=name:value,…`. */
(function () {
  "use strict";
  const board = window.board;

  const chosen = () => Object.fromEntries((board.words(window.location.search).assume || "").split(",").filter(Boolean)
    .map((pair) => { const [name, value] = pair.split(":"); return [name, value]; }));

  /* Dash has no plain number field without a callback: it is put where the page left room for it. */
  function fill() {
    const now = chosen();
    document.querySelectorAll("[data-assume]").forEach((slot) => {
      let field = slot.querySelector("input");
      if (!field) {
        field = document.createElement("input");
        field.type = "number";
        field.step = "any";
        field.min = slot.dataset.least;
        field.max = slot.dataset.most;
        field.setAttribute("aria-label", slot.dataset.label);
        field.addEventListener("change", changed);
        slot.append(field);
      }
      if (field !== document.activeElement) field.value = now[slot.dataset.assume] || slot.dataset.usual;
      field.classList.toggle("changed", slot.dataset.assume in now);
    });
  }

  function changed() {
    const words = [];
    for (const slot of document.querySelectorAll("[data-assume]")) {
      const field = slot.querySelector("input");
      if (!field || field.value === "" || !field.checkValidity()) continue;
      words.push(`${slot.dataset.assume}:${Number(field.value)}`); // those left as they stand were seen, too
    }
    board.go({ assume: words.join(",") || null });
    fill();
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-assume-reset]")) { board.go({ assume: null }); fill(); }
    if (event.target.closest("[data-assume-use]")) changed();
  });
  for (const kind of ["popstate", "_dashprivate_pushstate"]) window.addEventListener(kind, () => window.setTimeout(fill, 0));
  new MutationObserver(() => {
    if (document.querySelector("[data-assume]:empty")) fill();
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
