//! Bodies of handlers.

mod coercions;
mod diverges;
