import type { SimReply } from '../control.js';

/** An answer that is an error: becomes `{"error":{"code","message"}}` with the status. */
export class DataverseError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A part of the Web API that is left out on purpose: loud, never a made-up success. */
export function unsupported(what: string): DataverseError {
  return new DataverseError(501, '0x80004001', `The simulator does not support ${what}.`);
}

export function badRequest(message: string, code = '0x0'): DataverseError {
  return new DataverseError(400, code, message);
}

export function payloadError(setName: string, message: string): DataverseError {
  const intro = `Error identified in Payload provided by the user for Entity :'${setName}'`;
  const help =
    'For more information on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293';
  return new DataverseError(400, '0x80048d19', `${intro}, ${help}  ---->  InnerException : ${message}`);
}

export function noSuchProperty(name: string, table: string): DataverseError {
  const message = `Could not find a property named '${name}' on type 'Microsoft.Dynamics.CRM.${table}'.`;
  return new DataverseError(400, '0x80060888', message);
}

export function noSuchSegment(segment: string): DataverseError {
  return new DataverseError(404, '0x8006088a', `Resource not found for the segment '${segment}'.`);
}

export function noSuchRow(table: string, id: string): DataverseError {
  return new DataverseError(404, '0x80040217', `${table} With Id = ${id} Does Not Exist`);
}

export function duplicateRow(code = '0x80040237'): DataverseError {
  return new DataverseError(412, code, 'A record with matching key values already exists.');
}

export function staleVersion(): DataverseError {
  const message = "The version of the existing record doesn't match the RowVersion property provided.";
  return new DataverseError(412, '0x80060882', message);
}

export function methodNotAllowed(method: string): DataverseError {
  const message = `The requested resource does not support http method '${method}'.`;
  return new DataverseError(405, '0x0', message);
}

/** The reply of an error. With `details`, the annotations a client gets that asked for all of them. */
export function errorReply(status: number, code: string, message: string, details = false): SimReply {
  const extra = {
    '@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus': '0',
    '@Microsoft.PowerApps.CDS.ErrorDetails.SubErrorCode': '2147746327',
    '@Microsoft.PowerApps.CDS.HelpLink': `http://go.microsoft.com/fwlink/?LinkID=398563&error=${code}`,
    '@Microsoft.PowerApps.CDS.InnerError.Message': message,
  };
  return {
    status,
    headers: { 'Content-Type': 'application/json; odata.metadata=minimal' },
    body: JSON.stringify({ error: { code, message, ...(details ? extra : {}) } }),
  };
}
