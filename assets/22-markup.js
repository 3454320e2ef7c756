/* HTML that comes as components of Dash (`layouts/markup.py`) is put up by React at once: Dash itself keeps an entry and a wrapper for
   each of its own components, and looks through all of them with each change. */
(function () {
  "use strict";
  const board = window.board;
  const LINK = /^(https?|mailto):/;
  const SAFE = { href: LINK, action: LINK, src: /^(https?:|data:image\/)/ }; // addresses by attribute, made whole

  /* Texts of sources can become links, and none may become a script. */
  function safe(name, address) {
    try {
      return SAFE[name].test(new URL(address, document.baseURI).href) ? address : undefined;
    } catch {
      return undefined;
    }
  }

  /* `parts`: by the value of `data-part`, attributes and children of the element in place of its own. */
  board.element = function (node, parts = {}) {
    if (node === null || typeof node !== "object") return node;
    const { children, n_clicks: clicks, ...given } = { ...node.props, ...parts[node.props["data-part"]] };
    for (const name of Object.keys(SAFE)) if (name in given) given[name] = safe(name, given[name]);
    const inner = children === null || children === undefined ? [] : [children].flat();
    return window.React.createElement(node.type.toLowerCase(), given, ...inner.map((one) => board.element(one, parts)));
  };

  /* `data-answered`: its content is no longer what it began with. Style sheets ask for that instead of `:has()`, with which browsers
     look through the page after each change. */
  board.Markup = function (props) {
    const { tag, content } = props;
    const first = window.React.useRef(content);
    if (!tag) return board.element(content[0]);
    const kept = Object.entries(props).filter(([name]) => /^(id|className|style|data-.*|aria-.*)$/.test(name));
    const answered = content === first.current ? {} : { "data-answered": "" };
    return window.React.createElement(tag, { ...Object.fromEntries(kept), ...answered }, ...[content].flat().map((node) => board.element(node)));
  };
})();
