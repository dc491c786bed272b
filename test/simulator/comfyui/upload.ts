import { empty, json, ServerTrouble } from './answers';
import { escapes, isFolderType, type FileRef, type Files } from './files';

/** POST /upload/image: any kind of file, by default into the input folder. */
export async function upload(request: Request, files: Files): Promise<Response> {
  const form = await formOf(request);
  const image = form.get('image');
  if (!(image instanceof File) || image.name === '') return empty(400);

  const asked = textOf(form.get('type'));
  const type = isFolderType(asked) ? asked : 'input';
  const subfolder = textOf(form.get('subfolder'));
  if (escapes(subfolder) || escapes(image.name)) return empty(400);

  const bytes = Buffer.from(await image.arrayBuffer());
  const wanted = { filename: asSent(image.name), subfolder, type };
  const overwrite = ['true', '1'].includes(textOf(form.get('overwrite')));
  const ref = overwrite ? wanted : freeName(files, wanted, bytes);
  files.put(ref, bytes);
  return json({ name: ref.filename, subfolder, type });
}

/** Browsers send quotes and line ends escaped, and the server does not decode them. */
const asSent = (name: string): string => name.replace(/[\r\n"]/g, encodeURIComponent);

/** The same bytes keep their name; others get "name (1).png". */
function freeName(files: Files, wanted: FileRef, bytes: Buffer): FileRef {
  const dot = wanted.filename.lastIndexOf('.');
  const [stem, extension] =
    dot < 1 ? [wanted.filename, ''] : [wanted.filename.slice(0, dot), wanted.filename.slice(dot)];
  for (let copy = 0; ; copy++) {
    const ref = { ...wanted, filename: copy === 0 ? wanted.filename : `${stem} (${copy})${extension}` };
    const there = files.get(ref);
    if (!there || there.bytes.equals(bytes)) return ref;
  }
}

async function formOf(request: Request): Promise<FormData> {
  try {
    return await request.formData();
  } catch (cause) {
    throw new ServerTrouble('not a form', { cause });
  }
}

const textOf = (value: FormDataEntryValue | null): string => (typeof value === 'string' ? value : '');
