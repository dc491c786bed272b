import { startSimulator } from '../../simulator/simulator';
import { startWindow } from '../harness';
async function main() {
const sim = await startSimulator({ world: 'demo', startUpMs: 6000 });
const [key] = sim.control.keys();
const w = await startWindow({ settings: { 'comfydeploy.apiUrl': sim.apiUrl, 'comfydeploy.dashboardUrl': sim.url }, env: { COMFYDEPLOY_API_KEY: key!.token } });
try {
  await w.openView('ComfyDeploy');
  await w.row('sd-box').waitFor();
  console.log(await w.rows());
  console.log(await w.row('sd-box').evaluate((e) => e.outerHTML));
  console.log((await w.sideBar.locator('.composite.title').evaluate((e) => e.outerHTML)).slice(0, 3000));
  sim.control.setOffline(true);
  await w.viewAction('Refresh');
  await w.page.waitForTimeout(4000);
  console.log((await w.sideBar.locator('.pane-body').evaluate((e) => e.outerHTML)).slice(0, 3000));
  await w.row('sd-box').click({button:'right'});
  await w.page.waitForTimeout(1000);
  console.log(await w.page.locator('.monaco-menu').evaluate((e) => e.outerHTML));
} catch (e) { console.error(e);  } finally { await w.close(); await sim.close(); }
}
void main();
