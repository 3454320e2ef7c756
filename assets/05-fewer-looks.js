/* Dash's renderer reports each component that it has put on the page to its store, one by one, and at each report every component
   looks whether it has changed: on a page of 900 components 900 times 900 looks. Here they look once the script at work is done. */
(function () {
  "use strict";
  const stores = (window.dash_stores = window.dash_stores || []);

  function patient(store) {
    const subscribe = store.subscribe.bind(store);
    store.subscribe = (listener) => {
      let listening = true;
      let due = false;
      const leave = subscribe(() => {
        if (due) return;
        due = true;
        queueMicrotask(() => {
          due = false;
          if (listening) listener();
        });
      });
      return () => {
        listening = false;
        leave();
      };
    };
  }

  // Dash adds its store once its own observers listen, before the page is drawn: those go on hearing of everything at once.
  stores.push = function (...added) {
    added.forEach(patient);
    return Array.prototype.push.apply(this, added);
  };
})();
