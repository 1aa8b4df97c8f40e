// The names that a text may say become buttons that put them where one writes.
document.addEventListener("DOMContentLoaded", () => {
  const text = document.getElementById("text");
  if (!text || text.readOnly) return;
  let field = text;
  const subject = document.getElementById("subject");
  [text, subject].forEach((each) => each && each.addEventListener("focus", () => { field = each; }));
  document.querySelectorAll("[data-insert]").forEach((code) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain small";
    button.textContent = code.dataset.insert;
    button.addEventListener("click", () => {
      field.setRangeText(code.dataset.insert, field.selectionStart, field.selectionEnd, "end");
      field.focus();
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    code.replaceWith(button);
  });
});

// A preview that does not come is told; what was typed stays.
["htmx:responseError", "htmx:sendError"].forEach((name) => document.addEventListener(name, () => {
  const preview = document.getElementById("preview");
  if (!preview) return;
  const told = document.createElement("p");
  told.className = "told error";
  told.setAttribute("role", "alert");
  told.textContent = preview.dataset.trouble;
  preview.replaceChildren(told);
}));
