/* A screen on a wall stays current for days: twice a day the page is loaded anew into a frame over the old one, for a newer version
   of this program. To load the document itself anew would end full screen. The old picture stays until the new one is drawn. */
(function () {
  "use strict";
  const board = window.board;
  const EVERY = 12 * 3600 * 1000; // milliseconds
  const PATIENCE = 10 * 60 * 1000; // milliseconds until a frame that is not drawn is given up, and another one tried
  const own = window.frameElement && window.frameElement.classList.contains("kiosk-inside") ? window.frameElement : null;
  const outer = () => window.parent.board.renewal;
  let next = EVERY; // on the clock of this document
  let trial = null; // the frame that is not drawn yet
  let shown = null;

  function giveUp(frame) {
    if (trial !== frame) return;
    frame.remove();
    trial = null;
    next = window.performance.now();
  }

  board.renewal = {
    /* At the end of a round: `path` is of the page that a round begins with, `mayCome` whether the server answers. */
    async whenDue(path, mayCome) {
      if (own) outer().whenDue(path, mayCome);
      else if (!trial && window.performance.now() > next && (await mayCome())) board.renewal.now(path);
    },
    now(path) {
      if (own) {
        outer().now(path);
        return;
      }
      if (trial) return;
      next = window.performance.now() + EVERY;
      const frame = (trial = Object.assign(document.createElement("iframe"), { className: "kiosk-inside", title: "Kiosk mode" }));
      frame.src = path + window.location.search;
      document.body.append(frame);
      window.setTimeout(giveUp, PATIENCE, frame);
    },
    /* The page is drawn: in a frame it takes the place of what was shown until now. */
    drawn() {
      if (own) outer().show(own);
    },
    show(frame) {
      if (frame !== trial) return;
      trial = null;
      if (shown) shown.remove();
      else board.restKiosk();
      shown = frame;
      frame.classList.add("shown");
      document.documentElement.classList.add("kiosk-renewed");
      frame.contentWindow.focus(); // its keys turn pages
    },
    /* Whether the end of the kiosk was taken care of: what lies below frames is old, and so loaded anew. */
    leave() {
      if (own) {
        window.parent.board.endKiosk();
        return true;
      }
      if (!shown) {
        if (trial) trial.remove();
        trial = null;
        return false;
      }
      const here = new URL(shown.contentWindow.location.href);
      for (const word of ["kiosk", "kiosk_every"]) here.searchParams.delete(word);
      window.location.assign(here.pathname + here.search);
      return true;
    },
  };
})();
