import { type Issuer, signIn } from './session';

/** Signing in at an OpenID Connect provider: authorization code with PKCE. The library is loaded when it is needed. */

const PROVIDER = 'crm-integration.provider';
const CALLBACK = '/api/console/signed-in';

async function managerOf(issuer: Issuer) {
  const { UserManager, WebStorageStateStore } = await import('oidc-client-ts');
  return new UserManager({
    authority: issuer.authority,
    client_id: issuer.clientId,
    redirect_uri: location.origin + CALLBACK,
    scope: issuer.scope,
    response_type: 'code',
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    userStore: new WebStorageStateStore({ store: sessionStorage }),
  });
}

/** Leaves the page for the provider's; it comes back to `CALLBACK`. */
export async function startSignIn(issuer: Issuer): Promise<void> {
  sessionStorage.setItem(PROVIDER, issuer.authority);
  const manager = await managerOf(issuer);
  await manager.signinRedirect({ state: location.pathname + location.search });
}

/** Takes the code that the provider sent along; answers where the person was before. */
export async function finishSignIn(issuers: readonly Issuer[]): Promise<string> {
  const authority = sessionStorage.getItem(PROVIDER);
  const issuer = issuers.find((one) => one.authority === authority);
  if (issuer === undefined) throw new Error('The sign-in was not started in this tab.');
  const user = await (await managerOf(issuer)).signinRedirectCallback();
  signIn({
    kind: 'token',
    token: user.access_token,
    name: String(user.profile.name ?? user.profile.preferred_username ?? user.profile.sub),
  });
  return typeof user.state === 'string' && user.state.startsWith('/api/console')
    ? user.state
    : '/api/console/';
}
