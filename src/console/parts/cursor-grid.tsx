import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import { DataGrid, type GridColDef, type GridValidRowModel } from '@mui/x-data-grid';
import { keepPreviousData, type QueryKey, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Loaded } from './loaded';
import { nonce } from './nonce';

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string | undefined;
}

/** Where a page begins, as the API takes it. */
interface PageStart {
  readonly limit: number;
  readonly cursor?: string;
}

interface CursorGridProps<T extends GridValidRowModel> {
  readonly label: string;
  readonly columns: readonly GridColDef<T>[];
  readonly queryKey: QueryKey;
  /** Reads one page; the first has no cursor. */
  readonly load: (start: PageStart) => Promise<{ readonly data?: Page<T> | undefined }>;
  readonly refreshMs?: number | false;
  readonly idOf: (row: T) => string;
  readonly emptyText: string;
  readonly onOpen?: (row: T) => void;
}

/** A list that is paged by the API's cursor: the cursors of the pages seen so far are kept to go back. */
export function CursorGrid<T extends GridValidRowModel>(props: CursorGridProps<T>) {
  const { queryKey, load, onOpen, refreshMs = false } = props;
  const [cursors, setCursors] = useState<readonly (string | undefined)[]>([undefined]);
  const [{ page, pageSize }, setPage] = useState({ page: 0, pageSize: 50 });
  const cursor = cursors[page];
  const query = useQuery({
    queryKey: [...queryKey, cursor, pageSize],
    queryFn: async () => {
      const { data } = await load({ limit: pageSize, ...(cursor === undefined ? {} : { cursor }) });
      return data ?? { items: [] };
    },
    // The page before is shown until the next one has come.
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs,
  });
  return (
    <Loaded query={query}>
      {(data: Page<T>) => (
        <Box sx={{ display: 'flex', flexDirection: 'column', maxHeight: 'min(640px, 75vh)', minHeight: 220 }}>
          <Box sx={{ height: 4 }}>
            {query.isPlaceholderData && <LinearProgress aria-label={`Reading ${props.label}`} />}
          </Box>
          <DataGrid
            nonce={nonce}
            aria-label={props.label}
            rows={data.items}
            columns={props.columns}
            getRowId={props.idOf}
            density="compact"
            disableColumnFilter
            disableColumnSorting
            disableRowSelectionOnClick
            paginationMode="server"
            rowCount={data.nextCursor === undefined ? page * pageSize + data.items.length : -1}
            paginationMeta={{ hasNextPage: data.nextCursor !== undefined }}
            paginationModel={{ page, pageSize }}
            pageSizeOptions={[25, 50, 100]}
            onPaginationModelChange={(next) => {
              if (next.pageSize !== pageSize) setCursors([undefined]);
              else if (next.page > page) setCursors([...cursors.slice(0, next.page), data.nextCursor]);
              setPage(next.pageSize === pageSize ? next : { ...next, page: 0 });
            }}
            localeText={{ noRowsLabel: props.emptyText }}
            onRowClick={({ row }) => onOpen?.(row)}
            onCellKeyDown={({ row }, event) => {
              if (event.key === 'Enter') onOpen?.(row);
            }}
            sx={onOpen === undefined ? {} : { '& .MuiDataGrid-row': { cursor: 'pointer' } }}
          />
        </Box>
      )}
    </Loaded>
  );
}
