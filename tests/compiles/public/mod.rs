//! Handlers that are public on purpose.

mod handlers;
