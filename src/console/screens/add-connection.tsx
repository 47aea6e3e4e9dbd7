import { zodResolver } from '@hookform/resolvers/zod';
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import Radio from '@mui/material/Radio';
import RadioGroup from '@mui/material/RadioGroup';
import Stack from '@mui/material/Stack';
import Step from '@mui/material/Step';
import StepLabel from '@mui/material/StepLabel';
import Stepper from '@mui/material/Stepper';
import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { type UseFormReturn, useForm } from 'react-hook-form';
import { useNavigate } from 'react-router';
import { z } from 'zod';
import { api } from '../api/client';
import type { Connection } from '../api/types';
import { ErrorNotice } from '../parts/loaded';
import { ConnectionTestSteps } from './connection-test';
import { bareDomain } from './environment';

const form = z
  .object({
    name: z.string().trim().min(1, 'Give the connection a name.').max(100),
    environment: z.string().trim(),
    own: z.enum(['no', 'yes']),
    tenantId: z.string().trim(),
    clientId: z.string().trim(),
    clientSecret: z.string(),
  })
  .superRefine((value, context) => {
    if (value.own === 'no') return;
    for (const path of ['tenantId', 'clientId', 'clientSecret'] as const) {
      if (value[path] === '') context.addIssue({ code: 'custom', path: [path], message: 'Is needed.' });
    }
  });
type Form = z.infer<typeof form>;

const STEPS = ['Environment', 'Credentials', 'Test'] as const;

/** Makes a connection step by step; its test is the last step. */
export function AddConnection({ onClose }: { readonly onClose: () => void }) {
  const [step, setStep] = useState(0);
  const [made, setMade] = useState<Connection>();
  const navigate = useNavigate();
  const inputs = useForm<Form>({
    resolver: zodResolver(form),
    defaultValues: { name: '', environment: '', own: 'no', tenantId: '', clientId: '', clientSecret: '' },
  });
  const create = api.useMutation('post', '/api/connections', { meta: { showsErrors: true } });
  const goOn = async () => {
    if (step === 0) {
      if (await inputs.trigger(['name', 'environment'])) setStep(1);
      return;
    }
    await inputs.handleSubmit((value) =>
      create.mutate(
        { body: bodyOf(value) },
        {
          onSuccess: (connection) => {
            setMade(connection);
            setStep(2);
          },
        },
      ),
    )();
  };
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" aria-labelledby="add-title">
      <DialogTitle id="add-title">Add connection</DialogTitle>
      <DialogContent>
        <Stepper activeStep={step} sx={{ mb: 3 }}>
          {STEPS.map((label) => (
            <Step key={label}>
              <StepLabel>{label}</StepLabel>
            </Step>
          ))}
        </Stepper>
        {step === 0 && <EnvironmentStep inputs={inputs} />}
        {step === 1 && <CredentialsStep inputs={inputs} />}
        {made !== undefined && <ConnectionTestSteps connectionId={made.id} />}
        <ErrorNotice error={create.error} />
      </DialogContent>
      <DialogActions>
        {made === undefined ? (
          <>
            <Button onClick={step === 0 ? onClose : () => setStep(0)}>
              {step === 0 ? 'Cancel' : 'Back'}
            </Button>
            <Button variant="contained" onClick={() => void goOn()} loading={create.isPending}>
              {step === 0 ? 'Next' : 'Create and test'}
            </Button>
          </>
        ) : (
          <>
            <Button onClick={onClose}>Close</Button>
            <Button variant="contained" onClick={() => void navigate(`/connections/${made.id}/mappings`)}>
              Go on to the mappings
            </Button>
          </>
        )}
      </DialogActions>
    </Dialog>
  );
}

function bodyOf({ own, name, environment, tenantId, clientId, clientSecret }: Form) {
  return {
    name,
    provider: 'Dynamics365' as const,
    ...(environment === '' ? {} : { environment }),
    ...(own === 'yes' ? { tenantId, clientId, clientSecret } : {}),
  };
}

interface StepProps {
  readonly inputs: UseFormReturn<Form>;
}

function EnvironmentStep({ inputs }: StepProps) {
  const { register, formState, getValues, setValue } = inputs;
  const [corrected, setCorrected] = useState<string>();
  const environment = register('environment', {
    onBlur: () => {
      const given = getValues('environment');
      const domain = bareDomain(given);
      setCorrected(domain === given.trim() ? undefined : given);
      setValue('environment', domain);
    },
  });
  return (
    <Stack spacing={2} sx={{ pt: 1 }}>
      <TextField select label="Provider" defaultValue="Dynamics365">
        <MenuItem value="Dynamics365">Dynamics 365</MenuItem>
      </TextField>
      <TextField
        label="Name"
        placeholder="Production Dynamics"
        autoFocus
        {...register('name')}
        error={formState.errors.name !== undefined}
        helperText={formState.errors.name?.message ?? 'How people tell this connection from others.'}
      />
      <TextField
        label="Environment"
        placeholder="yourorg.crm.dynamics.com"
        {...environment}
        error={formState.errors.environment !== undefined}
        helperText="The bare domain, as the browser shows it in Dynamics. Left empty: the environment of the deployment."
      />
      {corrected !== undefined && (
        <Alert severity="info">
          "{corrected}" is a full address; only the domain is needed, so it was shortened to "
          {bareDomain(corrected)}".
        </Alert>
      )}
    </Stack>
  );
}

function CredentialsStep({ inputs }: StepProps) {
  const { register, watch, formState, setValue } = inputs;
  const own = watch('own');
  const fields = [
    { name: 'tenantId', label: 'Directory (tenant) id', type: 'text' },
    { name: 'clientId', label: 'Application (client) id', type: 'text' },
    { name: 'clientSecret', label: 'Client secret', type: 'password' },
  ] as const;
  return (
    <Stack spacing={2} sx={{ pt: 1 }}>
      <RadioGroup
        aria-label="Credentials"
        value={own}
        onChange={(event) => setValue('own', event.target.value === 'yes' ? 'yes' : 'no')}
      >
        <FormControlLabel value="no" control={<Radio />} label="Those of the deployment (app settings)" />
        <FormControlLabel value="yes" control={<Radio />} label="Its own app registration" />
      </RadioGroup>
      {own === 'yes' &&
        fields.map(({ name, label, type }) => (
          <TextField
            key={name}
            label={label}
            type={type}
            autoComplete="off"
            {...register(name)}
            error={formState.errors[name] !== undefined}
            helperText={
              formState.errors[name]?.message ??
              (name === 'clientSecret'
                ? 'The value, not the id. It goes to the key vault and is never shown.'
                : ' ')
            }
          />
        ))}
    </Stack>
  );
}
