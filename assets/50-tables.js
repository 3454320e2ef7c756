/* Tables and the drawer: what is clicked becomes the table's state or the URL. */
(function () {
  "use strict";
  const board = window.board;
  const NO = () => window.dash_clientside.no_update;

  function sorted(state, column) {
    const again = state.sort === column;
    return { ...state, sort: column, descending: again ? !state.descending : column === "time", page: 0 };
  }

  function showOrder(table, state) {
    document.querySelectorAll(`[data-table="${CSS.escape(table)}"] th[data-column]`).forEach((head) => {
      const own = head.dataset.column === state.sort;
      head.setAttribute("aria-sort", own ? (state.descending ? "descending" : "ascending") : "none");
    });
  }

  Object.assign(board, {
    tableState(sorts, words, turns, selection, wordIds, state) {
      const cause = window.dash_clientside.callback_context.triggered_id;
      if (!cause) return NO();
      let next = state;
      if (cause === "selection") next = { ...state, page: 0 };
      else if (cause.type === "table-sort") next = sorted(state, cause.column);
      else if (cause.type === "table-turn") next = { ...state, page: Math.max(0, state.page + (cause.way === "forth" ? 1 : -1)) };
      else if (cause.type === "table-word") {
        const typed = {};
        wordIds.forEach((id, place) => { if (words[place]) typed[id.column] = words[place]; });
        next = { ...state, words: typed, page: 0 };
      }
      if (board.same(next, state)) return NO();
      if (cause.table) showOrder(cause.table, next);
      return next;
    },

    /* Closing the drawer takes it out of the URL. */
    drawerClosed(open) {
      if (!open) board.go({ _records: null, _record: null, _change: null, _value: null, _at: null, _post: null });
    },
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { board });
})();
