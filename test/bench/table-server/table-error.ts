/** An answer other than success, by the code that the service gives it. */
export class TableError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const noTable = () => new TableError(404, 'TableNotFound', 'The table specified does not exist.');
export const tableExists = () =>
  new TableError(409, 'TableAlreadyExists', 'The table specified already exists.');
export const noEntity = () =>
  new TableError(404, 'ResourceNotFound', 'The specified resource does not exist.');
export const entityExists = () =>
  new TableError(409, 'EntityAlreadyExists', 'The specified entity already exists.');
export const changed = () =>
  new TableError(
    412,
    'UpdateConditionNotSatisfied',
    'The update condition specified in the request was not satisfied.',
  );
export const badRequest = (message: string) => new TableError(400, 'InvalidInput', message);
