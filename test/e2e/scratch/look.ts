import { startSimulator } from '../../simulator/simulator';
import { startWindow } from '../harness';
async function main() {
const theme = (process.argv[2] ?? 'dark') as 'dark';
const sim = await startSimulator({ world: 'demo', startUpMs: 6000 });
const [key] = sim.control.keys();
const w = await startWindow({ theme, settings: { 'comfydeploy.apiUrl': sim.apiUrl, 'comfydeploy.dashboardUrl': sim.url }, env: { COMFYDEPLOY_API_KEY: String((key as {token:string}).token ?? key) } });
const shot = (n: string) => w.page.screenshot({ path: `/tmp/shots/${theme}-${n}.png` });
try {
  await w.openView('ComfyDeploy');
  await w.page.waitForTimeout(6000);
  await shot('tree');
  console.log(await w.page.locator('.monaco-list-row').allInnerTexts());
  const row = w.page.locator('.monaco-list-row', { hasText: 'min left' }).first();
  await row.hover(); await w.page.waitForTimeout(1500); await shot('hover');
  await row.click(); await w.page.waitForTimeout(6000); await shot('open');
  await w.runCommand('ComfyDeploy: New Session…'); await w.page.waitForTimeout(1500); await shot('create1');
  await w.page.keyboard.press('Enter'); await w.page.waitForTimeout(1000); await shot('create2');
  await w.page.keyboard.press('Enter'); await w.page.waitForTimeout(1000); await shot('create3');
  await w.page.keyboard.press('Enter'); await w.page.waitForTimeout(2000); await shot('starting');
  await w.page.waitForTimeout(12000); await shot('started');
  await w.runCommand('ComfyDeploy: Extend Session…'); await w.page.waitForTimeout(1500); await shot('extend');
} catch (e) { console.error(e); await shot('error'); } finally { await w.close(); await sim.close(); }
}
void main();
