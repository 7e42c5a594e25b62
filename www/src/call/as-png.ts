/** A picture for the clipboard: browsers take PNG into it, and not much else. */
export function asPng(blob: Blob): ClipboardItem {
  const convert = async () => {
    if (blob.type === "image/png") return blob;
    const bitmap = await createImageBitmap(blob);
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    return canvas.convertToBlob({ type: "image/png" });
  };
  return new ClipboardItem({ "image/png": convert() });
}
