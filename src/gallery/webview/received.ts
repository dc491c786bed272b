/// <reference lib="dom" />
import { idOf, type Item, type Listed, type LiveItem } from '../item';

const days = new Intl.DateTimeFormat(document.documentElement.lang);

/** What is only in sessions. */
export function liveItem(item: LiveItem): Item {
  return { ...item, uri: '', day: days.format(item.at), isSaved: false, isStarred: false };
}

/** What is in the folder. */
export function savedItems({ root, src, files }: Listed): readonly Item[] {
  return files.map(({ path, ...file }) => {
    const places = { id: idOf(file.at, path), uri: `${root}/${path}`, src: `${src}/${path}` };
    return { ...file, ...places, day: days.format(file.at), isSaved: true };
  });
}
