/** The API reference: Swagger UI over the document of this service. A key that is entered there is kept by the page only. */
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';

SwaggerUI({
  url: '/api/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'list',
  // The document may be sent to no validator outside.
  validatorUrl: null,
});
