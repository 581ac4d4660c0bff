// Menus are <details> and open on their own; this closes them politely, folds the header away on a
// phone, and lets a message be dismissed.

const openMenus = () => document.querySelectorAll("[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const fold = event.target.closest("[data-nav-button]");
  if (fold) {
    const isOpen = fold.closest("[data-site-header]").classList.toggle("is-open");
    fold.setAttribute("aria-expanded", String(isOpen));
  }
  const close = event.target.closest("[data-flash-close]");
  if (close) {
    close.closest("[data-flash]").remove();
    document.getElementById("main").focus();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Leaving a menu with Tab closes it, so that it never covers what has the focus.
document.addEventListener("focusin", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
