/* What was asked while the network or the server was gone is asked again when it is back. Until then whatever shows
   an older answer is marked. */
(function () {
  "use strict";
  const board = window.board;
  const lost = new Map(); // the input that changed -> its value then
  const OWN_RHYTHM = /^(pulse|slow-pulse)\./; // asked again anyway
  const set = (id, data) => window.dash_clientside.set_props(id, data);

  const nameOf = (id) => (typeof id === "string" ? id : JSON.stringify(id, Object.keys(id).sort()));

  function remember(request) {
    for (const input of request.inputs.flat()) {
      const name = `${nameOf(input.id)}.${input.property}`;
      if (request.changedPropIds.includes(name) && !OWN_RHYTHM.test(name)) lost.set(name, input);
    }
  }

  /* The selection, the view and the page as the address has them now; anything else as it was asked. */
  function askAgain() {
    const again = [...lost.values()];
    lost.clear();
    for (const { id, property, value } of again) {
      if (id === "selection") set(id, { data: board.chosen() });
      else if (id === "view") set(id, { data: board.chosen(true) });
      else if (id === "url") set(id, { [property]: window.location[property] });
      else set(id, { [property]: value && typeof value === "object" ? { ...value } : value });
    }
  }

  /* The mark goes when the answer to what is chosen now is there. */
  function unmark(request) {
    const asked = request.inputs.flat().find((one) => one.id === "selection");
    if (asked && !board.same(asked.value, board.chosen())) return;
    for (const output of [request.outputs].flat(2)) {
      const place = document.getElementById(nameOf(output.id));
      const marked = place && place.closest("[data-follows]");
      if (marked) delete marked.dataset.busy;
    }
  }

  document.addEventListener("question-ended", (event) => {
    const { request, arrived } = event.detail;
    board.chartsWait(!arrived);
    const chart = board.chartAnswered(request, arrived);
    if (arrived) {
      unmark(request);
      askAgain();
    } else if (!chart) remember(request);
  });
  window.addEventListener("online", () => {
    board.chartsWait(false);
    askAgain();
  });
})();
