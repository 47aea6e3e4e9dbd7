import { createTheme } from '@mui/material/styles';

/** Light and dark follow the system, and so does whether anything moves. */
export const theme = createTheme({
  cssVariables: { colorSchemeSelector: 'media' },
  colorSchemes: {
    light: {
      palette: {
        contrastThreshold: 4.5,
        primary: { main: '#1565c0' },
        background: { default: '#f5f6f8' },
        // Dark enough to be read as text.
        success: { main: '#2e7d32' },
        warning: { main: '#a84b00' },
        info: { main: '#01579b' },
        error: { main: '#c62828' },
      },
    },
    dark: {
      palette: {
        contrastThreshold: 4.5,
        primary: { main: '#90caf9' },
        error: { main: '#ff8a80' },
        background: { default: '#111418', paper: '#1a1f25' },
      },
    },
  },
  motion: { reducedMotion: 'system' },
  shape: { borderRadius: 6 },
  typography: {
    fontFamily: 'Roboto, "Segoe UI", system-ui, -apple-system, "Helvetica Neue", Arial, sans-serif',
    h5: { fontWeight: 500 },
    h6: { fontSize: '1.05rem', fontWeight: 600 },
    button: { textTransform: 'none' },
  },
  components: {
    MuiButton: { defaultProps: { disableElevation: true } },
    MuiPaper: { defaultProps: { variant: 'outlined' } },
    MuiAppBar: { defaultProps: { variant: 'elevation', elevation: 0 } },
    MuiMenu: { defaultProps: { slotProps: { paper: { variant: 'elevation' } } } },
    MuiDialog: { defaultProps: { slotProps: { paper: { variant: 'elevation' } } } },
    MuiTextField: { defaultProps: { size: 'small', fullWidth: true } },
    // What scrolls sideways on a small screen is scrolled by keyboard too.
    MuiTableContainer: { defaultProps: { tabIndex: 0 } },
    MuiTab: { styleOverrides: { root: { minHeight: 44 } } },
    MuiTooltip: { defaultProps: { enterTouchDelay: 300 } },
    MuiTableCell: { styleOverrides: { head: { fontWeight: 600 } } },
  },
});
