import { ME, MINUTE, type World } from './start';

export type GpuName = 'A10G' | 'L40S' | 'H100';

/** The bill of a day. */
export interface DayBill {
  readonly dollars: number;
  /** GPU minutes billed. */
  readonly minutes: number;
  readonly rendersDone: number;
  readonly rendersLost: number;
}

/** One part of the day and its bill. */
export interface Stretch extends DayBill {
  readonly name: 'morning' | 'noon' | 'lunch' | 'evening';
}

export type Part = Stretch['name'];
export const WHOLE_DAY: readonly Part[] = ['morning', 'noon', 'evening', 'lunch'];
/** How the day is lived: with default settings and lengths guessed beforehand, with the guardian, or on leases. */
export type Way = 'alone' | 'guarded' | 'leased';

/** The guardian's settings; all of them are off by default. */
const GUARDED = {
  'comfydeploy.keepAliveWhileRendering': true,
  'comfydeploy.endWhenIdleAfter': 15,
} as const;

/** Lives the day, with or without the guardian, and reads the bill of the simulated ComfyDeploy. */
export async function liveWorkingDay(world: World, way: Way, parts: readonly Part[]): Promise<readonly Stretch[]> {
  world.control.addMachine({ ...ME, name: 'sd-box' });
  if (way === 'guarded') for (const [name, value] of Object.entries(GUARDED)) world.editor.configure(name, value);
  await world.refresh();
  const person = new Person(world, way === 'leased');
  const stretches: Stretch[] = [];
  for (const part of parts) stretches.push(await person.stretch(part, () => LIVED[part](person)));
  return stretches;
}

/**
 * A session of an hour, and at its end a render that needs longer than the time left. If it is lost, it is repeated.
 */
async function morning(person: Person): Promise<void> {
  let id = await person.rent('A10G', 60);
  for (const minutes of [10, 10, 10]) {
    await person.render(id, minutes);
    await person.work(4);
  }
  while (!(await person.render(id, 30))) id = await person.rent('A10G', 60);
  await person.end(id);
}

/** A session of two hours, work until lunch, and nobody comes back in time. */
async function noon(person: Person): Promise<void> {
  const id = await person.rent('L40S', 120);
  for (const minutes of [15, 15]) {
    await person.render(id, minutes);
    await person.work(5);
  }
  await person.leave(120);
}

/** A long session against interruptions, one last render, and it is forgotten overnight. */
async function evening(person: Person): Promise<void> {
  const id = await person.rent('H100', 480);
  await person.render(id, 25);
  await person.leave(600);
}

/** A session of four hours; at lunch, during a render, the laptop dies. The render finishes in time. */
async function lunch(person: Person): Promise<void> {
  const id = await person.rent('H100', 240);
  for (const minutes of [8, 8]) {
    await person.render(id, minutes);
    await person.work(4);
  }
  await person.renderAndDie(id, 6, 600);
}

const LIVED: Readonly<Record<Part, (person: Person) => Promise<void>>> = { morning, noon, lunch, evening };

/** Somebody who works with ComfyUI, and sometimes goes away. */
class Person {
  #done = 0;
  #lost = 0;

  constructor(
    private readonly world: World,
    private readonly isLeased: boolean,
  ) {}

  async stretch(name: Stretch['name'], live: () => Promise<void>): Promise<Stretch> {
    const before = this.#bill;
    await live();
    const after = this.#bill;
    return {
      name,
      dollars: after.dollars - before.dollars,
      minutes: after.minutes - before.minutes,
      rendersDone: after.rendersDone - before.rendersDone,
      rendersLost: after.rendersLost - before.rendersLost,
    };
  }

  /** Starts a session with the extension and waits until it is ready. */
  async rent(gpu: GpuName, minutes: number): Promise<string> {
    const { editor, control } = this.world;
    const created = this.world.run('createSession');
    (await editor.pick(/On which machine/)).choose('sd-box');
    (await editor.pick(/Which GPU/)).choose(gpu);
    const length = await editor.pick(/For how long/);
    if (this.isLeased) length.choose('As long as I use it');
    else length.type(`${minutes}`);
    if (!this.isLeased) length.accept();
    // Such a long session needs a confirmation.
    if (!this.isLeased && minutes > 240) (await editor.message(/^Start .* for /)).press('Start');
    await this.world.advance(MINUTE);
    await created;
    const session = control.sessions().at(-1);
    if (!session) throw new Error('No session was started.');
    return session.id;
  }

  /** All windows die during a render, and nobody is there for so long. */
  async renderAndDie(id: string, minutes: number, goneFor: number): Promise<void> {
    const comfyUi = this.world.control.comfyUi(id);
    comfyUi?.startJob({ seconds: 24 * 3_600 });
    await this.world.advance(2 * MINUTE);
    this.world.dispose();
    for (let passed = 2; passed < minutes && this.#isLive(id); passed++) await this.world.control.advance(MINUTE);
    const isDone = this.#isLive(id);
    if (isDone) await comfyUi?.finishJob();
    if (isDone) this.#done++;
    else this.#lost++;
    await this.world.control.advance((goneFor - minutes) * MINUTE);
  }

  /** Renders. Resolves with whether it finished before the session ended. */
  async render(id: string, minutes: number): Promise<boolean> {
    const comfyUi = this.world.control.comfyUi(id);
    comfyUi?.startJob({ seconds: 24 * 3_600 });
    for (let passed = 0; passed < minutes && this.#isLive(id); passed++) await this.world.advance(MINUTE);
    const isDone = this.#isLive(id);
    if (isDone) await comfyUi?.finishJob();
    if (isDone) this.#done++;
    else this.#lost++;
    return isDone;
  }

  work(minutes: number): Promise<void> {
    return this.world.advance(minutes * MINUTE);
  }

  /** The editor stays open, and nobody is there. */
  async leave(minutes: number): Promise<void> {
    this.world.editor.setFocused(false);
    await this.world.advance(minutes * MINUTE);
    this.world.editor.setFocused(true);
  }

  async end(id: string): Promise<void> {
    const ended = this.world.run('cancelSession', { kind: 'session', sessionId: id });
    (await this.world.editor.message(/^End the session/)).press('End Session');
    await this.world.advance(MINUTE);
    await ended;
  }

  #isLive(id: string): boolean {
    const session = this.world.control.session(id);
    return session !== undefined && session.endedAt === null && session.stoppingAt === null;
  }

  get #bill(): DayBill {
    const { dollars, sessions } = this.world.control.bill();
    const seconds = sessions.reduce((sum, session) => sum + session.seconds, 0);
    return { dollars, minutes: seconds / 60, rendersDone: this.#done, rendersLost: this.#lost };
  }
}
