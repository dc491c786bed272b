import { html, json, Refusal } from '../answers';
import { bodyOf, Fields, isUuid } from '../fields';
import type { Scope } from '../model';
import { queryOf, type Api } from '../server';
import type { World } from '../world';
import { escaped, notFoundPage, page } from './pages';

/** A program opens the page with a request id of its own and polls for the key until a user accepts. */
export function signInRoutes(app: Api, world: World): void {
  app.get('/auth/request/:id', (context) => {
    const id = context.req.param('id');
    return isUuid(id) ? html(acceptPage(accounts(world))) : notFoundPage();
  });

  app.post('/auth/request/:id', async (context) => {
    const id = context.req.param('id');
    const chosen = (await context.req.parseBody())['account'];
    const account = accounts(world).find((candidate) => accountName(candidate) === chosen);
    if (!isUuid(id) || !account) return notFoundPage();
    world.accounts.acceptSignIn(id, account);
    return html(page('Signed in', '<p>Access was granted. You can close this page and go back to your editor.</p>'));
  });

  app.post('/api/platform/comfyui/auth-request', async (context) => {
    const body = await bodyOf(context.req.raw);
    const id = body.text('request_id');
    body.check();
    world.accounts.acceptSignIn(id, context.get('scope'));
    return json({ success: true });
  });

  app.get('/api/platform/comfyui/auth-response', (context) => {
    const query = new Fields('query', queryOf(context));
    const id = query.text('request_id');
    query.check();
    const state = world.accounts.signIn(id);
    if (state.kind === 'waiting') throw new Refusal(404, 'Auth request not found');
    if (state.kind === 'expired') throw new Refusal(410, 'Auth request has expired. ');
    return json({ api_key: state.token, name: state.name });
  });
}

/** Anybody with a key could be looking at the page. */
function accounts(world: World): readonly Scope[] {
  const scopes = world.accounts.keys().map(({ userId, orgId }) => ({ userId, orgId }));
  return [...new Map(scopes.map((scope) => [accountName(scope), scope])).values()];
}

function accountName({ userId, orgId }: Scope): string {
  return orgId === null ? userId : `${userId} in ${orgId}`;
}

function acceptPage(scopes: readonly Scope[]): string {
  const options = scopes.map((scope) => `<option>${escaped(accountName(scope))}</option>`).join('');
  return page(
    'Authorize access',
    `<p>An application asks for a key to your account. The key is valid for 7 days.</p>
    <form method="post">
      <label>Account <select name="account">${options}</select></label>
      <button type="submit">Accept</button>
    </form>`,
  );
}
