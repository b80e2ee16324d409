// An issuer of tokens for tests: OpenID Connect's authorization code with PKCE,
// as strict as the standards are, and with people who do as the test says.
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * Starts an issuer of tokens for one client. next, which a test may change, says
 * what becomes of the next sign-in: refused, a wrong state or nonce, or how many
 * seconds its tokens hold.
 */
export async function issuer({ clientId }) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const codes = new Map();
  const it = { next: {}, asked: [], publicKey: publicKey.export({ type: 'spki', format: 'pem' }), origins: [] };

  it.token = (claims, seconds = 3600) => {
    const now = Math.floor(Date.now() / 1000);
    const text = `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded({ iss: it.url, iat: now, exp: now + seconds, sub: 'ada', groups: ['ops'], ...claims })}`;
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  };

  const routes = {
    '/.well-known/openid-configuration': (_, answer) => json(answer, 200, {
      issuer: it.url, authorization_endpoint: `${it.url}/authorize`, token_endpoint: `${it.url}/token`, end_session_endpoint: `${it.url}/out`,
      code_challenge_methods_supported: ['S256'], id_token_signing_alg_values_supported: ['RS256'], authorization_response_iss_parameter_supported: true,
    }),
    '/authorize': (asked, answer) => {
      const q = Object.fromEntries(asked.searchParams);
      it.asked.push(q);
      if (q.client_id !== clientId || q.response_type !== 'code' || q.code_challenge_method !== 'S256' || !it.callbacks.includes(q.redirect_uri)) {
        answer.writeHead(400).end('not a request of the client');
        return;
      }
      const back = new URL(q.redirect_uri);
      back.searchParams.set('iss', it.url);
      back.searchParams.set('state', it.next.state ?? q.state);
      if (it.next.refused) {
        back.searchParams.set('error', 'access_denied');
        back.searchParams.set('error_description', it.next.refused);
      } else {
        const code = randomUUID();
        codes.set(code, { ...q, ...it.next });
        back.searchParams.set('code', code);
      }
      it.next = {};
      answer.writeHead(302, { Location: back.href }).end();
    },
    '/token': async (_, answer, request) => {
      const headers = it.origins.includes(request.headers.origin) ? { 'Access-Control-Allow-Origin': request.headers.origin } : {};
      let body = '';
      for await (const some of request) body += some;
      const q = new URLSearchParams(body);
      const given = codes.get(q.get('code'));
      codes.delete(q.get('code')); // a code counts once
      const challenge = createHash('sha256').update(q.get('code_verifier') ?? '').digest('base64url');
      if (!given || given.code_challenge !== challenge || given.redirect_uri !== q.get('redirect_uri') || q.get('client_id') !== clientId) {
        json(answer, 400, { error: 'invalid_grant' }, headers);
        return;
      }
      const seconds = given.seconds ?? 3600;
      json(answer, 200, {
        access_token: it.token({ client_id: clientId, token_use: 'access' }, given.holds ?? seconds), token_type: 'Bearer', expires_in: seconds,
        id_token: it.token({ aud: clientId, nonce: given.otherNonce ?? given.nonce }),
      }, headers);
    },
    '/out': (asked, answer) => {
      it.asked.push(Object.fromEntries(asked.searchParams));
      answer.writeHead(302, { Location: asked.searchParams.get('post_logout_redirect_uri') }).end();
    },
  };
  const server = createServer((request, answer) => {
    const asked = new URL(request.url, it.url);
    const route = routes[asked.pathname];
    if (route) route(asked, answer, request);
    else answer.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  it.url = `http://127.0.0.1:${server.address().port}`;
  /** Allows a console's callback URL, as one does at an issuer. */
  it.allow = (callback) => {
    it.callbacks = [callback];
    it.origins = [new URL(callback).origin];
  };
  it.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return it;
}

function json(answer, status, body, headers = {}) {
  answer.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
}
