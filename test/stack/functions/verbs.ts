/**
 * Node's parser refuses verbs that it does not know, and those in lower case, before anything can be routed. The real
 * server takes them all: one in lower case works, an unknown one finds no route.
 */
import { METHODS, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

interface ParserError extends Error {
  code?: string;
  rawPacket?: Buffer;
}

const REASONS: Record<number, string> = {
  400: 'Bad Request',
  404: 'Not Found',
  431: 'Request Header Fields Too Large',
};

const refuse = (socket: Socket, status: number): void => {
  if (!socket.writable) return void socket.destroy();
  socket.end(`HTTP/1.1 ${status} ${REASONS[status]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
};

/** Sends the packet, its verb in upper case, to the server itself, and what follows as it comes. */
const sendAgain = (server: Server, socket: Socket, verb: string, packet: Buffer): void => {
  const { port } = server.address() as AddressInfo;
  const again = connect(port, '127.0.0.1');
  again.on('error', () => socket.destroy());
  socket.on('error', () => again.destroy());
  socket.removeAllListeners('data');
  again.write(Buffer.concat([Buffer.from(verb.toUpperCase()), packet.subarray(verb.length)]));
  socket.pipe(again).pipe(socket);
};

/** Lets the server take verbs that Node's parser does not. */
export const takeAnyVerb = (server: Server): void => {
  server.on('clientError', (error: ParserError, socket: Socket) => {
    if (error.code === 'HPE_HEADER_OVERFLOW') return refuse(socket, 431);
    const packet = error.rawPacket ?? Buffer.alloc(0);
    const verb = /^[\w!#$%&'*+.^`|~-]+(?= )/.exec(packet.toString('latin1'))?.[0];
    if (error.code !== 'HPE_INVALID_METHOD' || verb === undefined) return refuse(socket, 400);
    if (verb !== verb.toUpperCase() && METHODS.includes(verb.toUpperCase())) {
      return sendAgain(server, socket, verb, packet);
    }
    return refuse(socket, 404);
  });
  server.on('connect', (_, socket: Socket) => refuse(socket, 404));
};
