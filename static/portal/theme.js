// Light, dark or as the device says. Loaded before the first paint, so the page never flashes; the
// button waits for the document. Without this file the style sheet follows the device.
(() => {
  const CHOICES = ["auto", "light", "dark"];
  const root = document.documentElement;
  const device = window.matchMedia("(prefers-color-scheme: dark)");

  const chosen = () => {
    try {
      const kept = localStorage.getItem("portal-theme");
      return CHOICES.includes(kept) ? kept : "auto";
    } catch {
      return "auto"; // storage is switched off: the device decides
    }
  };

  const show = (choice) => {
    root.dataset.themeChoice = choice;
    root.dataset.bsTheme = choice === "auto" ? (device.matches ? "dark" : "light") : choice;
    for (const button of document.querySelectorAll("[data-theme-button]")) {
      const words = button.dataset[`t${choice[0].toUpperCase()}${choice.slice(1)}`];
      button.setAttribute("aria-label", words);
      button.title = words;
    }
  };

  root.classList.add("js");
  show(chosen());
  device.addEventListener("change", () => show(root.dataset.themeChoice));
  document.addEventListener("DOMContentLoaded", () => show(root.dataset.themeChoice));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-button]")) return;
    const next = CHOICES[(CHOICES.indexOf(root.dataset.themeChoice) + 1) % CHOICES.length];
    try {
      localStorage.setItem("portal-theme", next);
    } catch {
      // The choice then lasts for this page only.
    }
    show(next);
  });
})();
