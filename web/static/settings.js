// A field whose slot has something to say is marked as wrong, also for who does not see it.
document.addEventListener("htmx:afterSwap", function (event) {
  var slot = event.detail.target;
  if (!slot.classList.contains("slot")) return;
  var field = document.getElementById(slot.id.slice(0, -"-slot".length));
  if (!field) return;
  if (slot.querySelector(".wrong")) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
});
