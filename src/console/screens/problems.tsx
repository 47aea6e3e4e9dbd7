import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { api, client } from '../api/client';
import { usePace } from '../api/pace';
import { usePages } from '../api/pages';
import { mayDo } from '../api/session';
import type { Connection, ProblemItem, RetryBody } from '../api/types';
import { formatNumber, words } from '../parts/format';
import { Empty, Loaded } from '../parts/loaded';
import { notify } from '../parts/notices';
import { Section, StatusChip, Time } from '../parts/small';
import { AmbiguousPairs } from './ambiguous-pairs';
import { useConnection } from './connection';
import { RecordLink } from './record-link';

const KINDS = ['failed', 'ambiguous', 'deadLetter', 'skipped'] as const;
const NAMES: Record<(typeof KINDS)[number], string> = {
  failed: 'Failed',
  ambiguous: 'Ambiguous',
  deadLetter: 'Given up',
  skipped: 'Skipped',
};
const MEANINGS: Record<(typeof KINDS)[number], string> = {
  failed:
    'These records could not be written. They are tried again by themselves; after a repair you need not wait.',
  ambiguous: 'Several records could be partners of each other. Link the two that belong together.',
  deadLetter: 'The work on these was given up after several tries. Replay them when the cause is gone.',
  skipped: 'These records were left out, since they cannot be synced as they are.',
};

/** What a person should look at, by kind. */
export function Problems() {
  const connection = useConnection();
  const [kind, setKind] = useState<(typeof KINDS)[number]>('failed');
  const pace = usePace(10_000);
  const query = usePages({
    queryKey: ['problems', connection.id, kind],
    load: (cursor) =>
      client.GET('/api/connections/{id}/problems', {
        params: { path: { id: connection.id }, query: { kind, limit: 50, ...cursor } },
      }),
    refetchInterval: pace.interval,
  });
  const counts = query.data?.pages[0]?.counts;
  return (
    <Section title="Problems">
      <Stack
        direction="row"
        useFlexGap
        sx={{ flexWrap: 'wrap', gap: 1, mb: 1 }}
        role="group"
        aria-label="Kind"
      >
        {KINDS.map((one) => (
          <Chip
            key={one}
            label={`${NAMES[one]} (${counts === undefined ? '–' : formatNumber(counts[one] ?? 0)})`}
            color={one === kind ? 'primary' : 'default'}
            variant={one === kind ? 'filled' : 'outlined'}
            aria-pressed={one === kind}
            onClick={() => setKind(one)}
          />
        ))}
      </Stack>
      <Typography variant="body2" color="textSecondary" sx={{ mb: 1 }}>
        {MEANINGS[kind]}
      </Typography>
      <Loaded query={query}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          return items.length === 0 ? (
            <Empty title="Nothing of this kind">What needs a person shows up here by itself.</Empty>
          ) : (
            <>
              <RetryAll connection={connection} kind={kind} items={items} onStarted={pace.hurry} />
              {kind === 'ambiguous' && <AmbiguousPairs connection={connection} />}
              <Box component="ul" sx={{ listStyle: 'none', p: 0, m: 0 }}>
                {items.map((item) => (
                  <Item key={item.id} connection={connection} item={item} onStarted={pace.hurry} />
                ))}
              </Box>
              {query.hasNextPage && <Button onClick={() => void query.fetchNextPage()}>Show more</Button>}
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

interface RetryAllProps {
  readonly connection: Connection;
  readonly kind: (typeof KINDS)[number];
  readonly items: readonly ProblemItem[];
  readonly onStarted: () => void;
}

function useRetry(connection: Connection, onStarted: () => void) {
  const retry = api.useMutation('post', '/api/connections/{id}/problems/retry', {
    onSuccess: ({ accepted }) => {
      onStarted();
      notify(`${formatNumber(accepted)} will be tried again now.`);
    },
  });
  return {
    isPending: retry.isPending,
    start: (body: RetryBody) => retry.mutate({ params: { path: { id: connection.id } }, body }),
  };
}

const isRetried = ({ actions }: ProblemItem) => actions.includes('retry');

function RetryAll({ connection, kind, items, onStarted }: RetryAllProps) {
  const retry = useRetry(connection, onStarted);
  if (!mayDo('sync.operate') || !items.some(isRetried)) return null;
  return (
    <Button variant="outlined" loading={retry.isPending} onClick={() => retry.start({ kind })} sx={{ mb: 1 }}>
      {kind === 'deadLetter' ? 'Replay all' : 'Retry all'}
    </Button>
  );
}

interface ItemProps {
  readonly connection: Connection;
  readonly item: ProblemItem;
  readonly onStarted: () => void;
}

function Item({ connection, item, onStarted }: ItemProps) {
  const retry = useRetry(connection, onStarted);
  return (
    <Box component="li" sx={{ py: 1.5, borderTop: 1, borderColor: 'divider' }}>
      <Stack direction={{ xs: 'column', sm: 'row' }} spacing={1} sx={{ alignItems: { sm: 'center' } }}>
        <Box sx={{ flexGrow: 1, minWidth: 0, overflowWrap: 'anywhere' }}>
          <Stack direction="row" useFlexGap spacing={1} sx={{ alignItems: 'center', flexWrap: 'wrap' }}>
            <StatusChip status={item.kind} label={words(item.code)} />
            <RecordLink connectionId={connection.id} item={item} />
          </Stack>
          <Typography sx={{ mt: 0.5 }}>{item.message}</Typography>
          <Typography variant="body2" color="textSecondary">
            Since <Time at={item.since} />, {formatNumber(item.attempts)}{' '}
            {item.attempts === 1 ? 'attempt' : 'attempts'}
          </Typography>
        </Box>
        {mayDo('sync.operate') && isRetried(item) && (
          <Button loading={retry.isPending} onClick={() => retry.start({ ids: [item.id] })}>
            {item.kind === 'deadLetter' ? 'Replay' : 'Retry'}
          </Button>
        )}
      </Stack>
    </Box>
  );
}
