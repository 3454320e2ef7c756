/* Swagger UI over our own document; requests go out with the reader's login. */
(function () {
  "use strict";
  const dark = document.documentElement.dataset.theme === "dark"
    || (!document.documentElement.dataset.theme && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark-mode", dark);
  const box = document.getElementById("docs");
  window.SwaggerUIBundle({
    url: box.dataset.document, domNode: box, deepLinking: true, docExpansion: "list", defaultModelsExpandDepth: -1,
    displayRequestDuration: true, tryItOutEnabled: false, validatorUrl: null, withCredentials: true,
  });
})();
