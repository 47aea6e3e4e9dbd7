import { type Fault, type SimReply, type SimRequest, startSimShell } from '../control.js';
import { Backup } from './backup.js';
import { BodyReader, QueryReader } from './binding.js';
import { controlRoutes } from './control-routes.js';
import { CrmWriter } from './crm-writer.js';
import { EventSender } from './event-sender.js';
import { RecordTarget } from './fault-target.js';
import { type MachineClient, TokenIssuer } from './identity.js';
import { RateLimit } from './rate-limit.js';
import { errorReply, failureReply, resultReply, UnsupportedMediaTypeError } from './replies.js';
import { findRoute, type Installation, isKnownAbsence, labelOf, type Route } from './routes.js';
import { Seeder } from './seeding.js';
import { Store } from './store.js';

export interface AuthScapeSimOptions {
  /** 0 picks a free port. */
  port: number;
  /** The id of a machine client is the decimal id of a user, which the simulator makes. */
  clients: MachineClient[];
  now?: () => Date;
}

export interface AuthScapeSim {
  url: string;
  port: number;
  close(): Promise<void>;
}

/** Starts an AuthScape in memory: its identity provider and its API share one origin. */
export async function startAuthScapeSim(options: AuthScapeSimOptions): Promise<AuthScapeSim> {
  const now = options.now ?? (() => new Date());
  const numericIds = options.clients.map(({ clientId }) => clientId).filter((id) => /^\d+$/.test(id));
  const store = new Store(numericIds.map(Number), now);
  const tokens = new TokenIssuer(options.clients, store);
  const limit = new RateLimit(now);
  const installed: Installation = { module: true, sampleCompanies: false };
  const events = new EventSender(store);
  const seeder = new Seeder(store);
  const crm = new CrmWriter(store);
  const backup = new Backup(store);
  const control = controlRoutes({ store, tokens, seeder, limit, installed, events, crm, backup });

  async function handle(request: SimRequest): Promise<SimReply> {
    const hooksBefore = store.hooks.length;
    const reply = answer(request);
    if (crm.isOn) {
      for (const hook of store.hooks.slice(hooksBefore)) {
        await crm.push(hook);
      }
    }
    return reply;
  }

  function answer(request: SimRequest): SimReply {
    const { pathname } = request.url;
    if (/^\/connect\/token\/?$/i.test(pathname)) {
      return request.method === 'POST' ? tokens.token(request) : { status: 405 };
    }
    if (/^\/api\//i.test(pathname) && !limit.admit(request.remoteAddress)) {
      return { status: 429 };
    }
    const route = findRoute(pathname, installed);
    if (route !== undefined) {
      return callRoute(route, request);
    }
    return isKnownAbsence(pathname)
      ? { status: 404 }
      : errorReply(501, `The simulator does not know ${request.method} ${pathname}.`);
  }

  function callRoute(route: Route, request: SimRequest): SimReply {
    const action = route.verbs[request.method];
    if (action === undefined) {
      return { status: 405, headers: { allow: Object.keys(route.verbs).join(', ') } };
    }
    const check = tokens.check(request);
    if ('refused' in check) {
      return check.refused;
    }
    const query = new QueryReader(request.url.searchParams);
    const { identity } = check;
    try {
      return resultReply(action({ store, query, identity, body: () => parseBody(request, route) }));
    } catch (error) {
      return failureReply(error);
    }
  }

  const shell = await startSimShell({
    port: options.port,
    routeOf: ({ method, url }) => labelOf(method, url.pathname),
    handle,
    control,
    faultReply,
    targetOf: (request) => new RecordTarget(store, request, labelOf('', request.url.pathname).trim()),
  });
  return {
    url: shell.url,
    port: shell.port,
    close: () => {
      events.close();
      return shell.close();
    },
  };
}

function parseBody(request: SimRequest, route: Route): BodyReader {
  if (!/^(application|text)\/([\w.+-]+\+)?json\b/i.test(request.headers['content-type'] ?? '')) {
    throw new UnsupportedMediaTypeError();
  }
  return BodyReader.parse(request.body.toString(), route.parameter);
}

/** As AuthScape words such a status: nothing for 401 and 429, its error body for the rest. */
function faultReply({ status = 503, code, message }: Fault): SimReply {
  if (status === 401) {
    return { status, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
  }
  return status === 429 || status === 204
    ? { status }
    : errorReply(status, message ?? code ?? 'Injected fault');
}
