//! Lone handlers and their parameters.

mod explicit_user;
mod implicit_user;
mod parameters;
mod session;
mod unprotected;
