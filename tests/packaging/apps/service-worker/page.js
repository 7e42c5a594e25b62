const controlled = new Promise((resolve) => (navigator.serviceWorker.oncontrollerchange = resolve));
navigator.serviceWorker.register("./service-worker.js", { type: "module" });
navigator.serviceWorker.onmessage = ({ data }) => (document.querySelector("output").value = data);

document.querySelector("button").onclick = async () => {
  await controlled;
  const answer = await fetch(`/picture${location.search}`);
  document.querySelector("img").src = URL.createObjectURL(await answer.blob());
};
