/* Rows of records by keyboard: Tab goes to "Open" of each row, arrow keys from there to the values that filter, and from row to row. */
(function () {
  "use strict";
  const seen = (button) => button && button.checkVisibility();

  /* In the row: -1 and 1 to the next button, ends to the first and the last. */
  function beside(at, key) {
    const buttons = [...at.closest("tr").querySelectorAll("button")].filter(seen);
    const place = buttons.indexOf(at);
    return buttons[{ ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: buttons.length - 1 }[key]];
  }

  /* In the same column of the nearest row that has a button there. */
  function below(at, key) {
    const step = key === "ArrowDown" ? "nextElementSibling" : "previousElementSibling";
    const column = at.closest("td").cellIndex;
    for (let row = at.closest("tr")[step]; row; row = row[step]) {
      const button = row.cells[column] && row.cells[column].querySelector("button");
      if (seen(button)) return button;
    }
    return undefined;
  }

  const WAYS = { ArrowLeft: beside, ArrowRight: beside, Home: beside, End: beside, ArrowUp: below, ArrowDown: below };

  document.addEventListener("keydown", (event) => {
    const at = event.target.closest(".records tbody button");
    const way = WAYS[event.key];
    if (!at || !way || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    event.preventDefault(); // the page stays where it is
    const next = way(at, event.key);
    if (next) next.focus();
  });
})();
