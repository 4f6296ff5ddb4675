//! Every option of the attribute.

mod cache;
mod claims;
mod crate_path;
mod every_kind;
mod groups;
mod login;
mod optional;
mod organizations;
mod policy;
mod policy_functions;
mod private_policy;
mod scopes;
mod state;
mod step_up;
mod trailing_comma;
