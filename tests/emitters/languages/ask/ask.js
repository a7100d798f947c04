'use strict';

// Puts the questions on standard input to the dsas.js given as the only argument: JSON in, JSON out.
const dsas = require(process.argv[2]);

const answers = JSON.parse(require('fs').readFileSync(0, 'utf8')).map(([name, , args]) => {
  const asked = dsas[name.replace(/_(.)/g, (_, letter) => letter.toUpperCase())];
  try {
    return { answer: typeof asked === 'function' ? asked(...args) : asked };
  } catch (error) {
    if (error instanceof dsas.DsasError) return { error: error.name };
    throw error;
  }
});
process.stdout.write(JSON.stringify(answers));
