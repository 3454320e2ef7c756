/* When what was lost on its way may be asked again: at once when the server is back, ever later when others are answered
   and this alone is not. */
(function () {
  "use strict";
  const board = window.board;
  const LONGEST = 60000; // milliseconds
  const known = new Map(); // question -> how often it alone was lost, and until when it waits
  let answers = 0;

  board.losses = {
    note(question) {
      const before = known.get(question);
      const alone = before ? before.alone + (before.answers === answers ? 0 : 1) : 0;
      const until = alone ? Date.now() + Math.min(LONGEST, 1000 * 2 ** alone) : 0;
      known.set(question, { alone, until, answers });
    },
    waits: (question) => Math.max(0, (known.get(question) || { until: 0 }).until - Date.now()),
    forget: (question) => known.delete(question),
    forgetAll: () => known.clear(),
    answered() { answers += 1; },
  };
})();
