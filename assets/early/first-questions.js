/* What Dash asks first is asked while its code is still on the way: the layout, its list of callbacks, and the page at this address. */
(function () {
  "use strict";
  var base = new URL(document.currentScript.src).pathname.split("/assets/early/")[0] + "/";
  var path = window.location.pathname;
  var asked = {};
  var KEPT = 30000; // milliseconds until an answer that nobody fetched is let go

  function ask(name, options) {
    asked[name] = fetch(base + name, Object.assign({ credentials: "same-origin", headers: { Accept: "application/json", "Content-Type": "application/json" } }, options));
    asked[name].catch(function () {}); // it is asked again where it is wanted
  }

  /* The path that a question for a page is about; null for other questions. */
  function pageOf(body) {
    var request = JSON.parse(body);
    return request.output === "page.children" ? request.inputs[0].value : null;
  }

  ask("_dash-layout");
  ask("_dash-dependencies");
  ask("_dash-update-component", {
    method: "POST",
    body: JSON.stringify({
      output: "page.children", outputs: { id: "page", property: "children" }, changedPropIds: [],
      inputs: [{ id: "url", property: "pathname", value: path }],
    }),
  });

  window.setTimeout(function () { asked = {}; }, KEPT);

  /* The answer on its way to a question that was asked here, once; undefined for any other. The first page that is wanted may be another. */
  window.askedEarly = function (url, options) {
    var name = url.split("?")[0].split("/").pop();
    var answer = asked[name];
    if (!answer) return undefined;
    var page = options && options.body ? pageOf(options.body) : path;
    if (page === null) return undefined;
    delete asked[name];
    return page === path ? answer : undefined;
  };
})();
