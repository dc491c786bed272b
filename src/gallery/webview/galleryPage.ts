/// <reference lib="dom" />
import { Gallery } from './gallery';
import { Stage } from './stage';

function start(): void {
  const [input, starred] = document.querySelectorAll('input');
  const choices = [...document.querySelectorAll('select')];
  const [count, box, all, about, stage, every] = ['count', 'grid', 'all', 'about', 'stage', 'every'].map((id) =>
    document.getElementById(id),
  );
  const section = document.querySelector('section');
  const table = document.querySelector('tbody');
  if (!input || !starred || !count || !box || !all || !about || !stage || !every || !section || !table) return;
  new Gallery({ input, starred, choices, count, box, all, section, about, every }, new Stage(stage, table));
}

start();
