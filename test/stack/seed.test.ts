import { describe, expect, it } from 'vitest';
import { company, contactVariant, oddContactAt, person, place } from './seed.js';

const indexes = Array.from({ length: 2000 }, (_, index) => index);

describe('persons', () => {
  it('have unique e-mails of plain characters and names that fit', () => {
    const people = indexes.map((index) => person(5, index));
    expect(new Set(people.map(({ email }) => email.toLowerCase())).size).toBe(people.length);
    for (const { email, firstName, lastName } of people) {
      expect(email).toMatch(/^[a-zA-Z0-9._+-]+@[a-zA-Z0-9.-]+$/);
      expect(firstName.length * lastName.length).toBeGreaterThan(0);
      expect(Math.max(firstName.length, lastName.length)).toBeLessThanOrEqual(50);
    }
  });

  it('are inactive in one of twenty cases and sometimes without a phone', () => {
    const people = indexes.map((index) => person(5, index));
    expect(people.filter(({ active }) => !active)).toHaveLength(100);
    expect(people.filter(({ phone }) => phone === '').length).toBeGreaterThan(100);
  });

  it('never share an e-mail across seeds or the index space of their own', () => {
    const emails = [0, 10_000_000].flatMap((start) =>
      [1, 2].flatMap((seed) => indexes.map((index) => person(seed, start + index).email)),
    );
    expect(new Set(emails).size).toBe(emails.length);
  });
});

describe('contacts', () => {
  it('differ from the person in exactly one field in a fifth of the cases', () => {
    const fields = ['firstName', 'lastName', 'phone'] as const;
    const differing = indexes.filter((index) => {
      const [user, contact] = [person(5, index), contactVariant(5, index)];
      const changed = fields.filter((field) => user[field] !== contact[field]);
      expect(changed).toEqual(contact.differs === undefined ? [] : [contact.differs]);
      expect(contact.email.toLowerCase()).toBe(user.email);
      expect(contact.active).toBe(user.active);
      return changed.length === 1;
    });
    expect(differing).toHaveLength(400);
  });

  it('are odd at the end of a batch only', () => {
    const odd = indexes.map((index) => oddContactAt(index, 2000));
    expect(odd.findIndex((kind) => kind !== undefined)).toBeGreaterThanOrEqual(1930);
    const count = (kind: string) => odd.filter((item) => item === kind).length;
    expect([count('noEmail'), count('refusedEmail'), count('previousEmail')]).toEqual([40, 20, 5]);
  });
});

describe('companies and places', () => {
  it('have names of their own', () => {
    const names = indexes.flatMap((index) => [company(5, index).name, place(5, index).title]);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
    expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(160);
  });
});
