//! The simulator from outside: over its service and over a socket.

mod client;
mod delta;
mod server;
