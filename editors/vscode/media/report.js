// The buttons of the report: they ask the extension, which answers with the new content.
(function () {
  const vscode = acquireVsCodeApi();
  const live = document.getElementById("live");
  const said = document.getElementById("said");
  let timer;
  const follow = () => {
    clearInterval(timer);
    if (live.checked) timer = setInterval(() => vscode.postMessage("refresh"), 5000);
  };
  for (const name of ["refresh", "copy", "save"]) {
    document.getElementById(name).addEventListener("click", () => vscode.postMessage(name));
  }
  live.addEventListener("change", () => {
    vscode.setState({ live: live.checked });
    follow();
  });
  window.addEventListener("message", (event) => {
    const { content, said: sentence } = event.data ?? {};
    // The extension has escaped every value of it.
    if (typeof content === "string") document.querySelector("main").innerHTML = content;
    if (typeof content === "string" || typeof sentence === "string") said.textContent = sentence ?? "";
  });
  live.checked = vscode.getState()?.live === true;
  follow();
})();
