const side = 256;
const maxBytes = 256 * 1024;

/** The browser cannot read the file as a picture. */
export class NoPicture extends Error {}

/** A file as base64: cut to a square and made small here, so that any picture fits, and nothing but the picture is sent. */
export async function asAvatar(file: File): Promise<string> {
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file);
  } catch {
    throw new NoPicture();
  }
  const cut = Math.min(picture.width, picture.height);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const paint = canvas.getContext("2d");
  if (!paint || cut === 0) throw new NoPicture();
  paint.imageSmoothingQuality = "high";
  paint.drawImage(picture, (picture.width - cut) / 2, (picture.height - cut) / 2, cut, cut, 0, 0, side, side);
  picture.close();
  const png = await blobOf(canvas, "image/png");
  return base64Of(png.size <= maxBytes ? png : await blobOf(canvas, "image/jpeg"));
}

const blobOf = (canvas: HTMLCanvasElement, type: string) =>
  new Promise<Blob>((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new NoPicture())), type, 0.9));

const base64Of = (blob: Blob) =>
  new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1] ?? "");
    reader.onerror = () => reject(new NoPicture());
    reader.readAsDataURL(blob);
  });
