// Node.js with the package ws, as its documentation has it. Arguments: port, folder of node_modules, seconds between pings (0: none).
const http = require('node:http');
const { createRequire } = require('node:module');

const [port, modules, pingSeconds] = process.argv.slice(2);
const { WebSocketServer } = createRequire(`${modules}/`)('ws');

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const text = Buffer.concat(parts);
    for (const client of sockets.clients) {
      client.send(text, { binary: false });
    }
    response.end();
  });
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (client) => {
  client.isAlive = true;
  client.on('pong', heard);
  client.on('error', () => {});
});

function heard() {
  this.isAlive = true;
}

if (Number(pingSeconds) > 0) {
  setInterval(() => {
    for (const client of sockets.clients) {
      if (!client.isAlive) {
        client.terminate();
      } else {
        client.isAlive = false;
        client.ping();
      }
    }
  }, Number(pingSeconds) * 1000);
}
server.listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 });
