import { zodResolver } from '@hookform/resolvers/zod';
import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import Stack from '@mui/material/Stack';
import Switch from '@mui/material/Switch';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { Controller, type UseFormReturn, useForm } from 'react-hook-form';
import { z } from 'zod';
import { api } from '../api/client';
import { mayDo } from '../api/session';
import type { Connection, ConnectionBody } from '../api/types';
import { ErrorNotice } from '../parts/loaded';
import { notify } from '../parts/notices';
import { Section } from '../parts/small';
import { AlertSettings } from './alert-settings';
import { useConnection } from './connection';
import { ConnectionTestSteps } from './connection-test';
import { Credentials } from './credentials';
import { NextTimes } from './next-times';
import { DangerZone } from './settings-parts';

/** What the connection does by itself, and how. */
export function Settings() {
  const connection = useConnection();
  const [isTesting, setTesting] = useState(false);
  return (
    <Stack spacing={2}>
      <SettingsForm key={connection.updatedAt} connection={connection} />
      <Credentials connection={connection} />
      <Section
        title="Connection test"
        actions={mayDo('sync.admin') && !isTesting && <Button onClick={() => setTesting(true)}>Test</Button>}
      >
        {isTesting ? (
          <ConnectionTestSteps connectionId={connection.id} />
        ) : (
          <Typography color="textSecondary">Tries what a sync needs, on both sides.</Typography>
        )}
      </Section>
      <AlertSettings connection={connection} />
      {mayDo('sync.admin') && <DangerZone connection={connection} />}
    </Stack>
  );
}

interface PartProps {
  readonly connection: Connection;
}

const form = z.object({
  name: z.string().trim().min(1).max(100),
  direction: z.enum(['Bidirectional', 'Inbound', 'Outbound']),
  syncIntervalMinutes: z.coerce.number<number>().int().min(1).max(1440),
  fullSyncSchedule: z.string().trim(),
  conflictPolicy: z.enum(['lastWriteWins', 'dynamicsWins', 'authScapeWins']),
  deletePolicy: z.enum(['deactivate', 'delete', 'unlink', 'ignore']),
  logValues: z.enum(['all', 'changedOnly', 'none']),
  isGuarded: z.boolean(),
  guardCount: z.coerce.number<number>().int().min(1),
  guardPercent: z.coerce.number<number>().min(0.1).max(100),
});
type Form = z.infer<typeof form>;

const CHOICES = {
  direction: {
    label: 'Direction',
    help: 'Caps what mappings and fields may do.',
    options: {
      Bidirectional: 'Both ways',
      Inbound: 'Dynamics to AuthScape only',
      Outbound: 'AuthScape to Dynamics only',
    },
  },
  conflictPolicy: {
    label: 'When the same field changed on both sides',
    help: 'Example: a phone number is edited in AuthScape at 9:00 and in Dynamics at 9:05. The last write wins: Dynamics’ number. The value that lost is in the log.',
    options: {
      lastWriteWins: 'The last write wins',
      dynamicsWins: 'Dynamics wins',
      authScapeWins: 'AuthScape wins',
    },
  },
  deletePolicy: {
    label: 'When a record is deleted on one side',
    help: 'Example: a contact is deleted in Dynamics. With “deactivate” its user stays in AuthScape and is inactive.',
    options: {
      deactivate: 'Deactivate the other record',
      delete: 'Delete the other record',
      unlink: 'Only forget that they belong together',
      ignore: 'Do nothing',
    },
  },
  logValues: {
    label: 'Values in the log',
    help: 'Without values the record page tells which rule wrote a field, and not what was there before.',
    options: {
      all: 'Keep all',
      changedOnly: 'Not those that a new record was made with',
      none: 'Keep none',
    },
  },
} as const;

function valuesOf(connection: Connection): Form {
  const { name, direction, syncIntervalMinutes, conflictPolicy, deletePolicy, logValues } = connection;
  const { massDeleteGuard } = connection;
  return {
    ...{ name, direction, syncIntervalMinutes, conflictPolicy, deletePolicy, logValues },
    fullSyncSchedule: connection.fullSyncSchedule ?? '',
    isGuarded: massDeleteGuard !== null,
    guardCount: massDeleteGuard?.count ?? 50,
    guardPercent: massDeleteGuard?.percent ?? 5,
  };
}

function bodyOf({ isGuarded, guardCount, guardPercent, fullSyncSchedule, ...same }: Form): ConnectionBody {
  return {
    ...same,
    fullSyncSchedule: fullSyncSchedule === '' ? null : fullSyncSchedule,
    massDeleteGuard: isGuarded ? { count: guardCount, percent: guardPercent } : null,
  };
}

function SettingsForm({ connection }: PartProps) {
  const isAdmin = mayDo('sync.admin');
  const inputs = useForm<Form>({
    resolver: zodResolver(form),
    defaultValues: valuesOf(connection),
    disabled: !isAdmin,
  });
  const save = api.useMutation('patch', '/api/connections/{id}', {
    meta: { showsErrors: true },
    onSuccess: () => notify('The settings were saved.'),
  });
  const submit = inputs.handleSubmit((values) =>
    save.mutate({ params: { path: { id: connection.id } }, body: bodyOf(values) }),
  );
  return (
    <Section title="Settings">
      <Stack
        component="form"
        spacing={2.5}
        sx={{ maxWidth: 640, pt: 1 }}
        onSubmit={(event) => void submit(event)}
      >
        <Text inputs={inputs} name="name" label="Name" />
        <Choice inputs={inputs} name="direction" />
        <Text
          inputs={inputs}
          name="syncIntervalMinutes"
          label="Incremental sync every … minutes"
          type="number"
        />
        <Text
          inputs={inputs}
          name="fullSyncSchedule"
          label="Full sync schedule (UTC)"
          help="Six fields: second, minute, hour, day, month, weekday; 0 0 2 * * * is each night at 2:00 UTC. Empty: none."
        />
        <NextTimes schedule={inputs.watch('fullSyncSchedule')} />
        <Choice inputs={inputs} name="conflictPolicy" />
        <Choice inputs={inputs} name="deletePolicy" />
        <Choice inputs={inputs} name="logValues" />
        <Guard inputs={inputs} />
        <ErrorNotice error={save.error} />
        {isAdmin && (
          <Button
            type="submit"
            variant="contained"
            sx={{ alignSelf: 'flex-start' }}
            loading={save.isPending}
            disabled={!inputs.formState.isDirty}
          >
            Save settings
          </Button>
        )}
      </Stack>
    </Section>
  );
}

interface InputProps<N extends keyof Form> {
  readonly inputs: UseFormReturn<Form>;
  readonly name: N;
}

function Text(
  props: InputProps<'name' | 'syncIntervalMinutes' | 'fullSyncSchedule' | 'guardCount' | 'guardPercent'> & {
    readonly label: string;
    readonly type?: string;
    readonly help?: string;
  },
) {
  const { register, formState } = props.inputs;
  const fault = formState.errors[props.name];
  return (
    <TextField
      label={props.label}
      type={props.type ?? 'text'}
      {...register(props.name)}
      error={fault !== undefined}
      helperText={fault?.message ?? props.help}
      slotProps={{ htmlInput: { step: 'any' } }}
    />
  );
}

function Choice({ inputs, name }: InputProps<keyof typeof CHOICES>) {
  const { label, help, options } = CHOICES[name];
  return (
    <Controller
      control={inputs.control}
      name={name}
      render={({ field }) => (
        <TextField select label={label} helperText={help} {...field}>
          {Object.entries(options).map(([value, text]) => (
            <MenuItem key={value} value={value}>
              {text}
            </MenuItem>
          ))}
        </TextField>
      )}
    />
  );
}

function Guard({ inputs }: { readonly inputs: UseFormReturn<Form> }) {
  const isGuarded = inputs.watch('isGuarded');
  return (
    <>
      <Controller
        control={inputs.control}
        name="isGuarded"
        render={({ field: { value, ...field } }) => (
          <FormControlLabel
            control={<Switch checked={value} {...field} />}
            label="Hold many deletes for approval"
          />
        )}
      />
      {isGuarded && (
        <Stack direction="row" spacing={2}>
          <Text inputs={inputs} name="guardCount" label="More than … records" type="number" />
          <Text inputs={inputs} name="guardPercent" label="More than … percent of the links" type="number" />
        </Stack>
      )}
      {isGuarded && (
        <Typography variant="body2" color="textSecondary">
          Whichever is less, but at least 5: such a run removes nothing and asks first.
        </Typography>
      )}
    </>
  );
}
