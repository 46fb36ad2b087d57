'use strict';
// A model behind an address: POST a row, or an array of rows, as JSON to /predict.
// Needs the package express, and a model file: node endpoint.js model.json [port]

const { ThalwegError, loadModel } = require('thalweg');

/** What this example needs besides thalweg. */
function needed(load) {
  try {
    return load();
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    console.error(`${error.message.split('\n')[0]}\nThis example needs more packages: npm install express`);
    process.exit(1);
  }
}

const express = needed(() => require('express'));

async function serve(file, port) {
  const model = await loadModel(file);
  const app = express();
  app.use(express.json({ limit: '1mb' }));

  app.get('/', (_, response) => {
    response.json({ target: model.target, columns: model.columns, classes: model.classes });
  });

  app.post('/predict', (request, response) => {
    try {
      response.json(model.predict(request.body));
    } catch (error) {
      // A column that is missing or misspelt, a value of another kind: the caller's to mend.
      if (!(error instanceof ThalwegError)) throw error;
      const { code, message, column, row } = error;
      response.status(400).json({ code, message, column, row });
    }
  });

  const server = app.listen(port, () => {
    console.log(`http://localhost:${server.address().port}`);
  });
}

const [file = 'model.json', port = '3000'] = process.argv.slice(2);
serve(file, Number(port)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
