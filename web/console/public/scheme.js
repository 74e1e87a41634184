// Runs before the first paint, as a file because the console's policy allows no inline script: no flash of the wrong scheme.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem("parley-color-scheme");
  } catch (e) {
    // Storage may be forbidden; the system's choice is used then.
  }
  var dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
