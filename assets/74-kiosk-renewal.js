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
  let trial = null; // { frame, done }: the frame that is not drawn yet, and who waits for it
  let shown = null;

  function drop() {
    if (!trial) return;
    const { frame, done } = trial;
    trial = null;
    frame.remove();
    done(false);
  }

  function giveUp(frame) {
    if (!trial || trial.frame !== frame) return;
    drop();
    next = window.performance.now();
  }

  board.renewal = {
    /* At the end of a round: `path` is of the page that a round begins with, `mayCome` whether the server answers. */
    async whenDue(path, mayCome) {
      if (own) outer().whenDue(path, mayCome);
      else if (!trial && window.performance.now() > next && (await mayCome())) board.renewal.now(path);
    },
    /* Whether the new frame was drawn in the end. One that is on its way gives way to it: it may have been asked for before the login. */
    now(path) {
      if (own) return outer().now(path);
      drop();
      next = window.performance.now() + EVERY;
      const frame = Object.assign(document.createElement("iframe"), { className: "kiosk-inside", title: "Kiosk mode" });
      frame.src = path + window.location.search;
      window.setTimeout(giveUp, PATIENCE, frame);
      return new Promise((done) => {
        trial = { frame, done };
        document.body.append(frame);
      });
    },
    /* Whether this document is in a frame that nobody sees yet. */
    trying: () => Boolean(own) && !own.classList.contains("shown"),
    /* The page is drawn: in a frame it takes the place of what was shown until now. */
    drawn() {
      if (own) outer().show(own);
    },
    show(frame) {
      if (!trial || frame !== trial.frame) return;
      if (!board.kiosk()) {
        drop();
        return;
      }
      const { done } = trial;
      trial = null;
      if (shown) shown.remove();
      else board.restKiosk();
      shown = frame;
      frame.classList.add("shown");
      document.documentElement.classList.add("kiosk-renewed");
      frame.contentWindow.focus(); // its keys turn pages
      done(true);
    },
    /* The address asks for a kiosk no longer: what is `old`, as all below a frame, would look as if it were current, and so is loaded anew. */
    end(old) {
      drop();
      if (own) window.parent.location.assign(window.location.href);
      else if (old || shown) window.location.reload();
    },
    /* Whether the end of the kiosk was taken care of, in the same way. */
    leave() {
      if (own) {
        window.parent.board.endKiosk();
        return true;
      }
      if (!shown) {
        drop();
        return false;
      }
      const here = new URL(shown.contentWindow.location.href);
      for (const word of ["kiosk", "kiosk_every"]) here.searchParams.delete(word);
      window.location.assign(here.pathname + here.search);
      return true;
    },
  };
})();
