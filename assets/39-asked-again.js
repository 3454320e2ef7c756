/* What was asked while the network or the server was gone is asked again when it is back. Until then whatever shows
   an older answer is marked. */
(function () {
  "use strict";
  const board = window.board;
  const lost = new Map(); // question -> the property that is set to have it asked again
  const OWN_RHYTHM = /^(pulse|slow-pulse)$/; // asked again anyway
  let soon = 0;

  const nameOf = (id) => (typeof id === "string" ? id : JSON.stringify(id, Object.keys(id).sort()));
  const isTick = (id) => /tick$/.test(typeof id === "string" ? id : id.type || "");

  /* Its own tick, where it has one, asks for it alone; else what has changed, or its first input when it was asked first. */
  function causes(request) {
    const inputs = request.inputs.flat();
    const tick = inputs.find((one) => isTick(one.id));
    if (tick) return [{ id: tick.id, property: tick.property, value: () => ({ again: Date.now() }) }];
    const changed = inputs.filter((one) => request.changedPropIds.includes(`${nameOf(one.id)}.${one.property}`));
    return (changed.length ? changed : inputs.slice(0, 1)).filter((one) => !OWN_RHYTHM.test(nameOf(one.id)))
      .map(({ id, property, value }) => ({ id, property, value: () => now(id, property, value) }));
  }

  /* The selection, the view and the page as the address has them now; anything else as it was asked. */
  function now(id, property, value) {
    if (id === "selection") return board.chosen();
    if (id === "view") return board.chosen(true);
    if (id === "url") return window.location[property];
    if (Array.isArray(value)) return [...value];
    return value && typeof value === "object" ? { ...value } : value;
  }

  const questionOf = (request) => JSON.stringify(request.outputs);

  function askAgain() {
    for (const [question, parts] of [...lost]) {
      const wait = board.losses.waits(question);
      if (wait) {
        window.clearTimeout(soon);
        soon = window.setTimeout(askAgain, wait);
        continue;
      }
      lost.delete(question);
      for (const { id, property, value } of parts) {
        try {
          window.dash_clientside.set_props(id, { [property]: value() });
        } catch { /* it was on a page that is left */ }
      }
    }
  }

  /* The mark goes when the answer to what is chosen now is there. */
  function unmark(request) {
    const inputs = request.inputs.flat();
    const asked = inputs.filter((one) => one.id === "selection").map((one) => one.value);
    const wanted = inputs.filter((one) => one.id && one.id.type === "table-body" && one.property === "wanted").map((one) => one.value.words);
    if ([...asked, ...wanted].some((words) => !board.same(words, board.chosen()))) return;
    for (const output of [request.outputs].flat(2)) {
      const place = document.getElementById(nameOf(output.id));
      const marked = place && place.closest("[data-follows]");
      if (marked) board.busy(marked, false);
    }
  }

  document.addEventListener("question-ended", (event) => {
    const { request, arrived, ok } = event.detail;
    const question = questionOf(request);
    board.chartsWait(!arrived);
    const part = board.partAnswered(request, arrived, ok);
    if (!arrived) {
      if (part) return;
      board.losses.note(question);
      const parts = causes(request);
      if (parts.length) lost.set(question, parts);
      return;
    }
    board.losses.answered();
    board.losses.forget(question);
    if (ok) unmark(request);
    askAgain();
  });
  window.addEventListener("online", () => {
    board.losses.forgetAll();
    board.chartsWait(false);
    askAgain();
  });
})();
