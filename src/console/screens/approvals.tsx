import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemText from '@mui/material/ListItemText';
import Stack from '@mui/material/Stack';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, client } from '../api/client';
import { usePace } from '../api/pace';
import { mayDo } from '../api/session';
import type { Connection, ProblemItem } from '../api/types';
import { Confirm } from '../parts/confirm';
import { formatNumber } from '../parts/format';
import { Empty, Loaded } from '../parts/loaded';
import { notify } from '../parts/notices';
import { Section, Time } from '../parts/small';
import { useConnection } from './connection';
import { HeldRecord } from './held-record';

/** Changes that the mass-delete guard held: a person lets them go on or drops them. */
export function Approvals() {
  const connection = useConnection();
  const pace = usePace(5_000);
  const query = api.useQuery(
    'get',
    '/api/connections/{id}/problems',
    { params: { path: { id: connection.id }, query: { kind: 'held', limit: 500 } } },
    { refetchInterval: pace.interval },
  );
  return (
    <Section title="Approvals">
      <Loaded query={query}>
        {({ items, counts }) =>
          items.length === 0 ? (
            <Empty title="Nothing waits for a decision">
              When a run would remove more records than the guard allows, it removes none and lists them here.
            </Empty>
          ) : (
            <Held
              connection={connection}
              items={items}
              total={counts.held ?? items.length}
              onDecided={pace.hurry}
            />
          )
        }
      </Loaded>
    </Section>
  );
}

interface HeldProps {
  readonly connection: Connection;
  readonly items: readonly ProblemItem[];
  readonly total: number;
  readonly onDecided: () => void;
}

type Decision = 'approve' | 'reject';

function Held({ connection, items, total, onDecided }: HeldProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<Decision>();
  const present = items.filter(({ id }) => chosen.has(id));
  const decide = useDecision(connection, () => {
    setChosen(new Set());
    onDecided();
  });
  const toggle = (ids: readonly string[], on: boolean) => {
    const next = new Set(chosen);
    for (const id of ids) on ? next.add(id) : next.delete(id);
    setChosen(next);
  };
  const count = present.length === 0 ? total : present.length;
  const what = `${formatNumber(count)} ${count === 1 ? 'change' : 'changes'}`;
  return (
    <>
      <Alert severity="warning" sx={{ mb: 1 }}>
        {formatNumber(total)} {total === 1 ? 'change waits' : 'changes wait'} for a decision. A record that
        came back meanwhile leaves the list by itself.
      </Alert>
      {mayDo('sync.operate') && (
        <Stack direction="row" spacing={1} sx={{ mb: 1 }} useFlexGap>
          <Button
            variant="contained"
            color="error"
            loading={decide.isPending}
            onClick={() => setAsked('approve')}
          >
            Approve {present.length === 0 ? 'all' : what}
          </Button>
          <Button variant="outlined" disabled={decide.isPending} onClick={() => setAsked('reject')}>
            Reject {present.length === 0 ? 'all' : what}
          </Button>
        </Stack>
      )}
      {categoriesOf(items).map(([category, members]) => (
        <Category
          key={category}
          connection={connection}
          name={category}
          items={members}
          chosen={chosen}
          onToggle={toggle}
        />
      ))}
      <Confirm
        open={asked !== undefined}
        title={asked === 'approve' ? `Carry out ${what}?` : `Drop ${what}?`}
        action={asked === 'approve' ? 'Approve' : 'Reject'}
        isDangerous={asked === 'approve'}
        onClose={() => setAsked(undefined)}
        onConfirm={() => asked !== undefined && decide.mutate({ decision: asked, items: present })}
      >
        {asked === 'approve'
          ? 'What is removed on one side is then removed on the other, by the delete policy of the connection.'
          : 'The records stay on the side where they still are.'}
      </Confirm>
    </>
  );
}

function categoriesOf(items: readonly ProblemItem[]): [string, ProblemItem[]][] {
  const groups = new Map<string, ProblemItem[]>();
  for (const item of items) {
    const name = `${item.entity ?? 'Record'}: ${item.message}`;
    groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  return [...groups];
}

interface CategoryProps {
  readonly connection: Connection;
  readonly name: string;
  readonly items: readonly ProblemItem[];
  readonly chosen: ReadonlySet<string>;
  readonly onToggle: (ids: readonly string[], on: boolean) => void;
}

/** So many of a category are shown at first, and so many more each time: their names are read one by one. */
const SHOWN = 25;

function Category({ connection, name, items, chosen, onToggle }: CategoryProps) {
  const [shown, setShown] = useState(SHOWN);
  const ids = items.map(({ id }) => id);
  const count = ids.filter((id) => chosen.has(id)).length;
  return (
    <>
      <FormControlLabel
        control={
          <Checkbox
            checked={count === ids.length}
            indeterminate={count > 0 && count < ids.length}
            onChange={(_, on) => onToggle(ids, on)}
          />
        }
        label={`${name} (${formatNumber(ids.length)})`}
      />
      <List dense disablePadding aria-label={name}>
        {items.slice(0, shown).map((item) => (
          <ListItem key={item.id} disableGutters divider alignItems="flex-start">
            <Checkbox
              checked={chosen.has(item.id)}
              onChange={(_, on) => onToggle([item.id], on)}
              slotProps={{
                input: {
                  'aria-label': `Choose ${item.entity ?? 'record'} ${item.authScapeId ?? item.crmId ?? ''}`,
                },
              }}
            />
            <ListItemText
              primary={<HeldRecord connectionId={connection.id} item={item} />}
              secondary={
                <>
                  {item.field === undefined ? '' : `${item.field}, `}held since{' '}
                  <Time at={item.since} distance />
                </>
              }
              sx={{ overflowWrap: 'anywhere' }}
            />
          </ListItem>
        ))}
      </List>
      {items.length > shown && (
        <Button onClick={() => setShown(shown + SHOWN)}>
          Show more ({formatNumber(items.length - shown)})
        </Button>
      )}
    </>
  );
}

interface DecisionInput {
  readonly decision: Decision;
  /** Empty: everything that is held. */
  readonly items: readonly ProblemItem[];
}

/** A decision goes to the runs that wait; of a selection each change goes to the run that held it. */
function useDecision(connection: Connection, onDone: () => void) {
  return useMutation({
    mutationFn: async ({ decision, items }: DecisionInput) => {
      const path = { id: connection.id };
      const { data } = await client.GET('/api/connections/{id}/runs', {
        params: { path, query: { limit: 100 } },
      });
      const waiting = (data?.items ?? []).filter(({ status }) => status === 'awaitingApproval');
      for (const run of waiting) {
        const changeIds = items.filter(({ runId }) => (runId ?? run.id) === run.id).map(({ id }) => id);
        if (items.length > 0 && changeIds.length === 0) continue;
        await client.POST(`/api/runs/{runId}/${decision}`, {
          params: { path: { runId: run.id } },
          body: items.length === 0 ? {} : { changeIds },
        });
      }
    },
    onSuccess: (_, { decision }) => {
      onDone();
      notify(
        decision === 'approve'
          ? 'Approved: the changes are being carried out.'
          : 'Rejected: the records stay.',
      );
    },
  });
}
