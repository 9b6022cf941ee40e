/** Copies a text. Throws where the browser allows neither way. */
export async function copyText(text: string): Promise<void> {
  // Away from localhost and without TLS there is no clipboard object.
  if (window.isSecureContext) await navigator.clipboard.writeText(text);
  else if (!copyBySelection(text)) throw new Error("the browser does not allow copying");
}

function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  const before = document.activeElement;
  area.value = text;
  area.readOnly = true;
  area.className = "sr-only";
  document.body.append(area);
  area.select();
  // oxlint-disable-next-line typescript/no-deprecated -- the only way there is without a secure context
  const copied = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return copied;
}

/** Offers a text as a file to save. */
export function downloadText(fileName: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}
