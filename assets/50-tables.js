/* Tables of records: sorted, filtered and paged by the server, and when they are asked again. And the drawer. */
(function () {
  "use strict";
  const board = window.board;
  const PHONE_ROWS = 4; // that a phone shows before the rest is asked for; `30-panel.css` counts to the same number
  const TYPING = 400; // milliseconds after the last letter
  const tables = new Map(); // table -> its panel on this page: { scope, state, cause, seen, show }
  let asking = null; // the words of the address

  const nameOf = (element) => element.closest("[data-table]").dataset.table;

  /* The component. React writes what has `data-part`: rows, order, and the pager. */
  function Panel({ id, scope, state, content, rows, page }) {
    const { useEffect, useState } = window.React;
    const [order, show] = useState(state);
    useEffect(() => enter(scope, state, show), []);
    useEffect(() => { if (page) note(scope.table, page.seen); }, [page]);
    const parts = {
      panel: { id, "data-long": rows && [rows].flat().length > PHONE_ROWS ? "" : undefined },
      [`sort ${order.sort}`]: { "aria-sort": order.descending ? "descending" : "ascending" },
      pager: { children: page ? page.text : "" },
      back: { disabled: !page || page.first },
      forth: { disabled: !page || page.last },
    };
    if (rows) parts.rows = { children: rows };
    return board.element(content[0], parts);
  }
  board.TablePanel = (props) => window.React.createElement(Panel, { ...props, key: board.key(props.scope) });

  function enter(scope, state, show) {
    const own = { scope, state, show, cause: null, seen: null };
    tables.set(scope.table, own);
    want(own);
    return () => { if (tables.get(scope.table) === own) tables.delete(scope.table); };
  }

  function note(table, seen) {
    const own = tables.get(table);
    if (own) own.seen = seen;
  }

  function want(own) {
    if (asking) board.wantTable(own.scope.table, { words: asking, state: own.state }, [own.cause, own.scope]); // a drawer's table has one name, whatever it shows
  }

  function change(table, next) {
    const own = tables.get(table);
    if (!own || board.same(own.state, { ...own.state, ...next })) return;
    own.state = { ...own.state, ...next };
    own.show(own.state);
    want(own);
  }

  function typed(field) {
    const panel = field.closest("[data-table]");
    if (!panel) return; // it is on a page that is left
    const words = [...panel.querySelectorAll("[data-word]")].filter((one) => one.value).map((one) => [one.dataset.word, one.value]);
    change(panel.dataset.table, { words: Object.fromEntries(words), page: 0 });
  }

  let soon = 0;
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-word]")) return;
    window.clearTimeout(soon);
    soon = window.setTimeout(typed, TYPING, event.target);
  });
  document.addEventListener("change", (event) => { if (event.target.matches("[data-word]")) typed(event.target); });

  Object.assign(board, {
    wantTables(words) {
      if (!words) return;
      const other = !board.same(words, asking);
      asking = words;
      for (const own of tables.values()) {
        if (other && own.state.page) own.state = { ...own.state, page: 0 };
        want(own);
      }
    },

    tablesChanged(revisions) {
      for (const own of tables.values()) {
        const next = board.cause(revisions, own.seen, own.scope, own.cause);
        if (!next) continue;
        own.cause = next;
        want(own);
      }
    },

    /* Charts and tables whose data are newer now are asked again. */
    partsChanged(revisions) {
      board.chartsChanged(revisions);
      board.tablesChanged(revisions);
    },

    sortTable(head) {
      const { state } = tables.get(nameOf(head));
      const again = state.sort === head.dataset.sort;
      change(nameOf(head), { sort: head.dataset.sort, descending: again ? !state.descending : head.dataset.sort === "time", page: 0 });
    },

    pageTable(button) {
      const { state } = tables.get(nameOf(button));
      change(nameOf(button), { page: Math.max(0, state.page + Number(button.dataset.step)) });
    },

    askTable(panel) {
      const own = tables.get(panel.dataset.table);
      if (!own) return;
      own.cause = { again: Date.now() };
      want(own);
    },

    /* Closing the drawer takes it out of the URL. */
    drawerClosed(open) {
      if (!open) board.go({ _records: null, _record: null, _change: null, _value: null, _at: null, _post: null });
    },
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { board });
})();
