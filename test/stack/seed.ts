/**
 * Deterministic people, companies and places for both simulators. Every value depends on (seed, index) only, so that
 * two simulators seeded alike hold the same persons without talking to each other.
 */

export interface SeedPerson {
  firstName: string;
  lastName: string;
  /** Unique; only characters that AuthScape's CreateAccount accepts. */
  email: string;
  /** May be empty. */
  phone: string;
  active: boolean;
}

export interface SeedPlace {
  title: string;
  address: string;
  city: string;
  state: string;
  zipCode: string;
}

export interface SeedCompany {
  name: string;
  active: boolean;
  description: string;
  phone: string;
  website: string;
  street: string;
  city: string;
  state: string;
  zipCode: string;
  country: string;
}

export type OddContact = 'noEmail' | 'refusedEmail' | 'previousEmail';

export interface SeedContact extends SeedPerson {
  /** The mapped field in which this contact differs from the person of the same index. */
  differs: 'firstName' | 'lastName' | 'phone' | undefined;
}

const FIRST_NAMES = [
  ...['Ada', 'Björn', 'Chloë', 'Dário', 'Élodie', 'Frida', 'Günther', 'Håkon', 'Íñigo', 'José María', 'Kåre'],
  ...['Liên', 'Małgorzata', 'Ngọc Ánh', 'Óscar', 'Petra', 'Quentin', 'Renée', 'Søren', 'Thérèse', 'Uğur'],
  ...[
    'Věra',
    'Wei',
    'Xenia',
    'Yıldız',
    'Željka',
    'Анна',
    'Γιώργος',
    '美咲',
    '지훈',
    'Aoife',
    "D'Arcy",
    'Jean-Luc',
  ],
  ...[
    'Mary Ann',
    'Noor',
    'Olu',
    'Priya',
    'Rashid',
    'Siobhán',
    'Tomás',
    'مريم',
    'שרה',
    'Zoe\u0308',
    'Sunny ☀️',
  ],
];

const LAST_NAMES = [
  ...['Berg', "O'Brien", 'Müller', 'Nordmann', 'Åkesson', 'Øvergård', 'García Márquez', 'Nguyễn', 'Kowalski'],
  ...["D'Angelo", 'van der Meer', 'Schmidt-Weiß', 'Çelik', 'Dvořák', 'Иванова', 'Παπαδόπουλος', '田中', '김'],
  ...[
    'Smith',
    'Jones',
    'Patel',
    'Okafor',
    'Haddad',
    'Levy',
    "N'Diaye",
    'MacLeod',
    'Þórsdóttir',
    'Šimić',
    'Lund',
  ],
  ...[
    'Rosa e Silva',
    'Lefèvre',
    'Costa',
    'Yamamoto',
    'Ahmed',
    'de la Cruz',
    'Bjørnson',
    'Ferna\u0301ndez',
    "L'Écuyer",
  ],
];

const COMPANY_WORDS = [
  'Fjord',
  'Moss',
  'Granit',
  'Élan',
  'Nordlys',
  "Baker's",
  'Zürich',
  'Águila',
  'Kestrel',
  '東京',
];
const COMPANY_TRADES = [
  'Timber',
  'Logistics',
  'Foods & Co',
  'Textiles',
  'Energy',
  'Møbler',
  'Robotics',
  'Shipping',
];
const COMPANY_FORMS = ['AS', 'Ltd', 'GmbH', 'S.A.', 'Inc.', 'AB', 'B.V.', '株式会社'];
const STREETS = [
  'Storgata',
  'Rue de l’Église',
  'Hauptstraße',
  'Main Street',
  'Calle Mayor',
  "King's Road",
  'Kungsgatan',
];
const CITIES = [
  ['Tromsø', 'Troms', 'Norway'],
  ['Zürich', 'ZH', 'Switzerland'],
  ['São Paulo', 'SP', 'Brazil'],
  ["Coeur d'Alene", 'Idaho', 'United States'],
  ['Kraków', 'Małopolska', 'Poland'],
  ['Gothenburg', 'Västra Götaland', 'Sweden'],
  ['Austin', 'Texas', 'United States'],
] as const;
const PLACE_KINDS = ['Depot', 'Warehouse', 'Showroom', 'Büro', 'Entrepôt', 'Lager'];
const LONG_FIRST = 'Maria Fernanda Guadalupe de los Ángeles Concepción';
const LONG_LAST = 'Wolfeschlegelsteinhausenbergerdorff-Montgomery-Åse';
/** So many people share the names there are. More of them get further last names: groups of the same name do not grow. */
const PEOPLE_A_NAME_SET = 100_000;
/** From here on the indexes are of people that the other system does not have, named as those from 0 on. */
const STRANGERS = 10_000_000;
const DIFFERENCES = ['firstName', 'lastName', 'phone'] as const;

/** A well mixed 32-bit number of the three inputs. */
function hash(seed: number, index: number, salt: number): number {
  let h =
    Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35) ^ Math.imul(salt, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

function pick<T>(list: readonly T[], number: number): T {
  const item = list[number % list.length];
  if (item === undefined) {
    throw new Error('pick needs a list with items');
  }
  return item;
}

/** Plain letters of a name; empty where it has none in the Latin script. */
function slug(name: string): string {
  return name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

const SLUGS = new Map(
  [...FIRST_NAMES, ...LAST_NAMES, LONG_FIRST, LONG_LAST].map((name) => [name, slug(name)]),
);

function phoneOf(seed: number, index: number, salt: number): string {
  const digits = String(hash(seed, index, salt) % 10_000_000).padStart(7, '0');
  return `+1 555 ${digits.slice(0, 3)} ${digits.slice(3)}`;
}

/** Whether this index is among the 5 % that are inactive. */
function isInactive(seed: number, index: number): boolean {
  return hash(seed, Math.floor(index / 20), 90) % 20 === index % 20;
}

/** The person of this index: unique e-mail, non-empty names. */
export function person(seed: number, index: number): SeedPerson {
  const rare = hash(seed, index, 1) % 50;
  const firstName = rare === 0 ? LONG_FIRST : pick(FIRST_NAMES, hash(seed, index, 2));
  const lastName = rare === 1 ? LONG_LAST : pick(LAST_NAMES, hash(seed, index, 3));
  const mark = `${seed.toString(36)}.${index.toString(36)}`;
  const local = `${SLUGS.get(firstName) || 'p'}.${(SLUGS.get(lastName) || 'q').slice(0, 30)}`.slice(0, 60);
  const tag = rare === 2 ? '+news' : '';
  return {
    firstName,
    lastName: lastName === LONG_LAST ? lastName : lastName + furtherName(index),
    email: `${local}.${mark}${tag}@${pick(['example.com', 'mail-one.example', 'post.example'], rare)}`,
    phone: hash(seed, index, 4) % 10 === 0 ? '' : phoneOf(seed, index, 5),
    active: !isInactive(seed, index),
  };
}

/** What comes behind the last name, nothing for the first ones. */
function furtherName(index: number): string {
  const set = Math.floor((index % STRANGERS) / PEOPLE_A_NAME_SET);
  return set === 0 ? '' : `-${pick(LAST_NAMES, set)}`;
}

/** The contact's version of `person(seed, index)`: a fifth of them differ in exactly one field, some in the e-mail's letter case. */
export function contactVariant(seed: number, index: number): SeedContact {
  const base = person(seed, index);
  const email =
    hash(seed, index, 6) % 4 === 0 ? base.email.charAt(0).toUpperCase() + base.email.slice(1) : base.email;
  const variant: SeedContact = { ...base, email, differs: undefined };
  if (hash(seed, Math.floor(index / 5), 91) % 5 !== index % 5) {
    return variant;
  }
  const differs = pick(DIFFERENCES, hash(seed, index, 7));
  if (differs === 'phone') {
    return { ...variant, differs, phone: phoneOf(seed, index, 8).replace('555', '556') };
  }
  const names = differs === 'firstName' ? FIRST_NAMES : LAST_NAMES;
  const place = hash(seed, index, 9);
  const further = differs === 'lastName' ? furtherName(index) : '';
  const candidate = pick(names, place) + further;
  const other = candidate === base[differs] ? pick(names, place + 1) + further : candidate;
  return { ...variant, differs, [differs]: other };
}

/** What is odd about contact `position` of a batch of `count`: the last 3.5 % only, so that the first ones stay plain. */
export function oddContactAt(position: number, count: number): OddContact | undefined {
  const none = Math.round(count * 0.02);
  const refused = Math.round(count * 0.01);
  // Sharing needs two, so an odd number is rounded up; the second one of each pair takes the first one's e-mail.
  const shared = 2 * Math.ceil(Math.round(count * 0.005) / 2);
  const fromEnd = count - 1 - position;
  if (fromEnd < none) {
    return 'noEmail';
  }
  if (fromEnd < none + refused) {
    return 'refusedEmail';
  }
  const fromShared = fromEnd - none - refused;
  return fromShared < shared && fromShared % 2 === 0 ? 'previousEmail' : undefined;
}

/** The company of this index: unique name. */
export function company(seed: number, index: number): SeedCompany {
  const words = `${pick(COMPANY_WORDS, hash(seed, index, 20))} ${pick(COMPANY_TRADES, hash(seed, index, 21))}`;
  const rare = hash(seed, index, 22) % 40;
  const middle = rare === 0 ? ` ${'International Holdings '.repeat(5).trim()}` : '';
  const name = `${words}${middle} ${pick(COMPANY_FORMS, hash(seed, index, 23))} ${seed}-${index}`;
  const [city, state, country] = pick(CITIES, hash(seed, index, 24));
  const mark = `${seed.toString(36)}-${index.toString(36)}`;
  return {
    name,
    active: !isInactive(seed, index + 7),
    description: rare === 1 ? 'Long standing customer. '.repeat(60).trim() : '',
    phone: rare % 8 === 2 ? '' : phoneOf(seed, index, 25),
    website: rare % 3 === 0 ? '' : `https://${mark}.example`,
    street: `${pick(STREETS, hash(seed, index, 26))} ${1 + (hash(seed, index, 27) % 200)}`,
    city,
    state,
    zipCode: String(10_000 + (hash(seed, index, 28) % 80_000)),
    country,
  };
}

/** The place of this index: its title never equals a company's name. */
export function place(seed: number, index: number): SeedPlace {
  const [city, state] = pick(CITIES, hash(seed, index, 40));
  return {
    title: `${pick(PLACE_KINDS, hash(seed, index, 41))} ${city} ${seed}.${index}`,
    address: `${pick(STREETS, hash(seed, index, 42))} ${1 + (hash(seed, index, 43) % 200)}`,
    city,
    state,
    zipCode: hash(seed, index, 44) % 12 === 0 ? '' : String(10_000 + (hash(seed, index, 45) % 80_000)),
  };
}
