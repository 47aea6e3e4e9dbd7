declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  interface Options {
    readonly url: string;
    readonly dom_id: string;
    readonly deepLinking: boolean;
    readonly docExpansion: 'list' | 'full' | 'none';
    readonly validatorUrl: null;
  }
  const SwaggerUI: (options: Options) => void;
  // biome-ignore lint/style/noDefaultExport: so the package exports it
  export default SwaggerUI;
}
