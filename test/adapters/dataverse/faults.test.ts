import { describe, expect, it } from 'vitest';
import { dataverseVerdict, faultOf } from '../../../src/adapters/dataverse/error-body.js';
import { systemError } from '../../../src/adapters/dataverse/faults.js';
import { refusalOf } from '../../../src/adapters/dataverse/refusals.js';
import { type Failure, HttpFailure } from '../../../src/adapters/http/failure.js';
import type { Verdict } from '../../../src/adapters/http/retry.js';

function answer(status: number, code: string | number, message = 'A message.'): Failure {
  return { kind: 'status', status, headers: {}, text: JSON.stringify({ error: { code, message } }) };
}

function plain(status: number, text = ''): Failure {
  return { kind: 'status', status, headers: {}, text };
}

const privilege =
  "Principal user (Id=1, type=8) is missing prvReadContact privilege (Id=2) on OTC=2 for entity 'contact'";
const noProperty = "Could not find a property named 'new_x' on type 'Microsoft.Dynamics.CRM.contact'.";

describe('failures of the system as a whole', () => {
  it.each<[string, Failure, string]>([
    ['no application user', answer(403, '0x80072560'), 'application_user_missing'],
    ['the same as 401', answer(401, '0x80072560'), 'application_user_missing'],
    ['a disabled user', answer(403, '0x80040225'), 'application_user_missing'],
    ['no role', answer(403, '0x80042f09'), 'access_denied'],
    ['a missing privilege', answer(403, '0x80040220', privilege), 'access_denied'],
    ['a failed check of privileges', answer(403, '0x80040299'), 'access_denied'],
    ['403 with HTML', plain(403, '<html>'), 'access_denied'],
    ['401 without a body', plain(401), 'invalid_client_credentials'],
    ['429', plain(429), 'service_protection_limit'],
    ['a protection code with another status', answer(503, '0x80072321'), 'service_protection_limit'],
    ['a protection code as a signed number', answer(503, -2147015902), 'service_protection_limit'],
    ['an unknown column', answer(400, '0x0', noProperty), 'schema_changed'],
    [
      'an unknown set',
      answer(404, '0x8006088a', "Resource not found for the segment 'x'."),
      'schema_changed',
    ],
    ['an expired version', answer(400, '0x80044352'), 'delta_link_expired'],
    ['a version that is none', answer(500, '0x80044183'), 'delta_link_expired'],
    ['a disabled user as 400', answer(400, '0x80041d1f'), 'application_user_missing'],
    ['a disabled organization', answer(403, '0x8004a104'), 'dynamics_unavailable'],
    ['maintenance', answer(503, '', 'The organization is under maintenance.'), 'dynamics_unavailable'],
    ['a general code', answer(400, '0x80060888', 'Skip Clause is not supported in CRM'), 'dynamics_error'],
    ['an expired version as 410', answer(410, '0x80044352'), 'delta_link_expired'],
    ['502 with HTML', plain(502, '<html>'), 'dynamics_unavailable'],
    ['503 without a body', plain(503), 'dynamics_unavailable'],
    ['500', answer(500, '0x80040216'), 'dynamics_error'],
    ['a 404 of something in between', plain(404, 'not here'), 'dynamics_error'],
    ['no answer in time', { kind: 'timeout' }, 'connection_timeout'],
    ['no server listens', { kind: 'unreachable', reason: 'ECONNREFUSED' }, 'connection_timeout'],
    ['an unknown host', { kind: 'unreachable', reason: 'ENOTFOUND' }, 'environment_not_found'],
    ['a cut connection', { kind: 'reset', reason: 'ECONNRESET' }, 'dynamics_unavailable'],
    ['a body that is no JSON', { kind: 'malformed', status: 200 }, 'dynamics_error'],
  ])('%s', (_name, failure, code) => {
    const error = systemError(new HttpFailure(failure));
    expect(error.code).toBe(code);
    expect(error.message).not.toMatch(/<html>|undefined/);
  });

  it('names the missing privilege and nothing else of the message', () => {
    const error = systemError(new HttpFailure(answer(403, '0x80040220', privilege)));
    expect(error.message).toContain('prvReadContact');
    expect(error.message).not.toContain('Principal');
    expect(error.hint).toContain('security role');
  });

  it.each([
    ['0x80095ffe', 'IP firewall'],
    ['0x80095ffc', 'does not allow this application'],
  ])('%s is no problem of roles', (code, text) => {
    const error = systemError(new HttpFailure(answer(403, code)));
    expect(error).toMatchObject({ code: 'access_denied', message: expect.stringContaining(text) });
    expect(error.hint).not.toContain('role');
  });

  it('names the column and not the table that stands before it', () => {
    const text =
      "Error for Entity :'contacts' InnerException : Invalid property 'gendercode' was found in entity 'contact'";
    expect(systemError(new HttpFailure(answer(400, '0x80048d19', text))).message).toContain('gendercode');
  });

  it('says how long to wait', () => {
    const error = systemError(new HttpFailure(plain(429), { retryAfterMs: 90_500 }));
    expect(error.retryAfterSeconds).toBe(91);
  });
});

describe('failures worth a repeat', () => {
  it.each<[string, Failure, Verdict | undefined]>([
    ['a deadlock', answer(500, '0x80044150'), 'transient'],
    ['an SQL time-out', answer(500, '0x80044151'), 'transient'],
    ['an unexpected error', answer(500, '0x80040216'), 'transient'],
    ['the same code on a bad request', answer(400, '0x80040216'), 'final'],
    ['duplicate detection as 500', answer(500, '0x80040333'), 'final'],
    ['another 500', answer(500, '0x80040265'), 'final'],
    ['a gateway', plain(504, '<html>'), 'transient'],
    ['a protection limit', answer(429, '0x80072326'), 'throttled'],
    ['a lost answer is left to the general rules', { kind: 'timeout' }, undefined],
  ])('%s', (_name, failure, verdict) => {
    expect(dataverseVerdict(failure)).toBe(verdict);
  });
});

describe('refusals of one record', () => {
  function refuse(status: number, code: string, message = 'No.', columns: readonly string[] = []) {
    const fault = faultOf(answer(status, code, message));
    return fault === undefined ? undefined : refusalOf(fault, { columns, bound: new Map() });
  }

  it.each([
    [400, '0x80044331', 'value_too_long'],
    [400, '0x8004431A', 'invalid_option'],
    [400, '0x8004432f', 'out_of_range'],
    [400, '0x80044330', 'out_of_range'],
    [400, '0x80040239', 'out_of_range'],
    [400, '0x80040200', 'required_value_missing'],
    [500, '0x80040333', 'duplicate_record'],
    [412, '0x80040333', 'duplicate_record'],
    [412, '0x80060892', 'duplicate_record'],
    [400, '0x80060892', 'duplicate_record'],
    [403, '0x8004f507', 'secured_column'],
    [403, '0x80048306', 'access_denied_to_row'],
    [400, '0x80048408', 'invalid_status'],
    [400, '0x80040265', 'business_rule'],
    [405, '0x80040227', 'delete_restricted'],
    [400, '0x80048d19', 'invalid_value'],
    [400, '0x8004ffff', 'refused'],
  ])('%i %s is %s', (status, code, reason) => {
    expect(refuse(status, code)?.reason).toBe(reason);
  });

  it.each([
    [403, '0x80040220', 'access_denied', undefined],
    [500, '0x80040216', 'refused', '500 0x80040216'],
    [500, '0x80040224', 'plugin_failed', '500 0x80040224'],
    [500, '0x8004418d', 'plugin_failed', '500 0x8004418d'],
    [404, '0x80040217', 'refused', '404 0x80040217'],
    [400, '0x80040224', 'plugin_failed', '400 0x80040224'],
    [403, '', 'refused', '403'],
  ])('%i %s may be about one record only', (status, code, reason, unproven) => {
    expect(refuse(status, code)).toMatchObject({ reason, unproven });
  });

  it('names the column, if it is one that was sent', () => {
    const message = "The length of the 'firstname' attribute of the 'contact' entity exceeded '50'.";
    expect(refuse(400, '0x80044331', message, ['lastname', 'firstname'])?.field).toBe('firstname');
    expect(refuse(400, '0x80044331', message, ['lastname'])?.field).toBeUndefined();
  });

  it('names none where the text names two of those that were sent', () => {
    const message = "'firstname' and 'lastname' must differ.";
    expect(refuse(400, '0x80040265', message, ['firstname', 'lastname'])?.field).toBeUndefined();
  });

  it('begins with the sentence that says something', () => {
    const payload =
      "Error identified in Payload provided by the user for Entity :'contacts', For more information on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  InnerException : Microsoft.OData.ODataException: Invalid property 'gendercode' was found in entity 'Microsoft.Dynamics.CRM.contact'. ---> System.Exception: again";
    expect(refuse(400, '0x80048d19', payload, ['firstname', 'gendercode'])).toMatchObject({
      reason: 'unknown_column',
      field: 'gendercode',
      message: "Invalid property 'gendercode' was found in entity 'Microsoft.Dynamics.CRM.contact'.",
    });
    const plugIn =
      'An unexpected error occurred from ISV code. (ErrorType = ClientError) Unexpected exception from plug-in (Execute): Contoso.OnUpdate: System.NullReferenceException: Object reference not set to an instance of an object.';
    expect(refuse(500, '0x80040224', plugIn)?.message).toBe(
      'Contoso.OnUpdate: System.NullReferenceException: Object reference not set to an instance of an object.',
    );
    expect(refuse(403, '0x80040220', privilege)?.message).toBe(
      'The application user lacks the privilege prvReadContact.',
    );
  });

  it('keeps e-mail addresses and long texts out of its message', () => {
    const message = `The address ada.lie+x@example.com is taken. ${'x'.repeat(400)}`;
    const text = refuse(400, '0x80040265', message)?.message ?? '';
    expect(text).not.toContain('@');
    expect(text).toContain('[e-mail]');
    expect(text.length).toBeLessThanOrEqual(300);
  });
});
