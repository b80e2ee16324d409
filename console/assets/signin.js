// Signing in at an issuer: OAuth 2.0's authorization code with PKCE (RFC 7636).
import * as oauth from './vendor/oauth4webapi.js';
import { Problem } from './api.js';
import { forget, keep, session } from './session.js';

/** What the tab must know when the issuer sends the person back. */
const key = 'mayfly-sign-in';

/** Where the issuer sends people back to: this page, without what is behind it. */
const here = () => location.origin + location.pathname;

/** Sends the person to the issuer. */
export async function signIn(of) {
  const asked = { verifier: oauth.generateRandomCodeVerifier(), state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce(), hash: location.hash };
  const to = new URL(of.server.authorization_endpoint);
  const parameters = {
    response_type: 'code', client_id: of.clientId, redirect_uri: here(), scope: of.scope, state: asked.state, nonce: asked.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(asked.verifier), code_challenge_method: 'S256',
  };
  if (of.audience) parameters.audience = of.audience;
  for (const [name, value] of Object.entries(parameters)) to.searchParams.set(name, value);
  sessionStorage.setItem(key, JSON.stringify(asked));
  location.assign(to);
}

/** Makes a session of the issuer's answer, or throws a Problem that says why there is none. */
export async function finish(of, answer) {
  const asked = JSON.parse(sessionStorage.getItem(key) ?? 'null');
  sessionStorage.removeItem(key); // an answer counts once
  if (!asked) throw new Problem(401, { title: 'You are not signed in', detail: 'the answer of the issuer is to no question of this tab' });
  history.replaceState(null, '', location.pathname + asked.hash);
  const client = { client_id: of.clientId };
  try {
    const code = oauth.validateAuthResponse(of.server, client, answer, asked.state);
    const response = await oauth.authorizationCodeGrantRequest(of.server, client, oauth.None(), code, here(), asked.verifier, {
      [oauth.allowInsecureRequests]: of.server.token_endpoint.startsWith('http:'), // an issuer on this machine
      signal: AbortSignal.timeout(20_000),
    });
    const tokens = await oauth.processAuthorizationCodeResponse(of.server, client, response, { expectedNonce: asked.nonce, requireIdToken: true });
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    const until = of.token === 'id' ? claims.exp * 1000 : tokens.expires_in ? Date.now() + tokens.expires_in * 1000 : 0;
    keep({ token: of.token === 'id' ? tokens.id_token : tokens.access_token, until, idToken: tokens.id_token });
  } catch (error) {
    throw new Problem(401, { title: 'You are not signed in', detail: reason(error) });
  }
}

/** Why a sign-in came to nothing. */
function reason(error) {
  const said = [error.error, error.error_description].filter(Boolean).join(': ');
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) return `the issuer says no: ${said}`;
  if (error instanceof oauth.OperationProcessingError) return `the issuer’s answer is not to be trusted: ${error.message}`;
  return `the issuer can’t be asked for a token: ${error.message}`;
}

/** Signs out: here, and at the issuer if it has that. */
export function signOut(of) {
  const { idToken } = session();
  forget();
  if (!of.server.end_session_endpoint) {
    location.reload();
    return;
  }
  const to = new URL(of.server.end_session_endpoint);
  // Cognito calls the address logout_uri.
  for (const [name, value] of Object.entries({ client_id: of.clientId, id_token_hint: idToken, post_logout_redirect_uri: here(), logout_uri: here() })) {
    to.searchParams.set(name, value);
  }
  location.assign(to);
}
