import type * as vscode from 'vscode';
import type { Web } from './comfyui/client';
import type { MachineId, SessionId } from './comfydeploy/model';
import type { OutputFile } from './comfyui/outputs';
import type { Sockets } from './platform/sockets';
import type { App } from './app';
import { together, type Disposable } from './platform/emitter';
import type { SessionSaver } from './outputs/sessionSaver';
import type { OutputsFolder } from './outputs/ui/outputsFolder';
import type { Memory } from './platform/memory';
import { machineOf } from './sessions/snapshot';
import type { Settings } from './platform/ui/settings';
import type { Surfaces } from './surfaces';
import type { CommandHandlers } from './platform/ui/commands';
import { isDrawable, openInSession } from './workflows/ui/openingWorkflows';
import { outputCommands } from './outputs/ui/outputCommands';
import { OutputFiles } from './outputs/ui/outputFiles';
import { Gallery, type GalleryContext } from './gallery/ui/gallery';
import type { GalleryView } from './gallery/ui/lateGallery';
import type { PictureEditor } from './picture/ui/latePictures';
import { Pictures, type PicturesContext } from './picture/ui/pictures';
import { PlainPictures } from './workflows/ui/plainPictures';
import type { CreateFlow } from './sidebar/ui/createCommands';
import type { WorkflowTools } from './sidebar/ui/tasks';
import type { ReadingFile } from './workflows/ui/carriers';
import { Checking } from './workflows/ui/checking';
import { Converting } from './workflows/ui/converting';
import { exportApi } from './workflows/ui/exportingApi';
import { NodeLists } from './workflows/ui/nodeLists';
import { MachineFactsOf } from './workflows/machineFacts';
import type { WorkflowFile } from './workflows/ui/workflowFile';
import { Following } from './workflows/ui/following';
import { KeptNodes } from './workflows/keptNodes';
import { InputUploads } from './workflows/ui/inputUploads';
import { Queueing, type QueueingContext } from './workflows/ui/queueing';
import { queueMany, type QueueingManyContext } from './workflows/ui/queueingMany';
import { RunningMany } from './workflows/ui/runningMany';
import { savingWorkflows } from './workflows/ui/savingWorkflows';
import { newForRun } from './workflows/ui/newForRun';
import { runningSession, sessionForWork, usableSession, type Purpose } from './workflows/ui/sessionForWork';
import type { MissingOn } from './workflows/checkText';
import { MemoryTaken } from './workflows/memoryTaken';
import { CanvasStore } from './workflows/canvasStore';
import { KeptCanvases, type KeptCanvasesContext } from './workflows/ui/keptCanvases';
import { RunNotices, type RunNoticesContext } from './workflows/ui/runNotices';
import { workflowCommands, type WorkflowContext } from './workflows/ui/workflowCommands';
import { WorkflowFiles } from './workflows/ui/workflowFiles';
import { WorkflowHelp } from './workflows/ui/workflowHelp';
import type { BeginningOf } from './workflows/ui/workflowLooks';
import { WorkflowPlaces } from './workflows/ui/workflowPlaces';
import { createVersions, type Versions } from './versions';

export interface Workflows extends Disposable {
  readonly handlers: ReturnType<typeof workflowCommands> &
    ReturnType<typeof savingWorkflows> &
    ReturnType<typeof outputCommands> &
    Pick<CommandHandlers, 'restoreCanvas' | 'showPicture' | 'openGallery'> &
    Versions['handlers'];
  readonly providers: {
    /** Outputs of sessions, as files. */
    readonly outputFiles: vscode.FileSystemProvider;
    readonly pictures: PictureEditor;
    readonly gallery: GalleryView;
  };
  /** What tasks use. */
  readonly tools: WorkflowTools;
  /** Chooses a session for a workflow, and shows it there. */
  readonly opening: { readonly sessionFor: ReturnType<typeof choosing>; readonly open: KeptCanvasesContext['open'] };
  readonly versions: Pick<Versions, 'remember' | 'noteOpened' | 'forget'>;
  /** Looks at workflow files, from the first time that somebody is signed in. */
  redraw(): void;
}

interface Context {
  readonly sockets: Sockets;
  /** Of this window's workspace. */
  readonly workspaceMemory: Memory;
  readonly beginningOf: BeginningOf;
  readonly readingFile: ReadingFile;
  readonly writtenAt: GalleryContext['writtenAt'];
  readonly creating: CreateFlow;
  readonly guardSettings: RunNoticesContext['guardSettings'];
  readonly settings: Settings;
  readonly outputsFolder: OutputsFolder;
  readonly saver: SessionSaver;
  /** Of all windows. */
  readonly memory: Memory;
  readonly report: (error: unknown) => void;
}

/** Connects workflow files, sessions and outputs. No decision is made here. */
export function createWorkflows(web: Web, app: App, surfaces: Surfaces, context: Context): Workflows {
  const [{ clock }, { appState, outputs }] = [web, app];
  const { tabs, targets } = surfaces;
  const { beginningOf, creating, settings, report } = context;
  const files = new WorkflowFiles({ ...web, report, beginningOf });
  const plain = new PlainPictures(context.readingFile);
  const { reading: readingFile } = plain;
  const outputFiles = new OutputFiles({ ...web, outputs, report });
  const { looking, checking, converting, inputs, taken, nodes } = createChecking(web, app, surfaces, context, files);
  const sending = { converting, inputs, outputFiles, taken };
  const { following, queueing, running } = createQueueing(web, app, context, sending);
  const runNotices = createRunNotices(web, app, tabs, { ...context, outputFiles });
  const [places, store] = [new WorkflowPlaces(), new CanvasStore(app.windows.ofAccount)];
  const sessionFor = choosing(app, surfaces, { creating, checking, taken });
  const open: KeptCanvasesContext['open'] = (session, file) =>
    openInSession({ appState, tabs, places, web, report }, session, file);
  const canvases = new KeptCanvases({ appState, tabs, store, settings, clock, sessionFor, open });
  const onFiles = actingOnFiles(web, app, surfaces, { converting, inputs, running, report });
  const versions = createVersions(web, app, surfaces, { ...context, files, nodes, places });
  const showing = { ...context, readingFile, clock, files, outputFiles, nodes, checking };
  const { pictures, gallery } = createShowing(app, surfaces, showing);
  const owned = [files, outputFiles, following, queueing, runNotices, canvases, looking, versions, plain, gallery];
  return {
    handlers: {
      ...workflowCommands({ files, clock, sessionFor, queueing, readingFile, open, check: checking.check, ...onFiles }),
      ...savingWorkflows({ appState, targets, tabs, places, web }),
      ...outputCommands({ outputs, outputFiles }),
      restoreCanvas: canvases.restore,
      showPicture: pictures.show,
      openGallery: gallery.show,
      ...versions.handlers,
    },
    providers: { outputFiles: outputFiles.fileSystem, pictures, gallery },
    tools: { checking, converting, inputs, following, outputFiles },
    opening: { sessionFor, open },
    versions,
    redraw: () => {
      if (appState().snapshot.kind !== 'ready') return;
      for (const one of [files, plain]) one.begin();
      for (const one of [queueing, running]) one.resume();
      for (const one of [checking, runNotices, canvases]) one.redraw();
    },
    dispose: () => owned.forEach((one) => one.dispose()),
  };
}

/** What draws workflows, and shows what they made. */
function createShowing(
  { appState, outputs }: App,
  { recentOf, texts }: Surfaces,
  { nodes: { kept }, ...context }: ShowingContext,
) {
  return {
    pictures: new Pictures({ ...context, kept, texts }),
    gallery: new Gallery({ ...context, appState, outputs, recentOf }),
  };
}

type ShowingContext = Omit<PicturesContext, 'kept' | 'texts'> &
  Omit<GalleryContext, 'appState' | 'outputs' | 'recentOf'> & { readonly nodes: Pick<PicturesContext, 'kept'> };

/** What is done with a workflow file, in a session or without. */
function actingOnFiles(
  web: Web,
  { appState }: App,
  { targets }: Surfaces,
  { report, converting, ...queueing }: Pick<Context, 'report'> & Omit<QueueingManyContext, 'web' | 'appState'>,
): Pick<WorkflowContext, 'isDrawable' | 'sessionOf' | 'queueMany' | 'exportApi'> {
  const anySession = (ask: string) => runningSession({ appState, targets }, ask);
  return {
    isDrawable: (file) => isDrawable(file, report),
    sessionOf: (id) => usableSession(appState().snapshot, id),
    queueMany: (file, session) => queueMany({ web, appState, converting, ...queueing }, file, session),
    exportApi: (file) => exportApi({ converting, runningSession: anySession }, file),
  };
}

/** Queues prompts and follows them. */
function createQueueing(
  web: Web,
  { appState, outputs, store, monitor }: App,
  { sockets, workspaceMemory, report }: Context,
  sending: Pick<QueueingContext, 'converting' | 'inputs' | 'outputFiles' | 'taken'>,
) {
  const following = new Following({ web, store, monitor, sockets });
  const queueing = new Queueing({ web, appState, store, following, workspaceMemory, report, monitor, ...sending });
  const read = (id: SessionId, file: OutputFile) => outputs.bytes.read(id, file);
  const { taken } = sending;
  const running = new RunningMany({ web, appState, store, following, workspaceMemory, report, read, taken });
  return { following, queueing, running };
}

interface ChoosingContext {
  readonly creating: CreateFlow;
  readonly checking: Checking;
  readonly taken: MemoryTaken;
}

/** Asks for a session or machine, and shows what each lacks for a file. */
function choosing({ appState, store }: App, { targets }: Surfaces, { creating, checking, taken }: ChoosingContext) {
  return (ask: string, file?: WorkflowFile, purpose?: Purpose, on?: MachineId) => {
    const near = machineOf(appState().snapshot, { machineId: on });
    const create = (missing: MissingOn | undefined) =>
      file && missing && purpose
        ? newForRun({ appState, taken, creating }, file, missing, purpose === 'cheapest')
        : creating.ask({ missing, near });
    return sessionForWork({ appState, store, targets, missingOn: () => checking.missingOn(file), create }, ask, on);
  };
}

function createRunNotices(
  web: Web,
  { appState, windows: { editors, ofUser } }: App,
  tabs: Surfaces['tabs'],
  {
    guardSettings,
    settings,
    outputsFolder,
    memory,
    report,
    outputFiles,
  }: Context & Pick<RunNoticesContext, 'outputFiles'>,
): RunNotices {
  return new RunNotices({
    appState,
    leadership: editors,
    outputFiles,
    guardSettings,
    settings,
    outputsFolder,
    memory,
    web,
    report,
    journal: ofUser('runs'),
    isInView: tabs.isInView,
  });
}

/** The lists of nodes, and checks against them. */
function createChecking(
  web: Web,
  { api, appState, monitor, windows: { leadership, files } }: App,
  { tabs, targets }: Surfaces,
  { settings, memory, report }: Context,
  workflowFiles: WorkflowFiles,
) {
  const snapshot = () => appState().snapshot;
  const kept = new KeptNodes(files, web.clock);
  const lists = new NodeLists({ web, kept, snapshot, monitor, leadership });
  const isOn = () => settings.get('checkWorkflows', true);
  const inFront = () => targets.inFront();
  const facts = new MachineFactsOf(api, web.clock);
  const checking = new Checking({ ...web, snapshot, inFront, lists, kept, facts, isOn, report });
  const help = new WorkflowHelp({
    clock: web.clock,
    random: web.random,
    files: workflowFiles,
    nodes: () => kept.newest(),
    isOn: () => settings.get('workflowHelp', true),
  });
  const converting = new Converting({ web, tabs, lists });
  const looking = together([lists, checking, help]);
  const nodes = { kept, lists };
  return { looking, checking, converting, nodes, inputs: new InputUploads(web), taken: new MemoryTaken(memory) };
}
