// Asks for a folder's page: /docs/ becomes /docs/index.html.
// The root stays as it is: it is the distribution's default root object.
function handler(event) {
  var request = event.request;
  if (request.uri.length > 1 && request.uri.endsWith('/')) {
    request.uri += 'index.html';
  }
  return request;
}
