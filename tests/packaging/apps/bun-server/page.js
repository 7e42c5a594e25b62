document.querySelector("button").onclick = async () => {
  const response = await fetch(`/image${location.search}`);
  document.querySelector("output").value = response.headers.get("partial-images");
  document.querySelector("img").src = URL.createObjectURL(await response.blob());
};
